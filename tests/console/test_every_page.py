"""What holds of every page of the console, also of those made tomorrow: they are read from its routes."""

from __future__ import annotations

import itertools
import json
import re
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup

from console.every_page import Where, filled_in, forms, pages
from console.visitor import Visitor
from countenance.doors.console.application import ROUTES
from countenance.doors.console.routing import OpenRoute

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from console.filled import Filled

NEVER = ("unsafe-inline", "unsafe-eval", "http:", "https:", "*")
# A browser sends such paths only where somebody made a link of them; servers are sent them every day.
AWKWARD = (
    "..",
    "../../../../etc/passwd",
    "~..",
    "\0",
    "a\0b",
    "a\r\nSet-Cookie: x=1",
    "'\";--",
    '"><script>alert(1)</script>',
    "{{7*7}}",
    "%",
    "%s%n",
    "日本語 😀",
    "\u202egnp.exe",
    "\ud800",
    "x" * 900,
    "-1",
    "99999999999999999999",
    " ",
)
TOKENS = ("x", "..", "\0", "-1", "日本語", "eyJ9.e30=", "x" * 900)
QUERIES = (
    "subject",
    "name",
    "user",
    "face",
    "state",
    "kind",
    "done",
    "count",
    "since",
    "until",
    "to",
)
PARAMETER = re.compile(r"\{(\w+)(?::\w+)?\}")


@pytest.fixture(scope="module")
def visit(filled: Filled) -> Visitor:
    """Somebody who is signed in with an administrator's key."""
    return Visitor(filled.server.endpoint_url).sign_in(filled.api)


@pytest.fixture(scope="module")
def outsider(filled: Filled) -> Visitor:
    return Visitor(filled.server.endpoint_url)


@pytest.fixture(scope="module")
def powerless(filled: Filled) -> Visitor:
    """Somebody whose key may do only what no page does."""
    return Visitor(filled.server.endpoint_url).sign_in(filled.api.with_key(operations=["preview_monitor"]))


@pytest.fixture
def no_failure(filled: Filled) -> Iterator[None]:
    """Nothing that is asked makes the server fail."""
    before = len(filled.server.log())
    yield
    assert "request failed" not in filled.server.log()[before:]


def routes(method: str, *, is_open: bool = False) -> list[str]:
    return sorted(
        {
            route.path
            for route in ROUTES
            if method in route.methods and isinstance(route, OpenRoute) == is_open
        }
    )


def entries(filled: Filled) -> list[dict[str, object]]:
    """Return the ledger's entries, without leaving one."""
    with closing(sqlite3.connect(filled.server.data_dir / "countenance.sqlite", timeout=30)) as database:
        rows = database.execute("SELECT entry FROM ledger_entries ORDER BY place").fetchall()
    return [json.loads(entry) for (entry,) in rows]


def assert_safe(response: httpx.Response) -> None:
    headers = response.headers
    policy = headers["content-security-policy"]
    assert {"default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'"} <= set(
        policy.split("; ")
    )
    assert {"form-action 'self'", "base-uri 'none'"} <= set(policy.split("; "))
    assert not any(source.startswith(NEVER) for part in policy.split("; ") for source in part.split(" ")[1:])
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "camera=(self)" in headers["permissions-policy"]
    if "/console/assets/" not in str(response.url) or response.status_code != 200:
        assert headers["cache-control"] == "no-store"
    assert "access-control-allow-origin" not in headers


def test_every_parameter_of_a_path_is_known_here(filled: Filled) -> None:
    names = {name for route in ROUTES for name in PARAMETER.findall(route.path)}
    assert names <= set(filled.ids) | {"version", "name", "kind"}, "filled.py has to make one"


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_strangers_are_sent_to_sign_in_from_everywhere(
    filled: Filled, outsider: Visitor, method: str
) -> None:
    for route in routes("GET" if method == "HEAD" else method):
        path = filled_in(route, filled.ids)
        response = outsider.client.request(method, path)
        assert response.status_code == 303, route
        assert response.headers["location"].startswith("/console/sign-in?then="), route
        assert_safe(response)


@pytest.mark.usefixtures("no_failure")
def test_every_page_answers_and_is_safe_for_a_browser(filled: Filled, visit: Visitor) -> None:
    for where in pages(filled.ids):
        response = visit.client.get(where.path)
        assert response.status_code in ({200, 303, 307} if not _nobody(where) else {200, 404}), where.path
        assert_safe(response)
        if response.headers.get("content-type", "").startswith("text/html"):
            assert "charset=utf-8" in response.headers["content-type"]
            assert_well_made(response)
            assert_headed_well(response)


def assert_well_made(response: httpx.Response) -> None:
    """Nothing in a page that its own policy would refuse, and nothing from elsewhere."""
    text = response.text
    assert not re.search(r"<[^>]*\son\w+\s*=", text), "a handler of an event in an attribute"
    assert not re.search(r"<[^>]*\sstyle\s*=", text), "a style in an attribute"
    assert "<style" not in text
    assert not re.search(r"<script(?![^>]*\ssrc=)", text), "a script in the page"
    for found in re.finditer(r"""(?:src|href|action)\s*=\s*["']([^"']*)""", text):
        address = urlsplit(found[1])
        is_ours = not address.netloc and address.scheme in {"", "data"}
        assert is_ours or found[1] == "https://example.org/crew", found[1]


