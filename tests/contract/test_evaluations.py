"""Evaluations that a server makes: asked for, measured by a job, kept encrypted, read, and forgotten."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from contract.databases import Database
from contract.erasing import tree_of
from contract.offices import BOSS, CLERK, acting, entries, key, office_on, vision
from countenance.access import AccessKey
from countenance.errors import (
    DataSetInvalid,
    EvaluationNotFound,
    NotPermitted,
    ObjectNotReadable,
    ReportTooLarge,
)
from countenance.images import ImageLimits
from countenance.images.sources import LocalBuckets
from countenance.jobs.values import Job, JobState
from countenance.jobs.worker import Pace, Worker
from countenance.operations.erase_everything import erase_everything
from countenance.operations.evaluations import do_evaluation as doing
from countenance.operations.evaluations.kept import NewEvaluation
from countenance.operations.evaluations.read_evaluations import (
    delete_evaluation,
    forget_evaluations,
    list_evaluations,
    show_evaluation,
)
from countenance.operations.evaluations.rooms import EvaluationRooms
from countenance.operations.evaluations.start_evaluation import start_evaluation
from countenance.operations.evaluations.values import EvaluationAsked, Protocol
from countenance.operations.manage_moratoria import begin_moratorium, lift_moratorium
from countenance.operations.reports import packed
from countenance.reporting import Fact, Report, Section
from countenance.store import FileKeyring, SqlStore
from countenance.wiring import Office
from people_pictured import write_people

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
NAMED = "Ada Lovelace was in this folder"


@pytest.fixture
def office(store: SqlStore) -> Office:
    return office_on(store)


@pytest.fixture
def folder(tmp_path: Path, astronaut: Path, grace_hopper: Path) -> Path:
    """A bucket with a data set ``people`` of two people, and the list ``people.csv`` of their groups."""
    made = tmp_path / "bucket"
    made.mkdir()
    write_people(made / "people", {"collins": astronaut, "hopper": grace_hopper})
    return made


@pytest.fixture
def rooms(office: Office, folder: Path) -> EvaluationRooms:
    return rooms_on(office, folder)


def rooms_on(office: Office, folder: Path) -> EvaluationRooms:
    buckets = LocalBuckets({"research": folder})
    return EvaluationRooms(vision(), office.register, office.store, buckets, ImageLimits())


def asked_for(path: str = "people", *protocols: Protocol, **more: Any) -> EvaluationAsked:
    return EvaluationAsked("research", path, protocols or (Protocol.VERIFY,), **more)


def started(rooms: EvaluationRooms, office: Office, asked: EvaluationAsked, by: AccessKey = CLERK) -> Job:
    with acting(office, by) as act:
        return start_evaluation(rooms, act, asked)


def worker_of(rooms: EvaluationRooms, callers: dict[str, AccessKey] | None = None) -> Worker:
    """Return a worker; the keys that ask are those given, or whoever they say they are."""
    handlers = {"evaluate": partial(doing.do_evaluation, rooms)}
    pace = Pace(lease=5, renewal=0.1, poll=0.01)
    return Worker(rooms.store, handlers, lambda name: (callers or {}).get(name) or key(name), pace=pace)


def report(text: str = NAMED) -> Report:
    fact = Fact("name", "Data set", "people")
    return Report(
        "evaluation", "An evaluation", text, NOW, "r", None, (Section("data", text, None, text, (fact,)),)
    )


def keep(office: Office, number: int, by: str = "clerk", made_at: datetime = NOW) -> str:
    """Keep an evaluation that no job made."""
    new = NewEvaluation(f"{number:032x}", by, made_at, "a-pack", asked_for().as_json(), report())
    with office.store.writing() as writer:
        writer.add_evaluation(new)
    return new.evaluation_id


def listed(office: Office, by: AccessKey, most: int = 9) -> list[int]:
    found, before = [], None
    while True:
        with acting(office, by) as act:
            page = list_evaluations(act, most=most, before_key=before)
        found += [int(each.evaluation_id, 16) for each in page.items]
        before = page.next_after
        if before is None:
            return found


def test_a_job_measures_and_what_it_found_is_kept_for_who_asked(
    rooms: EvaluationRooms, office: Office
) -> None:
    asked = asked_for("people", Protocol.VERIFY, Protocol.BIAS, groups="people.csv", calibration=True)
    job = started(rooms, office, asked)
    done = worker_of(rooms).do_one(job.job_id)
    assert (done.state, done.message) == (JobState.SUCCEEDED, "")
    assert (done.progress.total, done.progress.counts) == (8, {"pictures": 8})
    with acting(office, CLERK) as act:
        kept, read = show_evaluation(act, job.job_id)
    assert EvaluationAsked.from_json(kept.parameters) == asked
    assert kept.pack == rooms.vision.pack
    (rates,) = [each for each in read.sections if each.key.endswith("all-pictures-with-each-other")]
    facts = {fact.key: fact.value for fact in rates.facts}
    assert (facts["mated"], facts["non_mated"], facts["area_under_curve"]) == (12, 16, 1.0)
    assert rates.figures[0].svg.startswith(b"<svg")
    assert any(each.key.endswith("bias.role.recognition") for each in read.sections)
    (check,) = [each for each in read.sections if each.key == "calibration.check.people"]
    assert check.figures[0].caption == "Reliability of probabilities: people"
    (asking, measuring) = entries(office, operation="evaluate")
    assert asking["job"] == measuring["job"] == job.job_id
    assert measuring["request"] == job.asked.request_id == read.request_id
    assert len(measuring["data"]) == 1


def test_a_report_says_nothing_of_the_servers_disk(
    rooms: EvaluationRooms, office: Office, folder: Path
) -> None:
    (folder / "people" / "hopper" / "9.jpg").write_bytes(b"no picture")
    (folder / "people" / "hopper" / "8.jpg").mkdir()
    job = started(rooms, office, asked_for())
    assert worker_of(rooms).do_one(job.job_id).state is JobState.SUCCEEDED
    with acting(office, CLERK) as act:
        _, read = show_evaluation(act, job.job_id)
    assert str(folder) not in repr(read)
    (empty := folder / "empty").mkdir()
    (folder / "nothing.csv").write_text("")
    for path in (empty.name, "nothing.csv"):
        failed = worker_of(rooms).do_one(started(rooms, office, asked_for(path)).job_id)
        assert failed.state is JobState.FAILED
        assert "research" in failed.message
        assert str(folder) not in failed.message


@pytest.mark.parametrize(
    ("asked", "error", "words"),
    [
        (EvaluationAsked("elsewhere", "people", (Protocol.VERIFY,)), DataSetInvalid, "not from S3"),
        (asked_for("nobody"), ObjectNotReadable, "no readable file or folder of the name 'nobody'"),
        (asked_for("../bucket/people"), ObjectNotReadable, "no readable"),
        (asked_for("link"), ObjectNotReadable, "no readable"),
        (asked_for("people", groups="link/people.csv"), ObjectNotReadable, "no readable"),
        (asked_for("people", images="/etc"), ObjectNotReadable, "no readable"),
        (EvaluationAsked("research", "people", ()), DataSetInvalid, "what is to be measured"),
        (asked_for(kind="sklearn-lfw"), DataSetInvalid, "no data set in a bucket is of the kind"),
        (asked_for(kind="lfw", variant="x"), DataSetInvalid, "no variant 'x'"),
    ],
)
def test_what_cannot_be_measured_is_told_before_it_is_queued(
    rooms: EvaluationRooms,
    office: Office,
    folder: Path,
    asked: EvaluationAsked,
    error: type[Exception],
    words: str,
) -> None:
    (folder / "link").symlink_to(folder)
    with pytest.raises(error, match=words):
        started(rooms, office, asked)


def test_a_key_measures_only_what_it_may_and_with_buckets_that_it_may_read(
    rooms: EvaluationRooms, office: Office
) -> None:
    with pytest.raises(NotPermitted, match="may not do evaluate"):
        started(rooms, office, asked_for(), key("clerk", operations=("list_*",)))
    with pytest.raises(NotPermitted, match="bucket research"):
        started(rooms, office, asked_for(), key("clerk", buckets=("other",)))
    job = started(rooms, office, asked_for())
    limited = {"clerk": key("clerk", buckets=("other",))}
    assert worker_of(rooms, limited).do_one(job.job_id).state is JobState.FAILED
    assert listed(office, BOSS) == []


def test_a_moratorium_lets_it_wait_and_then_it_goes_on(
    rooms: EvaluationRooms, office: Office, database: Database
) -> None:
    job = started(rooms, office, asked_for())
    with acting(office) as act:
        moratorium = begin_moratorium(act, "all", "the council said so", None)
    waiting = worker_of(rooms).do_one(job.job_id)
    assert (waiting.state, "the council said so" in waiting.message) == (JobState.WAITING, True)
    with acting(office) as act:
        lift_moratorium(act, str(moratorium.moratorium_id))
    database.statement("UPDATE jobs SET not_before = created_at")
    assert worker_of(rooms).do_one(job.job_id).state is JobState.SUCCEEDED
    assert len(listed(office, BOSS)) == 1


def test_a_key_that_is_limited_while_it_is_measured_ends_it(
    rooms: EvaluationRooms, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doing, "ASK_AGAIN_SECONDS", 0.0)
    job = started(rooms, office, asked_for())
    asked = []

    def caller(name: str) -> AccessKey:
        asked.append(name)
        return key(name) if len(asked) < 4 else key(name, operations=("list_*",))

    handlers = {"evaluate": partial(doing.do_evaluation, rooms)}
    worker = Worker(rooms.store, handlers, caller, pace=Pace(lease=5, renewal=0.1, poll=0.01))
    ended = worker.do_one(job.job_id)
    assert ended.state is JobState.FAILED
    assert "may not do evaluate" in ended.message
    assert listed(office, BOSS) == []


def test_each_reads_their_own_and_administrators_all(office: Office) -> None:
    first, _, third = keep(office, 1), keep(office, 2, by="another"), keep(office, 3)
    assert listed(office, CLERK) == [3, 1]
    assert listed(office, BOSS, most=1) == [3, 2, 1]
    for use in (show_evaluation, delete_evaluation):
        with acting(office, key("another")) as act, pytest.raises(EvaluationNotFound):
            use(act, first)
        with acting(office, key("clerk", operations=("list_*",))) as act, pytest.raises(NotPermitted):
            use(act, first)
    with acting(office, CLERK) as act:
        assert show_evaluation(act, first)[1] == report()
    with acting(office) as act:
        delete_evaluation(act, third)
    assert listed(office, BOSS) == [2, 1]
    (entry,) = [each for each in entries(office, operation="delete_evaluation") if each["key"] == "boss"]
    assert (entry["evaluation"], entry["outcome"]) == (third, "done")


def test_a_report_is_encrypted_and_its_key_goes_with_it(office: Office, database: Database) -> None:
    evaluation_id = keep(office, 1)
    ((leaf, sealed),) = database.statement("SELECT leaf, report FROM evaluations")
    assert NAMED.encode() not in bytes(sealed)
    assert packed.packed_report(report()) not in bytes(sealed)
    assert tree_of(database).is_live(leaf)
    with acting(office) as act:
        delete_evaluation(act, evaluation_id)
    assert not tree_of(database).is_live(leaf)


def test_a_copy_of_the_database_that_is_put_back_has_no_deleted_report(
    office: Office, database: Database
) -> None:
    keep(office, 1), keep(office, 2)
    copy = database.copy()
    with acting(office) as act:
        delete_evaluation(act, f"{1:032x}")
    database.put_back(copy)
    with database.opened() as again:
        restored = office_on(again)
        assert listed(restored, BOSS) == [2]
        (entry,) = entries(restored, operation="erase_again")
        assert entry["evaluations"] == 1


def test_where_an_older_key_file_is_put_back_reports_keep_their_keys(database: Database) -> None:
    with database.opened() as store:
        office = office_on(store)
        keep(office, 1)
        older = database.subject_key_file.read_bytes()
        keep(office, 2)
        with acting(office) as act:
            delete_evaluation(act, f"{1:032x}")
    database.subject_key_file.write_bytes(older)
    with database.opened() as store:
        office = office_on(store)
        with acting(office) as act:
            assert show_evaluation(act, f"{2:032x}")[1] == report()


def test_old_ones_are_forgotten_and_that_is_recorded(office: Office) -> None:
    keep(office, 1, made_at=NOW - timedelta(days=2)), keep(office, 2)
    assert forget_evaluations(office.register, NOW - timedelta(days=3), "too-early") == 0
    assert forget_evaluations(office.register, NOW - timedelta(days=1), "a-sweep") == 1
    assert listed(office, BOSS) == [2]
    (entry,) = entries(office, operation="forget_evaluations")
    assert (entry["request"], entry["evaluations"]) == ("a-sweep", [f"{1:032x}"])


def test_whoever_erases_everything_erases_them_too(office: Office) -> None:
    keep(office, 1)
    with acting(office) as act:
        erase_everything(office.gallery, act)
    assert listed(office, BOSS) == []


def test_a_report_that_is_too_large_is_not_kept(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed, "MOST_BYTES", 100)
    with pytest.raises(ReportTooLarge, match="measure less at a time"):
        keep(office, 1)
    assert listed(office, BOSS) == []


def test_a_row_that_was_moved_does_not_open(office: Office, database: Database) -> None:
    keep(office, 1)
    database.statement("UPDATE evaluations SET evaluation_id = :other", other=f"{7:032x}")
    with acting(office) as act, pytest.raises(Exception, match="a kept report cannot be decrypted"):
        show_evaluation(act, f"{7:032x}")


def test_the_master_key_can_be_changed(office: Office, database: Database) -> None:
    keep(office, 1)
    office.store.rotate_master_key(FileKeyring(database.key_file))
    with acting(office) as act:
        assert show_evaluation(act, f"{1:032x}")[1] == report()
