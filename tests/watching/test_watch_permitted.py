"""Watching goes on only as long as it is permitted, and names nobody whom it may not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from contract.offices import (
    BOSS,
    acting,
    consent,
    create,
    entries,
    key,
    vision,
    withdrawn,
)
from contract.reviewing import CONFIRM, vote
from countenance.errors import (
    CollectionNotFound,
    MoratoriumInForce,
    NotPermitted,
    PacksDiffer,
    PolicyForbids,
    VideoUnreadable,
)
from countenance.operations import watch as watch_operation
from countenance.operations.callers import caller_of
from countenance.operations.delete_collection import delete_collection
from countenance.operations.manage_keys import create_key, revoke_key
from countenance.operations.manage_moratoria import begin_moratorium
from countenance.operations.review_answers import show_review
from countenance.operations.tag_collection import tag_collection
from countenance.operations.watch_events import (
    HeldForReview,
    WatchEnded,
    event_record,
)
from new_faces import face_id

if TYPE_CHECKING:
    from pathlib import Path

    from countenance.faces import Vector
    from countenance.wiring import Office


from watching.watchers import Heard, enrol_collins, watched, watching

REFUSED: dict[str, tuple[dict[str, str], str]] = {
    "no purpose": ({"purpose": ""}, "only for a purpose that is declared"),
    "public space": ({"purpose": "public-space"}, "public-space purposes: no live watching"),
    "gdpr": (
        {"jurisdiction": "gdpr", "purpose": "entry", "basis": "consent", "retention": "P1Y"},
        "searching this collection is refused",
    ),
    "washington": ({"jurisdiction": "washington", "purpose": "entry"}, "RCW 43.386: no ongoing surveillance"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_it_is_refused_where_the_policy_says_so(case: str, office: Office, collins: Path) -> None:
    lines, why = REFUSED[case]
    create(office, "staff", **{name: value for name, value in lines.items() if value})
    heard = Heard()
    with pytest.raises(PolicyForbids, match=why):
        watched(office, collins, heard, lambda: BOSS)
    assert heard.events == []
    (entry,) = entries(office)
    assert (entry["operation"], entry["outcome"]) == ("watch", "PolicyForbids")


def test_a_key_must_be_allowed_to_watch_and_to_search(staff: Office, collins: Path) -> None:
    for limits in (
        {"operations": ("watch",)},
        {"operations": ("search_*",)},
        {"collections": ("others",)},
        {"purposes": ("boarding",)},
    ):
        heard = Heard()
        with pytest.raises(NotPermitted):
            watched(staff, collins, heard, lambda limits=limits: key("limited", **limits))  # type: ignore[misc]
        assert heard.events == []
    heard = Heard()
    allowed: dict[str, Any] = {"operations": ("watch", "search_live"), "purposes": ("entry",)}
    watched(staff, collins, heard, lambda: key("door", collections=("staff",), **allowed))
    assert "recognised" in heard.names


@pytest.fixture
def _asks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """That two seconds are enough, the test of a server shows."""
    monkeypatch.setattr(watch_operation, "ASK_AGAIN_SECONDS", 0.2)


@pytest.mark.usefixtures("_asks_often")
def test_a_moratorium_ends_it_within_seconds(staff: Office, long_film: Path) -> None:
    with watching(staff, long_film) as (heard, ended_by):
        with acting(staff) as act:
            begin_moratorium(act, "search", "the council said so")
        heard.wait("ended", 4)
    assert isinstance(ended_by[0], MoratoriumInForce)
    (ended,) = [event for event in heard.events if isinstance(event, WatchEnded)]
    assert "the council said so" in ended.reason
    assert entries(staff, operation="end_watch")[0]["ended_by"] == "MoratoriumInForce"


@pytest.mark.usefixtures("_asks_often")
def test_a_stricter_policy_ends_it_within_seconds(staff: Office, long_film: Path) -> None:
    with watching(staff, long_film) as (heard, ended_by):
        with acting(staff) as act:
            tag_collection(staff.gallery, act, "staff", {"countenance:watch": "refused"})
        heard.wait("ended", 4)
    assert isinstance(ended_by[0], PolicyForbids)


@pytest.mark.usefixtures("_asks_often")
def test_a_revoked_key_ends_it_within_seconds(staff: Office, long_film: Path) -> None:
    with acting(staff) as act:
        made = create_key(act, "door")
    with watching(staff, long_film, lambda: caller_of(staff.store, made.key_id)) as (heard, ended_by):
        with acting(staff) as act:
            revoke_key(act, made.key_id)
        heard.wait("ended", 4)
    assert type(ended_by[0]) is NotPermitted
    assert "was revoked" in str(ended_by[0])


@pytest.mark.usefixtures("_asks_often")
def test_a_deleted_collection_ends_it(staff: Office, long_film: Path) -> None:
    with watching(staff, long_film) as (heard, ended_by):
        with acting(staff) as act:
            delete_collection(staff.gallery, act, "staff")
        heard.wait("ended", 4)
    assert isinstance(ended_by[0], CollectionNotFound)


def test_nobody_is_recognised_who_does_not_consent_any_more(
    office: Office, collins: Path, collins_vector: Vector
) -> None:
    given, _ = consent(office, "eileen"), consent(office, "bob")
    enrol_collins(office, collins_vector, purpose="entry", consent="required")
    heard = Heard()
    watched(office, collins, heard)
    assert heard.names.count("recognised") == 1
    withdrawn(office, given.consent_id)
    heard = Heard()
    watched(office, collins, heard)
    assert "recognised" not in heard.names


def test_where_people_review_answers_nobody_is_named_before(
    office: Office, collins_and_hopper: Path, collins_vector: Vector
) -> None:
    enrol_collins(office, collins_vector, purpose="entry", review="one")
    heard = Heard()
    watched(office, collins_and_hopper, heard)
    held = [event for event in heard.events if isinstance(event, HeldForReview)]
    assert [event.track for event in held] == [1, 3]
    told = json.dumps([event_record(event) for event in heard.events])
    assert "recognised" not in heard.names
    assert not any(name in told for name in ("eileen", face_id(1)))
    with acting(office) as act:
        shown = show_review(office.gallery, act, held[0].review_id)
    assert shown.probe is not None
    assert len(vision().faces(shown.probe)) == 1
    assert [each.external_image_id for each in shown.review.candidates] == ["eileen"]
    assert shown.review.asked_by == "clerk"
    assert vote(office, BOSS, held[0].review_id, CONFIRM, face_id(1)).state == "confirmed"


def test_a_collection_of_another_pack_is_not_watched(office: Office, collins: Path) -> None:
    with office.gallery.changing() as change:
        change.writer.create_collection("staff", "another", {"countenance:purpose": "entry"})
    with pytest.raises(PacksDiffer):
        watched(office, collins, Heard())


def test_what_is_no_video_ends_it_with_the_reason(staff: Office, tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"nothing" * 1000)
    heard = Heard()
    with pytest.raises(VideoUnreadable, match=r"a\.mp4 is no video"):
        watched(staff, tmp_path / "a.mp4", heard)
    assert heard.names == ["started", "ended"]
    assert entries(staff, operation="end_watch")[0]["ended_by"] == "VideoUnreadable"
