"""What changes while an import goes on holds for the rest of it: moratoria, consents, keys, erasures.

The pictures come from a web server of the test's own, which changes something when it is asked for one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from contract.databases import Database
from contract.offices import acting, consent, create, entries, key, withdrawn
from countenance.jobs.values import Job, JobState
from countenance.operations.delete_collection import delete_collection
from countenance.operations.erase_subject import erase_subject
from countenance.operations.manage_jobs import cancel_job
from countenance.operations.manage_moratoria import begin_moratorium, lift_moratorium
from countenance.store import SqlStore
from import_desk import COLLECTION, Desk, People, desk_on
from local_web import answering, web

COUNT = 48
# What each kind of database does in such moments is shown by the tests of jobs; here it is about imports.
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def people(astronaut: Path, grace_hopper: Path) -> People:
    return People.of(astronaut, grace_hopper)


class Press:
    """Serves numbered pictures, and does something the first time that it is asked for a certain one."""

    def __init__(self, people: People) -> None:
        self.people = people
        self.when: dict[str, Callable[[], object]] = {}
        self.host = ""
        self.asked: list[str] = []

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        event = self.when.pop(request.path, None)
        if event is not None:
            event()
        answering(self.people.picture(int(request.path[1:])))(request)

    def manifest(
        self, folder: Path, row: Callable[[int], dict[str, Any]] = lambda _: {}, count: int = COUNT
    ) -> Path:
        path = folder / "list.jsonl"
        rows = [{"path": f"http://{self.host}/{number}"} | row(number) for number in range(count)]
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return path


@pytest.fixture
def press(people: People) -> Iterator[Press]:
    made = Press(people)
    with web(made.answer) as (made.host, made.asked):
        yield made


def start(desk: Desk, press: Press, manifest: Path, **how: Any) -> Job:
    return desk.start(manifest, private_hosts=(press.host,), **how)


def test_a_moratorium_makes_an_import_wait_and_lifting_it_lets_it_finish(
    database: Database, store: SqlStore, press: Press, tmp_path: Path
) -> None:
    desk = desk_on(store)
    begun: list[str] = []

    def begin() -> None:
        with acting(desk.office) as act:
            begun.append(str(begin_moratorium(act, "enrol", "a court's order").moratorium_id))

    press.when["/20"] = begin
    job = start(desk, press, press.manifest(tmp_path))
    waiting = desk.go_on(job)
    assert (waiting.state, "a court's order" in waiting.message) == (JobState.WAITING, True)
    before = len(desk.faces())
    assert before < COUNT
    assert "MoratoriumInForce" in {entry["outcome"] for entry in entries(desk.office)}
    with acting(desk.office) as act:
        lift_moratorium(act, begun[0])
    database.statement("UPDATE jobs SET not_before = created_at")  # else it is looked at in half a minute
    ended = desk.go_on(job)
    assert (ended.state, ended.progress.done) == (JobState.SUCCEEDED, COUNT)
    assert len(desk.faces()) == COUNT


def test_whoever_withdraws_consent_is_not_looked_at_any_more(
    store: SqlStore, press: Press, tmp_path: Path
) -> None:
    desk = desk_on(store, purpose="entry", consent="required")
    consents = {who: consent(desk.office, who).consent_id for who in ("ann", "bob")}
    press.when["/2"] = lambda: withdrawn(desk.office, consents["ann"])
    manifest = press.manifest(tmp_path, lambda number: {"external_image_id": "ann" if number % 4 else "bob"})
    job = desk.go_on(start(desk, press, manifest))
    assert (job.state, job.progress.done + job.progress.failed) == (JobState.SUCCEEDED, COUNT)
    # Those of the first batch had been permitted and looked at, and are refused when they are to be stored.
    assert {face.external_image_id for face in desk.faces()} == {"bob"}
    assert len(desk.faces()) == COUNT // 4
    refused = {item.asked.name.partition(" ")[0].rpartition("/")[2] for item in desk.left(job)}
    assert "47" in refused
    assert "/47" not in press.asked


@pytest.mark.parametrize(("count", "at"), [(COUNT, 20), (4, 2)])
def test_a_key_that_is_revoked_ends_its_import(
    store: SqlStore, press: Press, tmp_path: Path, count: int, at: int
) -> None:
    desk = desk_on(store)
    clerk = key("importing-clerk")
    with acting(desk.office) as act:
        act.permit("create_key")
        with act.recording() as writer:
            writer.add_key(clerk)

    def revoke() -> None:
        with acting(desk.office) as act:
            act.permit("revoke_key")
            with act.recording() as writer:
                writer.revoke_key(clerk.key_id, clerk.created_at)

    press.when[f"/{at}"] = revoke
    job = desk.go_on(start(desk, press, press.manifest(tmp_path, count=count), by=clerk))
    assert (job.state, "revoked" in job.message) == (JobState.FAILED, True)
    assert len(desk.faces()) < at


def test_somebody_who_is_erased_meanwhile_is_not_imported_and_leaves_no_trace(
    store: SqlStore, press: Press, tmp_path: Path
) -> None:
    desk = desk_on(store)

    def erase() -> None:
        with acting(desk.office) as act:
            erase_subject(desk.office.gallery, act, "ann")

    press.when["/40"] = erase
    manifest = press.manifest(
        tmp_path, lambda number: {"external_image_id": "ann" if number % 4 else "bob", "tags": "by=press"}
    )
    job = start(desk, press, manifest)
    for _ in range(5):
        ended = desk.go_on(job)
        if ended.state.ended:
            break
    assert ended.state is JobState.SUCCEEDED
    assert {face.external_image_id for face in desk.faces()} == {"bob"}
    assert desk.left(job) == []
    assert len(desk.records()) == COUNT // 4


def test_an_import_that_is_cancelled_stops_and_keeps_what_is_done(
    store: SqlStore, press: Press, tmp_path: Path
) -> None:
    desk = desk_on(store)

    def cancel() -> None:
        with acting(desk.office) as act:
            cancel_job(act, job.job_id)

    press.when["/30"] = cancel
    job = start(desk, press, press.manifest(tmp_path))
    ended = desk.go_on(job)
    # A worker looks once a second; an import of this size may be through by then.
    assert ended.state in {JobState.CANCELLED, JobState.SUCCEEDED}
    assert len(desk.faces()) == ended.progress.done


def test_a_collection_that_is_deleted_meanwhile_gets_nothing_more(
    store: SqlStore, press: Press, tmp_path: Path
) -> None:
    desk = desk_on(store)

    def delete() -> None:
        with acting(desk.office) as act:
            delete_collection(desk.office.gallery, act, COLLECTION)
        create(desk.office, COLLECTION)

    press.when["/20"] = delete
    job = desk.go_on(start(desk, press, press.manifest(tmp_path)))
    assert job.state is JobState.CANCELLED
    assert desk.faces() == []


def test_what_cannot_be_fetched_now_is_tried_again(store: SqlStore, people: People, tmp_path: Path) -> None:
    tried: dict[str, int] = {}

    def answer(request: BaseHTTPRequestHandler) -> None:
        tried[request.path] = tried.get(request.path, 0) + 1
        if request.path == "/1" or (request.path == "/0" and tried["/0"] < 2):
            answering(b"", 503)(request)
        else:
            answering(people.picture(int(request.path[1:])))(request)

    desk = desk_on(store)
    with web(answer) as (host, _):
        path = tmp_path / "list.jsonl"
        path.write_text("".join(json.dumps({"path": f"http://{host}/{number}"}) + "\n" for number in (0, 2)))
        job = desk.done(path, private_hosts=(host,))
    assert (job.state, job.progress.done, tried) == (JobState.SUCCEEDED, 2, {"/0": 2, "/2": 1})


def test_an_import_that_was_interrupted_again_and_again_comes_to_the_same(
    store: SqlStore, press: Press, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = desk_on(store)
    job = start(desk, press, press.manifest(tmp_path))
    whole = desk.rooms.vision.faces_of_many
    for count in (12, 18, 5):

        def interrupted(*asked: Any, most: int = count, **how: Any) -> Iterator[Any]:
            with closing(whole(*asked, **how)) as outcomes:  # type: ignore[type-var]
                yield from islice(outcomes, most)
            raise KeyboardInterrupt

        monkeypatch.setattr(desk.rooms.vision, "faces_of_many", interrupted)
        with pytest.raises(KeyboardInterrupt):
            desk.go_on(job)
        assert len(desk.faces()) < COUNT
    monkeypatch.undo()
    assert desk.go_on(job).progress.done == COUNT
    stopped, templates = desk.faces(), desk.templates()
    with acting(desk.office) as act:
        delete_collection(desk.office.gallery, act, COLLECTION)
    create(desk.office, COLLECTION)
    again = desk.go_on(start(desk, press, press.manifest(tmp_path)))
    assert again.progress.counts == {"faces": COUNT}
    assert [face.face_id for face in stopped] == [face.face_id for face in desk.faces()]
    np.testing.assert_allclose(templates, desk.templates(), atol=1e-5)
