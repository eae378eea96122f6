"""Signing in to the console, staying signed in, and signing out."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import httpx
import pytest

from console.visitor import Visitor
from countenance.access.attempts import MOST_MISTAKES
from countenance.access.sessions import AT_MOST, UNUSED_FOR
from serving import running_server

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rest.api import Api
    from serving import RunningServer


def test_who_has_not_signed_in_is_sent_to_sign_in_and_then_to_where_they_wanted(
    stranger: Visitor, api: Api
) -> None:
    page = stranger.get("/console/collections?after=x")
    assert page.path.startswith("/console/sign-in?then=")
    then = str(page.one("main input[name=then]")["value"])
    assert then == "/collections?after=x"
    arrived = stranger.post(
        "/console/sign-in", {"key_id": api.key_id, "secret": api.secret, "then": then}, follow=False
    )
    assert arrived.headers["location"] == "/console/collections?after=x"


@pytest.mark.parametrize(
    "then", ["https://evil.example/x", "//evil.example/x", "/\\evil.example/x", "javascript:alert(1)", "x"]
)
def test_after_signing_in_nobody_is_sent_anywhere_else(stranger: Visitor, api: Api, then: str) -> None:
    fields = {"key_id": api.key_id, "secret": api.secret, "then": then}
    arrived = stranger.post("/console/sign-in", fields, follow=False)
    assert arrived.status == 303
    assert arrived.headers["location"].startswith("/console/")


def test_a_wrong_secret_and_an_unknown_key_are_told_alike(stranger: Visitor, api: Api) -> None:
    told = {
        stranger.post("/console/sign-in", {"key_id": key_id, "secret": secret}).one("[role=alert]").get_text()
        for key_id, secret in ((api.key_id, "x" * 40), ("CTNCAAAAAAAAAAAAAAAA", api.secret), ("", ""))
    }
    assert told == {"There is no such access key, it is revoked, or the secret is another."}


def test_a_session_is_new_whatever_cookie_the_browser_had_and_scripts_cannot_read_it(
    stranger: Visitor, api: Api
) -> None:
    planted = "A" * 43
    stranger.client.cookies.set("countenance-session", planted, path="/console")
    arrived = stranger.post("/console/sign-in", {"key_id": api.key_id, "secret": api.secret}, follow=False)
    (cookie,) = [
        each for each in arrived.headers.get_list("set-cookie") if each.startswith("countenance-session=")
    ]
    assert planted not in cookie
    assert {"HttpOnly", "Path=/console", "SameSite=lax"} <= set(cookie.split("; "))


def test_a_session_ends_with_signing_out_in_the_database_too(admin: Visitor) -> None:
    token = admin.client.cookies["countenance-session"]
    assert admin.post("/console/sign-out", shown_on="/console/").says("You have signed out.")
    admin.client.cookies.set("countenance-session", token, path="/console")
    assert admin.get("/console/").path.startswith("/console/sign-in")


def test_a_session_ends_when_its_key_is_revoked(api: Api, visitor: Callable[[Api], Visitor]) -> None:
    other = api.with_key()
    signed_in = visitor(other)
    assert signed_in.get("/console/").path == "/console/"
    assert api.delete(f"/v1/keys/{other.key_id}").status == 204
    page = signed_in.get("/console/")
    assert page.says("Your session is over.")


@pytest.mark.parametrize(("column", "age"), [("used_at", UNUSED_FOR), ("began_at", AT_MOST)])
def test_a_session_ends_when_it_is_not_used_or_old(
    console: RunningServer, admin: Visitor, column: str, age: timedelta
) -> None:
    then = datetime.now(UTC).replace(tzinfo=None) - age
    statement = f"UPDATE console_sessions SET {column} = ?"  # noqa: S608 - the name is one of the two
    in_database(console, statement, then.isoformat(" "))
    assert admin.get("/console/").says("Your session is over.")


def test_the_database_holds_no_token(console: RunningServer, admin: Visitor) -> None:
    token = admin.client.cookies["countenance-session"].encode()
    for file in console.data_dir.glob("countenance.sqlite*"):
        assert token not in file.read_bytes()


def test_too_many_mistakes_and_an_address_has_to_wait(tmp_path: Path) -> None:
    with running_server(tmp_path / "data") as server:
        visitor = Visitor(server.endpoint_url)
        for _ in range(MOST_MISTAKES):
            assert visitor.post("/console/sign-in", {"key_id": "CTNCX", "secret": "x"}).status == 401
        right = {"key_id": server.access_key_id, "secret": server.secret_access_key}
        page = visitor.post("/console/sign-in", right)
        assert page.status == 429
        assert int(page.headers["retry-after"]) > 0
        assert page.says("Too many mistakes.")


def test_where_the_operator_wants_no_console_there_is_none(tmp_path: Path) -> None:
    with running_server(tmp_path / "data", console="false") as server:
        assert httpx.get(f"{server.endpoint_url}/console/").status_code != 200


def test_a_key_is_shown_only_what_it_may_use(api: Api, visitor: Callable[[Api], Visitor]) -> None:
    reviewer = visitor(api.with_key(operations=["*_review", "*_reviews"]))
    shown = {str(link["href"]) for link in reviewer.get("/console/").all("nav.side a")}
    assert shown == {"/console/", "/console/reviews"}


def test_the_reader_chooses_language_and_appearance(admin: Visitor) -> None:
    page = admin.post(
        "/console/appearance", {"language": "de", "theme": "dark", "then": "/console/"}, shown_on="/console/"
    )
    assert (page.one("html")["lang"], page.one("html")["data-theme"]) == ("de", "dark")
    page = admin.post(
        "/console/appearance", {"language": "xx", "theme": "pink", "then": "/"}, shown_on="/console/"
    )
    assert (page.one("html")["lang"], page.one("html")["data-theme"]) == ("de", "dark")


@pytest.mark.parametrize(
    ("accepted", "spoken"),
    [("de-AT,en;q=0.5", "de"), ("zh-CN", "zh"), ("nl,pt", "en"), ("hi-IN,hi;q=0.9", "hi"), ("*;q=%%%", "en")],
)
def test_the_language_is_what_the_browser_asks_for(
    console: RunningServer, accepted: str, spoken: str
) -> None:
    page = Visitor(console.endpoint_url, accepted).get("/console/sign-in")
    assert page.one("html")["lang"] == spoken


def in_database(server: RunningServer, statement: str, *values: str) -> None:
    """Change something in a server's database behind its back."""
    with sqlite3.connect(server.data_dir / "countenance.sqlite", timeout=30) as database:
        database.execute(statement, values)
