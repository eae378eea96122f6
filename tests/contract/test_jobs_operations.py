"""Jobs as operations see them: who may queue, see and cancel which, and what the ledger says of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest

from contract.offices import BOSS, CLERK, acting, create, entries, key, office_on
from countenance.access import AccessKey
from countenance.errors import CollectionExists, JobEnded, JobNotFound, NotPermitted, TooManyJobs
from countenance.jobs.values import ItemState, JobState
from countenance.operations.acts import Act
from countenance.operations.manage_jobs import cancel_job, forget_jobs, list_job_items, list_jobs, show_job
from countenance.operations.queueing import queue_job
from countenance.store import SqlStore
from countenance.wiring import Office
from new_jobs import KIND, NOW, asked_for, names_of, now_is, queued, waiting_with_a_failure, with_items

ANN, BOB = key("ann"), key("bob")


@pytest.fixture
def office(store: SqlStore) -> Office:
    made = office_on(store)
    create(made, "staff")
    create(made, "guests")
    return made


def seen(office: Office, by: AccessKey, **filters: object) -> list[str]:
    with acting(office, by) as act:
        return [job.job_id for job in list_jobs(act, most=100, **filters).items]  # type: ignore[arg-type]


def test_a_job_is_queued_for_who_asks_with_the_entry_that_names_it(office: Office) -> None:
    with acting(office, ANN, "the-request") as act:
        act.permit("list_faces", "staff")
        with act.changing(office.gallery) as change:
            job = queue_job(
                act, change.writer, kind=KIND, collection_id="staff", parameters={"path": "x"}, tag="mine"
            )
    asked = now_is(office.store, job).asked
    assert (asked.asked_by, asked.request_id, asked.collection_id) == ("ann", "the-request", "staff")
    assert (asked.kind, asked.parameters, asked.tag) == (KIND, {"path": "x"}, "mine")
    (entry,) = entries(office, request="the-request")
    assert entry["job"] == job.job_id


def test_a_job_whose_act_fails_is_not_queued(office: Office) -> None:
    def fail() -> None:
        with acting(office, ANN) as act:
            act.permit("create_collection")
            with act.changing(office.gallery) as change:
                queue_job(act, change.writer, kind=KIND, collection_id=None, parameters={})
                change.writer.create_collection("staff", "a-pack", {})

    with pytest.raises(CollectionExists):
        fail()
    assert seen(office, BOSS) == []


def test_no_more_jobs_wait_or_run_than_may(store: SqlStore) -> None:
    office = office_on(store, most_jobs=2)
    first, _ = asked_for(office, ANN), asked_for(office, BOB)
    with pytest.raises(TooManyJobs, match=r"2 jobs wait or run already, the limit \(most_jobs\)"):
        asked_for(office, ANN)
    (entry,) = entries(office, outcome="TooManyJobs")
    assert entry["key"] == "ann"
    with acting(office, ANN) as act:
        cancel_job(act, first.job_id)
    asked_for(office, ANN)


def test_a_key_sees_its_own_jobs_and_an_administrators_all(office: Office) -> None:
    of_ann, of_bob = asked_for(office, ANN, "staff"), asked_for(office, BOB)
    assert seen(office, ANN) == [of_ann.job_id]
    assert seen(office, BOB) == [of_bob.job_id]
    assert seen(office, BOSS) == [of_ann.job_id, of_bob.job_id]
    assert seen(office, BOSS, state=JobState.RUNNING) == []
    assert seen(office, BOSS, kind="another") == []
    with acting(office, ANN) as act:
        assert show_job(act, of_ann.job_id) == of_ann
    for use in (show_job, cancel_job, partial(list_job_items, most=9)):
        with acting(office, BOB) as act, pytest.raises(JobNotFound, match=f"no job {of_ann.job_id}"):
            use(act, of_ann.job_id)


def test_jobs_of_collections_that_a_key_may_not_use_any_more_are_not_shown(office: Office) -> None:
    staff, guests, none = (asked_for(office, ANN, name) for name in ("staff", "guests", None))
    limited = key("ann", collections=("guests",))
    assert seen(office, limited) == [guests.job_id, none.job_id]
    with acting(office, limited) as act, pytest.raises(JobNotFound):
        show_job(act, staff.job_id)


def test_a_page_of_jobs_is_full_even_where_many_are_not_shown(office: Office) -> None:
    jobs = [asked_for(office, ANN, "guests" if number % 3 else "staff") for number in range(12)]
    limited, after_key, pages = key("ann", collections=("staff",)), 0, list[list[int]]()
    while True:
        with acting(office, limited) as act:
            page = list_jobs(act, most=2, after_key=after_key)
        pages.append([job.key for job in page.items])
        if page.next_after is None:
            break
        after_key = page.next_after
    assert pages == [[jobs[0].key, jobs[3].key], [jobs[6].key, jobs[9].key]]


def test_jobs_are_listed_newest_first_where_that_is_asked(office: Office) -> None:
    jobs = [asked_for(office, ANN, "guests" if number % 3 else "staff") for number in range(7)]
    limited, after_key, pages = key("ann", collections=("staff",)), 0, list[list[int]]()
    while True:
        with acting(office, limited) as act:
            page = list_jobs(act, most=2, after_key=after_key, newest_first=True)
        pages.append([job.key for job in page.items])
        if page.next_after is None:
            break
        after_key = page.next_after
    assert pages == [[jobs[6].key, jobs[3].key], [jobs[0].key]]


def test_items_are_shown_by_page_and_state(office: Office) -> None:
    job = with_items(office.store, *"abcd", asked_by="ann")
    with acting(office, ANN) as act:
        page = list_job_items(act, job.job_id, most=3)
        assert [item.asked.name for item in page.items] == ["a", "b", "c"]
    assert page.next_after == 3
    with acting(office, ANN) as act:
        page = list_job_items(act, job.job_id, state=ItemState.WAITING, most=3, after_place=3)
        assert [item.asked.name for item in page.items] == ["d"]
        assert page.next_after is None


def test_a_cancelled_job_is_recorded(office: Office) -> None:
    job = asked_for(office, ANN, "staff")
    with acting(office, BOSS) as act:
        assert cancel_job(act, job.job_id).state is JobState.CANCELLED
    (entry,) = entries(office, operation="cancel_job")
    assert (entry["job"], entry["state"], entry["key"]) == (job.job_id, "cancelled", "boss")
    with acting(office, BOSS) as act, pytest.raises(JobEnded):
        cancel_job(act, job.job_id)


@pytest.mark.parametrize("operation", ["list_jobs", "show_job", "list_job_items", "cancel_job"])
def test_a_key_that_may_not_do_it_is_refused(office: Office, operation: str) -> None:
    job = asked_for(office, CLERK)
    limited = key("clerk", operations=("index_faces",))
    uses: dict[str, Callable[[Act], object]] = {
        "list_jobs": partial(list_jobs, most=9),
        "show_job": partial(show_job, job_id=job.job_id),
        "list_job_items": partial(list_job_items, job_id=job.job_id, most=9),
        "cancel_job": partial(cancel_job, job_id=job.job_id),
    }
    with acting(office, limited) as act, pytest.raises(NotPermitted, match=operation):
        uses[operation](act)
    assert now_is(office.store, job).state is JobState.WAITING


def test_ended_jobs_are_forgotten_after_their_time_and_that_is_recorded(office: Office) -> None:
    open_job, ended = queued(office.store), waiting_with_a_failure(office.store)
    with office.store.writing() as writer:
        writer.ask_to_cancel(ended, NOW)
    assert forget_jobs(office.register, NOW, "too-early") == 0
    assert names_of(office.store, ended) == ["1969/crew.jpg", "1970/\udcffcrew.jpg"]
    assert forget_jobs(office.register, NOW + timedelta(seconds=1), "a-sweep") == 1
    assert seen(office, BOSS) == [open_job.job_id]
    (entry,) = entries(office, operation="forget_jobs")
    assert (entry["request"], entry["jobs"]) == ("a-sweep", [ended.job_id])
