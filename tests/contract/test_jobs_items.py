"""Items: listed once, settled once, kept with their reasons, and forgotten with whom they show."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from contract.offices import BOSS, CLERK, acting, create, enrol, entries, key, office_on
from countenance.errors import JobItemsGone, JobLost, NotPermitted, SubjectNotFound
from countenance.jobs.values import ItemState, Job, JobState, NewItem, Progress, Settled
from countenance.operations import delete_collection as deleting
from countenance.operations.delete_collection import delete_collection
from countenance.operations.erase_everything import erase_everything
from countenance.operations.erase_subject import erase_subject
from countenance.operations.queueing import job_writer
from countenance.store import SqlStore
from new_faces import new_face
from new_jobs import NOW, claimed, due, items_of, names_of, now_is, queued, settle, with_items

HOUR = timedelta(hours=1)


def test_items_are_kept_in_the_order_in_which_they_were_listed(store: SqlStore) -> None:
    asked = [
        NewItem("b"),
        NewItem("a", "collins", {"url": "https://example.org/a", "faces": [1]}),
        NewItem("new\nline"),
        NewItem("not UTF-8: \udcff, and NUL: \0"),
        NewItem("long " + "é" * 4000),
    ]
    job = with_items(store, *asked)
    assert [item.asked for item in items_of(store, job)] == asked
    assert [item.place for item in items_of(store, job)] == [1, 2, 3, 4, 5]
    assert {(item.state, item.attempts, item.reason) for item in items_of(store, job)} == {
        (ItemState.WAITING, 0, "")
    }
    with store.reading() as reader:
        assert [item.place for item in reader.job_items(job, after_place=2, most=2)] == [3, 4]


def test_an_item_is_listed_once(store: SqlStore) -> None:
    job = with_items(store, "a", "b")
    with store.writing() as writer:
        assert writer.add_items(job, "mine", [NewItem(name) for name in "bcacd"]) == 2
        assert writer.add_items(job, "mine", []) == 0
    assert names_of(store, job) == ["a", "b", "c", "d"]


def test_items_of_one_job_are_none_of_another(store: SqlStore) -> None:
    with_items(store, "a", "b")
    second = with_items(store, "a")
    assert names_of(store, second) == ["a"]


def test_a_place_is_never_given_twice(store: SqlStore) -> None:
    job = with_items(store, "a", "b")
    settle(store, job, 1, 2)
    with store.writing() as writer:
        writer.add_items(job, "mine", [NewItem("c")])
    assert [item.place for item in items_of(store, job)] == [3]


def test_what_became_of_items_is_counted_and_reasons_are_kept(store: SqlStore) -> None:
    job = with_items(store, *"abcdef")
    settle(store, job, 1, 2, skipped={3: "no face"}, failed={4: "damaged"}, counts={"faces": 3})
    settle(store, job, 5, counts={"faces": 1, "users": 1})
    progress = now_is(store, job).progress
    assert progress == Progress(total=6, done=3, skipped=1, failed=1, counts={"faces": 4, "users": 1})
    assert progress.settled == 5
    found = {item.asked.name: (item.state, item.attempts, item.reason) for item in items_of(store, job)}
    assert found == {
        "c": (ItemState.SKIPPED, 1, "no face"),
        "d": (ItemState.FAILED, 1, "damaged"),
        "f": (ItemState.WAITING, 0, ""),
    }
    assert names_of(store, job, ItemState.FAILED) == ["d"]


def test_an_item_that_is_tried_again_waits_for_its_time(store: SqlStore) -> None:
    job = with_items(store, "a", "b", "c")
    settle(store, job, retried={2: (NOW + HOUR, "the server is away\0")})
    assert due(store, job) == [1, 3]
    assert due(store, job, NOW + HOUR) == [1, 2, 3]
    assert due(store, job, NOW + HOUR, after_place=1, most=1) == [2]
    (_, again, _) = items_of(store, job)
    assert (again.state, again.attempts, again.reason) == (ItemState.WAITING, 1, "the server is away\\0")
    settle(store, job, 2)
    assert now_is(store, job).progress.done == 1


@pytest.mark.parametrize(
    "settled",
    [Settled((1,)), Settled(skipped={1: "x"}), Settled(failed={1: "x"}), Settled(retried={1: (NOW, "x")})],
)
def test_an_item_is_settled_once(store: SqlStore, settled: Settled) -> None:
    job = with_items(store, "a", "b")
    settle(store, job, failed={1: "damaged"})
    before = now_is(store, job), items_of(store, job)
    with pytest.raises(JobItemsGone, match=job.job_id), store.writing() as writer:
        writer.settle_items(job, "mine", replace(settled, done=(*settled.done, 2)))
    assert (now_is(store, job), items_of(store, job)) == before


def test_a_checkpoint_replaces_the_one_before(store: SqlStore) -> None:
    job = with_items(store, "a")
    settle(store, job, 1, counts={"faces": 7})
    with store.writing() as writer:
        writer.save_checkpoint(job, "mine", {"frame": 9}, total=50)
    assert now_is(store, job).checkpoint == {"frame": 9}
    assert now_is(store, job).progress == Progress(total=50, done=1, counts={"faces": 7})
    with store.writing() as writer:
        writer.save_checkpoint(job, "mine", {}, counts={"milliseconds": 12})
    assert now_is(store, job).checkpoint == {}
    assert now_is(store, job).progress == Progress(total=50, done=1, counts={"milliseconds": 12})


def test_a_subject_is_forgotten_in_all_jobs_as_if_never_listed(store: SqlStore) -> None:
    first = with_items(store, NewItem("1", "eve"), NewItem("2", "eve"), NewItem("3", "adam"), NewItem("4"))
    settle(store, first, 1, failed={2: "damaged"})
    second = with_items(store, NewItem("5", "eve"), NewItem("6", "eve-2"))
    with store.reading() as reader:
        assert [job.key for job in reader.jobs_naming("eve")] == [first.key, second.key]
    with store.writing() as writer:
        assert writer.forget_items("eve") == 2
        assert writer.forget_items("eve") == 0
        assert writer.jobs_naming("eve") == []
    assert (names_of(store, first), names_of(store, second)) == (["3", "4"], ["6"])
    assert now_is(store, first).progress == Progress(total=3, done=1)
    assert now_is(store, second).progress == Progress(total=1)


def test_nothing_is_kept_of_work_on_a_subject_who_is_erased_meanwhile(store: SqlStore) -> None:
    office = office_on(store)
    staff = create(office, "staff")
    job = with_items(store, NewItem("1", "eve"), NewItem("2", "adam"), collection_id="staff")
    with acting(office) as act:
        erase_subject(office.gallery, act, "eve")

    def go_on() -> None:
        with office.gallery.changing() as change:
            change.enrol(staff, [new_face(1, "eve"), new_face(2, "adam")])
            job_writer(change.writer).settle_items(job, "mine", Settled((1, 2)))

    with pytest.raises(JobItemsGone):
        go_on()
    with store.reading() as reader:
        assert reader.count_faces(staff) == 0
    assert due(store, job) == [2]


def test_erasing_a_subject_takes_their_items_and_says_how_many(store: SqlStore) -> None:
    office = office_on(store)
    staff = create(office, "staff")
    enrol(office, staff, new_face(1, "eve"))
    job = with_items(store, NewItem("1", "eve"), NewItem("2", "adam"), collection_id="staff")
    with acting(office) as act:
        assert erase_subject(office.gallery, act, "eve").faces == 1
    (entry,) = entries(office, operation="erase_subject")
    assert entry["erased_items"] == 1
    assert names_of(store, job) == ["2"]
    with acting(office) as act, pytest.raises(SubjectNotFound):
        erase_subject(office.gallery, act, "eve")


def test_who_is_only_in_a_job_can_be_erased_but_not_by_a_key_that_may_not_use_its_collection(
    store: SqlStore,
) -> None:
    office = office_on(store)
    create(office, "staff")
    job = with_items(store, NewItem("1", "eve"), collection_id="staff")
    with acting(office, key("guest", collections=("guests",))) as act, pytest.raises(NotPermitted):
        erase_subject(office.gallery, act, "eve")
    assert names_of(store, job) == ["1"]
    with acting(office, CLERK) as act:
        assert erase_subject(office.gallery, act, "eve").faces == 0
    assert names_of(store, job) == []


def test_the_jobs_of_a_deleted_collection_are_cancelled_and_their_items_deleted(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = office_on(store)
    create(office, "staff")
    create(office, "guests")
    monkeypatch.setattr(deleting, "BATCH", 2)
    running = with_items(store, "a", "b", collection_id="staff")
    longer = with_items(store, *"cdefg", collection_id="staff")
    waiting, other = queued(store, collection_id="staff"), queued(store, collection_id="guests")
    with acting(office) as act:
        delete_collection(office.gallery, act, "staff")
    for job in (running, longer, waiting):
        ended = now_is(store, job)
        assert (ended.state, ended.message) == (JobState.CANCELLED, "its collection was deleted")
        assert ended.ended_at is not None
    assert items_of(store, running) == items_of(store, longer) == []
    assert now_is(store, other).state is JobState.WAITING
    with pytest.raises(JobLost):
        settle(store, running, 1)


def test_a_job_does_not_go_on_in_a_collection_that_is_made_anew_under_the_same_name(store: SqlStore) -> None:
    office = office_on(store)
    create(office, "staff")
    before = queued(store, collection_id="staff")
    with acting(office) as act:
        delete_collection(office.gallery, act, "staff")
    create(office, "staff")
    after = queued(store, collection_id="staff")
    with acting(office) as act:
        delete_collection(office.gallery, act, "staff")
    states = [now_is(store, job).state for job in (before, after)]
    assert states == [JobState.CANCELLED, JobState.CANCELLED]


def test_erasing_everything_leaves_no_job_to_do_and_no_item(store: SqlStore) -> None:
    office = office_on(store)
    create(office, "staff")
    jobs = [with_items(store, NewItem("1", "eve"), collection_id=name) for name in ("staff", None)]
    with acting(office, BOSS) as act:
        erase_everything(office.gallery, act)
    assert [now_is(store, job).state for job in jobs] == [JobState.CANCELLED] * 2
    assert [names_of(store, job) for job in jobs] == [[], []]


def test_jobs_that_ended_long_ago_are_deleted_a_part_at_a_time(store: SqlStore) -> None:
    old = ended(store, NOW - HOUR, *"abc")
    older_but_later = ended(store, NOW - 2 * HOUR, *"de")
    young, open_job = ended(store, NOW, "f"), with_items(store, "g")
    with store.reading() as reader:
        assert reader.count_forgettable_jobs(NOW) == 2

    def forget() -> list[str]:
        with store.writing() as writer:
            return writer.forget_jobs(NOW, 2)

    assert forget() == []
    assert names_of(store, old) == ["c"]
    assert forget() == [old.job_id]
    assert names_of(store, older_but_later) == ["e"]
    assert forget() == [older_but_later.job_id]
    assert forget() == []
    assert names_of(store, young) == ["f"]
    assert names_of(store, open_job) == ["g"]


def test_a_job_is_kept_for_as_long_as_what_it_found(store: SqlStore) -> None:
    job = ended(store, NOW - HOUR, "a")
    with store.writing() as writer:
        writer.add_video(job, None)
    with store.writing() as writer:
        assert writer.count_forgettable_jobs(NOW) == 0
        assert writer.forget_jobs(NOW, 9) == []
        writer.delete_videos([job.key])
        assert writer.forget_jobs(NOW, 9) == [job.job_id]


def ended(store: SqlStore, at: datetime, *names: str) -> Job:
    job = with_items(store, *names)
    with store.writing() as writer:
        writer.end_job(job, "mine", JobState.FAILED, "", at)
    return job


def test_an_item_among_many_is_found_at_once(store: SqlStore) -> None:
    job = with_items(store, *(f"{number:06}" for number in range(5_000)))
    settle(store, job, skipped=dict.fromkeys(range(1, 4_991), "no face"))
    began = time.perf_counter()
    for _ in range(20):
        assert due(store, job, datetime.now(UTC), most=5) == [4_991, 4_992, 4_993, 4_994, 4_995]
    assert (time.perf_counter() - began) / 20 < 0.05
    assert claimed(store) is None