def assert_headed_well(response: httpx.Response) -> None:
    """One first heading, which comes first, and none skipped: who cannot see jumps from one to the next."""
    headings = BeautifulSoup(response.text, "html.parser").select("main :is(h1, h2, h3, h4, h5, h6)")
    levels = [int(heading.name[1]) for heading in headings]
    assert levels[:1] == [1], response.url
    assert levels.count(1) == 1, response.url
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels)), response.url


def _nobody(where: Where) -> bool:
    return "nobody-at-all" in where.path


@pytest.mark.parametrize("how", ["without a token", "with the token of another", "from elsewhere"])
def test_no_form_is_taken_that_this_browser_was_not_shown(
    filled: Filled, visit: Visitor, outsider: Visitor, how: str
) -> None:
    shown = visit.get("/console/people/new-consent").form_token
    others = outsider.get("/console/sign-in").form_token
    before = len(entries(filled))
    for route in forms():
        fields = {"form_token": {"without a token": "", "with the token of another": others}.get(how, shown)}
        headers = {"sec-fetch-site": "cross-site"} if how == "from elsewhere" else {}
        response = visit.client.post(filled_in(route.path, filled.ids), data=fields, headers=headers)
        assert response.status_code == 403, route.path
        assert "This form is not valid any more" in response.text, route.path
        assert_safe(response)
    assert len(entries(filled)) == before
    assert visit.client.get("/console/people/new-consent").status_code == 200  # still signed in


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_key_that_may_nothing_is_refused_everywhere_and_the_ledger_says_so(
    filled: Filled, powerless: Visitor, method: str
) -> None:
    token = powerless.get("/console/").form_token
    for route in (each for each in ROUTES if not isinstance(each, OpenRoute) and method in each.methods):
        if not route.needs:
            continue
        before = len(entries(filled))
        path = filled_in(route.path, filled.ids)
        sent = {"data": {"form_token": token}} if method == "POST" else {}
        response = powerless.client.request(method, path, **sent)  # type: ignore[arg-type]
        assert response.status_code == 403, path
        assert_safe(response)
        (entry,) = entries(filled)[before:]
        assert (entry["operation"] in route.needs, entry["outcome"]) == (True, "NotPermitted"), path


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_no_page_takes_another_method(visit: Visitor, method: str) -> None:
    for path in ("/console/", "/console/people", "/console/sign-in"):
        response = visit.client.request(method, path)
        assert response.status_code == 405
        assert_safe(response)


def test_what_is_not_there_or_too_large_is_answered_safely(visit: Visitor) -> None:
    for path, status in (
        ("/console/nothing", 404),
        ("/console/assets/x/nothing.js", 404),
        ("/console//", 404),
        ("/console/people/", 404),
    ):
        response = visit.client.get(path)
        assert response.status_code == status, path
        assert_safe(response)
    large = visit.client.post("/console/try", content=b"x" * 17_000_000)
    assert large.status_code == 413
    assert_safe(large)


@pytest.mark.parametrize("route", [route for route in routes("GET") if "{" in route])
@pytest.mark.usefixtures("no_failure")
def test_awkward_paths_are_answered_in_words(filled: Filled, visit: Visitor, route: str) -> None:
    for awkward in AWKWARD:
        for name in PARAMETER.findall(route):
            path = filled_in(route, {**filled.ids, "people_job_id": "\1", "faces_job_id": "\1", name: "\1"})
            told(visit.client.get(path.replace("%01", encoded(awkward))))


@pytest.mark.parametrize("route", [*routes("GET"), "/sign-in"])
@pytest.mark.usefixtures("no_failure")
def test_awkward_queries_are_answered_in_words(filled: Filled, visit: Visitor, route: str) -> None:
    path = filled_in(route, filled.ids)
    for awkward in AWKWARD:
        told(visit.client.get(f"{path}?{'&'.join(f'{name}={encoded(awkward)}' for name in QUERIES)}"))
    for token in TOKENS:
        told(visit.client.get(f"{path}?after={encoded(token)}"))


def encoded(text: str) -> str:
    """Return text for an address, every byte in hexadecimal, so that no client makes it tidier."""
    return "".join(f"%{byte:02X}" for byte in text.encode(errors="surrogatepass"))


def told(response: httpx.Response) -> None:
    """An awkward request is answered, and what was sent is no part of the answer's head or markup."""
    assert response.status_code in {200, 303, 400, 403, 404, 409, 422}, response.url
    assert "<script>alert(1)" not in response.text
    assert "\r" not in response.headers.get("location", "")
    assert set(response.cookies) <= {"countenance-visitor"}
    if response.status_code != 400 or "content-security-policy" in response.headers:
        assert_safe(response)
