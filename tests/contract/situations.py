"""Galleries in any state: who was enrolled when, who consented to what, and who is under a hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

from hypothesis import strategies as st
from sqlalchemy import case, update

from contract.databases import Database
from contract.offices import create, enrol, make_user, old_consent, tags
from countenance.gallery.values import Collection, EnrolledFace
from countenance.governance import Consent, Hold, Policy, expiry_of
from countenance.store.tables import faces, subjects
from countenance.wiring import Office
from new_faces import new_face

DAY = timedelta(days=1)
NOW = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
PEOPLE = ["ann", "bob", "eve"]
DAYS_AGO = st.integers(0, 6)
LENGTHS = st.none() | st.integers(1, 6)

_examples = count(1)


@dataclass(frozen=True)
class Enrolled:
    """A face in the making: whose it is, and how many days ago it was enrolled."""

    external: str | None
    user: str | None
    days_ago: int


@dataclass(frozen=True)
class Given:
    """A consent in the making; in days ago, where a negative number is still to come."""

    subject: str
    purpose: str
    given: int
    expires: int | None
    withdrawn: int | None


@dataclass(frozen=True)
class Situation:
    """A gallery, its policy and everybody's records."""

    policy: dict[str, str]
    faces: list[Enrolled]
    last_days_ago: dict[str, int]
    consents: list[Given]
    holds: list[tuple[str, bool]]


def lines(
    retention: int | None, last: int | None, met: int | None, after: int | None, consent: tuple[bool, bool]
) -> dict[str, str]:
    """Return the lines of a policy."""
    required, has_purpose = consent
    chosen = {
        "retention": f"P{retention}D" if retention else None,
        "last_interaction": f"PT{24 * last}H" if last else None,
        "purpose_met": (NOW - (met or 0) * DAY).isoformat() if met is not None else None,
        "after_purpose": f"P{after}D" if after else None,
        "consent": "required" if required else None,
        "purpose": "entry" if has_purpose else None,
    }
    return {name: value for name, value in chosen.items() if value is not None}


SITUATIONS = st.builds(
    Situation,
    st.builds(
        lines,
        LENGTHS,
        LENGTHS,
        st.none() | st.integers(-3, 6),
        LENGTHS,
        st.sampled_from([(True, True), (True, True), (False, True), (True, False), (False, False)]),
    ),
    st.lists(
        st.builds(
            Enrolled,
            st.sampled_from([None, *PEOPLE]),
            st.sampled_from([None, "ann", "team"]),
            st.integers(1, 6),
        ),
        min_size=1,
        max_size=6,
    ),
    st.dictionaries(st.sampled_from([*PEOPLE, "team"]), DAYS_AGO),
    st.lists(
        st.builds(
            Given,
            st.sampled_from([*PEOPLE, "team"]),
            st.sampled_from(["entry", "entry", "boarding"]),
            st.integers(-3, 6),
            st.none() | st.integers(-3, 6),
            st.none() | DAYS_AGO,
        ),
        max_size=5,
    ),
    st.lists(st.tuples(st.sampled_from([*PEOPLE, "team"]), st.booleans()), max_size=1),
)


@dataclass(frozen=True)
class Furnished:
    """A situation in a database; names of people are not those of any other situation."""

    collection: Collection
    policy: Policy
    faces: list[EnrolledFace]
    last: dict[str, datetime]
    consents: dict[str, list[Consent]]
    held: set[str]

    def is_held(self, face: EnrolledFace) -> bool:
        return not self.held.isdisjoint({face.external_image_id, face.user_id})

    def consents_for(self, face: EnrolledFace) -> list[Consent]:
        theirs = self.consents.get(face.consenting or "", [])
        return [each for each in theirs if each.purpose == self.policy.purpose]

    def due(self, face: EnrolledFace, now: datetime) -> bool:
        last = self.last.get(face.subject, face.enrolled_at)
        expiry = expiry_of(self.policy, face.enrolled_at, last, self.consents_for(face))
        return expiry is not None and expiry.at <= now


def furnish(office: Office, database: Database, situation: Situation) -> Furnished:
    number = next(_examples)

    def named(name: str | None) -> str | None:
        return f"{name}-{number}" if name is not None else None

    collection = create(office, f"gallery-{number}", **situation.policy)
    enrolled = enrol(
        office,
        collection,
        *(new_face(place, named(each.external)) for place, each in enumerate(situation.faces, 1)),
    )
    for user in ("ann", "team"):
        theirs = [face for face, each in zip(enrolled, situation.faces, strict=True) if each.user == user]
        if theirs:
            make_user(office, collection, f"{user}-{number}", theirs)
    when = {face.key: NOW - each.days_ago * DAY for face, each in zip(enrolled, situation.faces, strict=True)}
    database.statement(
        update(faces).where(faces.c.key.in_(when)).values(enrolled_at=case(when, value=faces.c.key))
    )
    last = {
        f"{kind}:{named(name)}": NOW - days * DAY
        for name, days in situation.last_days_ago.items()
        for kind in ("external", "user")
    }
    if last:
        this = (subjects.c.collection_key == collection.key, subjects.c.name.in_(last))
        change = case(last, value=subjects.c.name)
        database.statement(update(subjects).where(*this).values(last_interaction_at=change))
    kept: dict[str, list[Consent]] = {}
    with office.store.writing() as writer:
        for place, each in enumerate(situation.consents):
            record = old_consent(
                1000 * number + place,
                f"{each.subject}-{number}",
                each.purpose,
                NOW - each.given * DAY,
                expires_at=NOW - each.expires * DAY if each.expires is not None else None,
                withdrawn_at=NOW - each.withdrawn * DAY if each.withdrawn is not None else None,
            )
            writer.add_consent(record, None)
            kept.setdefault(record.subject, []).append(record)
        for place, (name, released) in enumerate(situation.holds):
            hold = Hold(f"{number}-{place}", f"{name}-{number}", "case 7", NOW, "boss")
            writer.add_hold(hold)
            if released:
                writer.release_hold(hold.hold_id, NOW, "boss")
    with office.gallery.reading() as reader:
        found = reader.faces(collection, after_key=0, most=100)
        last_times = reader.last_interaction(collection, sorted({face.subject for face in found}))
    return Furnished(
        collection,
        office.register.policy_of(tags(**situation.policy)),
        found,
        last_times,
        kept,
        {f"{name}-{number}" for name, released in situation.holds if not released},
    )
