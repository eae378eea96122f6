"""What the database says is due is what the rule for one face says, in any gallery and to the microsecond."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings

from contract.databases import Database
from contract.offices import BOSS, acting, office_on
from contract.situations import DAY, NOW, SITUATIONS, Enrolled, Furnished, Given, Situation, furnish
from countenance.gallery.values import EnrolledFace
from countenance.governance import due_now, valid_consent
from countenance.operations.usable import usable_faces
from countenance.store import SqlStore
from countenance.wiring import Office

TICK = timedelta(microseconds=1)


def test_what_is_due_and_what_may_be_used_is_what_the_rule_says(store: SqlStore, database: Database) -> None:
    office = office_on(store)

    @settings(max_examples=60, deadline=None)
    @given(situation=SITUATIONS)
    def in_any(situation: Situation) -> None:
        there = furnish(office, database, situation)
        for now in (NOW - TICK, NOW, NOW + TICK, *(NOW + days * DAY for days in range(1, 8))):
            expected = [face.key for face in there.faces if there.due(face, now) and not there.is_held(face)]
            due = due_now(there.policy, now)
            with store.reading() as reader:
                assert reader.due_faces(there.collection.key, due, 100) == expected
                assert reader.due_faces(there.collection.key, due, 2) == expected[:2]
        assert usable(office, there) == [face.key for face in there.faces if may_be_used(there, face)]

    in_any()


def usable(office: Office, there: Furnished) -> list[int]:
    with acting(office, BOSS) as act:
        act.permit("list_faces", there.collection.collection_id)
        pick = usable_faces(act, there.collection)
        with office.gallery.reading() as reader:
            return [face.key for face in (there.faces if pick is None else pick(reader, there.faces))]


def may_be_used(there: Furnished, face: EnrolledFace) -> bool:
    now = datetime.now(UTC)
    consenting = valid_consent(there.consents_for(face), now) is not None
    return not there.due(face, now) and (consenting or not there.policy.consent_required)


@pytest.mark.parametrize(
    ("policy", "moment"),
    [
        ({"retention": "P2D"}, timedelta(0)),
        ({"last_interaction": "PT36H"}, timedelta(days=-0.5)),
        ({"purpose_met": (NOW + DAY).isoformat(), "after_purpose": "P2D"}, DAY),
        ({"consent": "required", "purpose": "entry"}, -DAY),
    ],
)
def test_a_face_is_due_at_the_very_moment_of_its_expiry_and_not_before(
    store: SqlStore, database: Database, policy: dict[str, str], moment: timedelta
) -> None:
    """It was enrolled two days before ``NOW`` + 0, last seen then, and the consent ended a day after."""
    office = office_on(store)
    situation = Situation(
        policy, [Enrolled("ann", None, 2)], {"ann": 2}, [Given("ann", "entry", 5, 1, None)], []
    )
    there = furnish(office, database, situation)
    expiry_at = NOW + moment if "purpose_met" not in policy else NOW + 3 * DAY
    (face,) = there.faces
    with store.reading() as reader:
        for now, expected in (
            (expiry_at - TICK, []),
            (expiry_at, [face.key]),
            (expiry_at + TICK, [face.key]),
        ):
            assert reader.due_faces(there.collection.key, due_now(there.policy, now), 10) == expected
            assert there.due(face, now) == bool(expected)


def test_who_never_consented_is_not_due_and_neither_is_who_consents_without_end(
    store: SqlStore, database: Database
) -> None:
    office = office_on(store)
    situation = Situation(
        {"consent": "required", "purpose": "entry"},
        [
            Enrolled("ann", None, 1),
            Enrolled("bob", None, 1),
            Enrolled(None, None, 1),
            Enrolled("eve", None, 1),
        ],
        {},
        [
            Given("ann", "entry", 5, None, None),
            Given("ann", "entry", 5, 2, None),
            Given("eve", "boarding", 5, 2, None),
        ],
        [],
    )
    there = furnish(office, database, situation)
    with store.reading() as reader:
        assert reader.due_faces(there.collection.key, due_now(there.policy, NOW + 99 * DAY), 10) == []
    assert usable(office, there) == [there.faces[0].key]


def test_faces_of_other_collections_are_not_due_here(store: SqlStore, database: Database) -> None:
    office = office_on(store)
    situation = Situation({"retention": "P1D"}, [Enrolled("ann", None, 2)], {}, [], [])
    one, other = furnish(office, database, situation), furnish(office, database, situation)
    with store.reading() as reader:
        for there in (one, other):
            due = due_now(there.policy, NOW)
            assert reader.due_faces(there.collection.key, due, 10) == [there.faces[0].key]
            nothing = replace(due, enrolled_before=None)
            assert reader.due_faces(there.collection.key, nothing, 10) == []
