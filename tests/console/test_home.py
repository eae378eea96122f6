"""The first page: what is held, what is due, what waits, whether all is well, and a moratorium above all."""

from __future__ import annotations

import re
import sqlite3
import time
from typing import TYPE_CHECKING

import pytest

from console.visitor import Visitor
from new_faces import PACK
from rest.api import Api
from serving import running_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from console.visitor import Page
    from serving import RunningServer


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, astronaut: Path) -> Iterator[RunningServer]:
    """A server with two collections, in each of which one face is."""
    with running_server(tmp_path_factory.mktemp("home")) as started:
        client = started.boto3_client()
        for name, tags in (
            ("staff", {"purpose": "entry"}),
            ("guests", {"purpose": "visit", "retention": "P9D"}),
        ):
            declared = {f"countenance:{line}": value for line, value in tags.items()}
            client.create_collection(CollectionId=name, Tags=declared)
            picture = {"Bytes": astronaut.read_bytes()}
            client.index_faces(CollectionId=name, Image=picture, ExternalImageId="collins", MaxFaces=1)
        yield started


@pytest.fixture(scope="module")
def boss(server: RunningServer) -> Api:
    """An administrator's key."""
    return Api.of(server)


def home(api: Api, path: str = "/console/") -> Page:
    page = Visitor(api.endpoint_url).sign_in(api).get(path)
    assert page.status == 200
    return page


def meter(page: Page, heading: str) -> str:
    """Return the large number of the card of that heading."""
    (found,) = [each for each in page.all(".card") if (h3 := each.find("h3")) and h3.get_text() == heading]
    number = found.select_one(".meter")
    assert number is not None
    return number.get_text()


def test_it_tells_what_is_held_and_what_will_be_due(boss: Api) -> None:
    page = home(boss)
    told = {name: meter(page, name) for name in ("Collections", "Faces", "Subjects", "Users", "Reviews")}
    assert told == {"Collections": "2", "Faces": "2", "Subjects": "2", "Users": "0", "Reviews": "0"}
    rows = [row.get_text(" ", strip=True) for row in page.all("main table")[0].select("tbody tr")]
    assert rows == ["staff entry 1 1 no limit", "guests visit 1 1 1"]


def test_it_tells_how_wrong_the_pack_was_when_it_was_measured(boss: Api) -> None:
    page = home(boss)
    assert page.says(f"Faces are compared by the pack {PACK} 1", "Measured on LFW View 1 DevTest", "5.9%")
    assert re.search(r"It errs more for \d+ groups of people", page.text)


def test_it_tells_that_the_ledger_verifies_and_when_that_was_found(boss: Api) -> None:
    deadline = time.monotonic() + 30
    while not (page := home(boss)).says("verifies") and time.monotonic() < deadline:
        time.sleep(0.2)
    assert page.says("verifies", "is right; checked just now")
    assert re.search(r"All entries [\d,]+, verified \d+ \w+ ago", page.text), page.text


def test_it_tells_loudly_that_the_ledger_was_altered(tmp_path: Path) -> None:
    with running_server(tmp_path / "data") as server:
        api = Api.of(server)
        assert api.get("/v1/keys").status == 200
        home(api)
    with sqlite3.connect(server.data_dir / "countenance.sqlite") as database:
        database.execute("UPDATE ledger_entries SET entry = CAST(replace(entry, 'done', 'gone') AS BLOB)")
    with running_server(tmp_path / "data") as server:
        deadline = time.monotonic() + 30
        while not (page := home(Api.of(server))).all(".alarm") and time.monotonic() < deadline:
            time.sleep(0.2)
        assert page.one(".alarm").get_text().strip().startswith("The ledger does not verify")
        assert page.says("does not verify", "was altered")


def test_a_moratorium_stands_above_everything_else_until_it_is_lifted(boss: Api) -> None:
    assert not home(boss).all(".alarm")
    made = boss.post("/v1/moratoria", {"scope": "search", "reason": "the council decides"})
    try:
        for each in (boss, boss.with_key(operations=["show_overview"])):
            page = home(each)
            assert "the council decides" in page.one(".alarm").get_text()
            assert page.all("main h1 + .alarm")
    finally:
        boss.delete(f"/v1/moratoria/{made.json['moratorium_id']}")
    assert not home(boss).all(".alarm")


def test_what_a_key_may_not_do_is_neither_counted_nor_linked(boss: Api) -> None:
    page = home(boss.with_key(operations=["show_overview"], collections=["staff"]))
    assert page.says("Counted in the collections that your key may use.")
    assert (meter(page, "Collections"), meter(page, "Faces")) == ("1", "1")
    assert "guests" not in page.text
    headings = {each.get_text() for each in page.all(".card h3, .card h2")}
    assert headings.isdisjoint({"Reviews", "Consents", "Jobs", "Legal holds", "Ledger"})
    assert {str(link["href"]) for link in page.all("main a")} <= {
        "/console/#traffic",
        "/console/?traffic=day#traffic",
    }


def test_a_key_that_may_not_see_how_things_stand_is_told_nothing(boss: Api) -> None:
    page = home(boss.with_key(operations=["detect_faces"]))
    assert page.text == (
        "Home You are signed in with a key for certain tasks. The menu shows what it may do."
    )


def test_requests_are_drawn_and_told_in_a_table(boss: Api, server: RunningServer) -> None:
    client = server.boto3_client()
    for _ in range(3):
        client.list_collections()
    for path, unit in (("/console/", "minute"), ("/console/?traffic=day", "quarter of an hour")):
        page = home(boss, path)
        assert page.says(f"Requests in each {unit}", "Counted since the server started")
        assert page.all(".chart svg rect.good")
        counted = [int(row.select("td")[0].get_text()) for row in page.all(".traffic tbody tr")]
        assert sum(counted) >= 3


def test_a_look_at_it_leaves_one_entry_in_the_ledger(boss: Api) -> None:
    signed_in = Visitor(boss.endpoint_url).sign_in(boss)
    before = ledger_size(boss)
    signed_in.get("/console/")
    assert ledger_size(boss) == before + 2  # this look, and the one at the checkpoint before


def ledger_size(api: Api) -> int:
    return int(api.get("/v1/ledger/checkpoint").body.split(b"\n")[1])
