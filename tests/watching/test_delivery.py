"""Events are posted in order and again until they are taken; what is given up is counted."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from countenance.notices import Channels, Webhooks
from countenance.operations.monitors import delivery as delivering
from countenance.operations.monitors.delivery import Delivery
from countenance.operations.monitors.feed import MOST_EVENTS, Feed
from countenance.operations.watch_events import FaceAppeared, Recognised
from watching.receiver import Receiver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from countenance.operations.monitors.feed import NumberedEvent

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
SECRET = "whsec_" + "A" * 43 + "="


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as listening:
        yield listening


def delivery_to(receiver: Receiver, is_current: Callable[[NumberedEvent], bool] = lambda _: True) -> Delivery:
    channels = Channels(Webhooks({"doorman": receiver.address}, SECRET), None)
    return Delivery(channels, "doorman", "a-monitor", is_current, first_pause_seconds=0.05)


def appeared(track: int) -> FaceAppeared:
    return FaceAppeared("a-watch", NOW, track)


def recognised(track: int, face_id: str) -> Recognised:
    return Recognised("a-watch", NOW, track, face_id, "eileen", None, 99.5, 1e-5, "a-request")


def wait_for(condition: Callable[[], bool], seconds: float = 5.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_events_are_posted_signed_and_in_order(receiver: Receiver) -> None:
    delivery, feed = delivery_to(receiver), Feed()
    with delivery.going_on():
        for track in (1, 2, 3):
            delivery.add(feed.add(appeared(track)))
    assert [body["track"] for body in receiver.posted] == [1, 2, 3]
    first = receiver.posted[0]
    assert (first["event"], first["monitor_id"], first["at"]) == (
        *("appeared", "a-monitor"),
        "2026-07-01T12:00:00.000Z",
    )
    assert first["dropped_before"] == 0
    assert receiver.headers[0]["webhook-signature"].startswith("v1,")
    assert len({headers["webhook-id"] for headers in receiver.headers}) == 3


def test_what_is_not_taken_is_posted_again(receiver: Receiver) -> None:
    delivery, feed = delivery_to(receiver), Feed()
    receiver.refuses.set()
    with delivery.going_on():
        delivery.add(feed.add(appeared(1)))
        time.sleep(0.3)
        assert receiver.posted == []
        receiver.refuses.clear()
        wait_for(lambda: len(receiver.posted) == 1)


def test_too_many_that_wait_are_given_up_oldest_first_and_counted(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivering, "MOST_WAITING", 3)
    delivery, feed = delivery_to(receiver), Feed()
    for track in range(1, 8):
        delivery.add(feed.add(appeared(track)))
    assert delivery.dropped == 4
    with delivery.going_on():
        wait_for(lambda: len(receiver.posted) == 3)
    assert [(body["track"], body["dropped_before"]) for body in receiver.posted] == [(5, 4), (6, 0), (7, 0)]
    assert delivery.dropped == 0


def test_what_has_waited_too_long_is_given_up(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    delivery, feed = delivery_to(receiver), Feed()
    delivery.add(feed.add(appeared(1)))
    time.sleep(0.05)
    monkeypatch.setattr(delivering, "OLDEST_SECONDS", 0.04)
    delivery.add(feed.add(appeared(2)))
    with delivery.going_on():
        wait_for(lambda: bool(receiver.posted))
    assert [(body["track"], body["dropped_before"]) for body in receiver.posted] == [(2, 1)]


def test_nobody_is_named_any_more_who_was_erased(receiver: Receiver) -> None:
    delivery, feed = delivery_to(receiver, lambda each: each.event.name != "recognised"), Feed()
    with delivery.going_on():
        delivery.add(feed.add(recognised(1, "a-face")))
        delivery.add(feed.add(appeared(2)))
        wait_for(lambda: bool(receiver.posted))
    assert [body["track"] for body in receiver.posted] == [2]


def test_a_feed_holds_the_last_events_and_its_numbers_rise_over_starts() -> None:
    before = Feed().add(appeared(1)).number
    time.sleep(0.01)
    feed = Feed()
    for track in range(MOST_EVENTS + 5):
        feed.add(appeared(track))
    numbers = [each.number for each in feed.last(10_000)]
    assert len(numbers) == MOST_EVENTS
    assert numbers == sorted(set(numbers))
    assert numbers[0] > before
    assert [each.number for each in feed.after(numbers[-3], 10)] == numbers[-2:]
    assert [each.number for each in feed.after(0, 1)] == numbers[:1]


def test_a_feed_forgets_the_erased() -> None:
    feed = Feed()
    for face in ("one", "two", "one"):
        feed.add(recognised(1, face))
    feed.add(appeared(1))
    assert feed.recognised_faces() == {"one", "two"}
    feed.forget_faces({"one"})
    assert [each.event.name for each in feed.last(9)] == ["recognised", "appeared"]
    assert feed.recognised_faces() == {"two"}
