"""An office in which all sorts of things were done, each a known number of times, and reports of it.

| collection | policy | faces |
|---|---|---|
| doors | entry, BIPA, 30 days, portraits kept | ann 2 (one of the user ann), bob 1 |
| cases | law-enforcement | ann 1, eve 1 |
| loose | none | a nameless face |
| gone | deleted with 2 faces | |
"""

from __future__ import annotations

import io
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from PIL import Image

from contract.offices import (
    BOSS,
    acting,
    consent,
    consent_to,
    create,
    enrol,
    found,
    keep,
    make_user,
    office_on,
    old_consent,
    withdrawn,
)
from countenance.errors import NotPermitted
from countenance.operations.delete_collection import delete_collection
from countenance.operations.delete_faces import delete_faces
from countenance.operations.keep_consents import ConsentMethod, Evidence, record_consent
from countenance.operations.manage_holds import place_hold
from countenance.operations.manage_keys import create_key, revoke_key
from countenance.operations.manage_moratoria import begin_moratorium, lift_moratorium
from countenance.operations.reports.accountability import report_accountability
from countenance.operations.reports.processing import report_processing
from countenance.operations.reports.records import report_record
from countenance.operations.reports.retention import report_retention
from countenance.operations.reports.subject import report_subject
from countenance.operations.review_answers import Verdict, list_reviews, vote_on_review
from countenance.operations.sweep import do_sweep
from new_faces import face_id, new_face

if TYPE_CHECKING:
    from countenance.access import AccessKey
    from countenance.gallery.values import NewFace
    from countenance.reporting import Report
    from countenance.store import SqlStore
    from countenance.wiring import Office

HOSTILE = "<script>alert('x')</script> \"&\u202e"
Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class World:
    """The office and its keys."""

    office: Office
    reception: AccessKey
    detective: AccessKey
    second: AccessKey
    third: AccessKey

    def report(self, kind: str, by: AccessKey = BOSS, **options: Any) -> Report:
        """Make a report; that of a subject is told ``subject``."""
        office = self.office
        with acting(office, by) as act, office.store.reading_ledger() as ledger:
            if kind == "processing":
                return report_processing(office.gallery, ledger, office.store, act, office.service)
            if kind == "retention":
                return report_retention(office.gallery, ledger, act, office.service)
            if kind == "accountability":
                return report_accountability(office.gallery, ledger, office.store, act, office.service)
            return report_subject(office.gallery, ledger, office.store, act, **options)

    def record(self, kind: str, by: AccessKey = BOSS, **options: Any) -> Record:
        """Make a report and return it as JSON has it."""
        return report_record(self.report(kind, by, **options))


def all_of(record: Record, key: str) -> list[Record]:
    """Return the sections of a kind."""
    return [section for section in record["sections"] if section["key"] == key]


def section(record: Record, key: str) -> Record:
    """Return the one section of a kind."""
    (found_one,) = all_of(record, key)
    return found_one


def facts(record: Record, key: str) -> Record:
    """Return the facts of the one section of a kind."""
    return dict(section(record, key)["facts"])


def rows(record: Record, key: str) -> list[Record]:
    """Return the rows of the one section of a kind."""
    return list(section(record, key)["table"]["rows"])


def portrait() -> bytes:
    """Return a small JPEG."""
    content = io.BytesIO()
    Image.new("RGB", (96, 112), (150, 120, 100)).save(content, "JPEG")
    return content.getvalue()


def furnished(store: SqlStore) -> World:
    """Do all sorts of things, each a known number of times."""
    office = office_on(store, sweep_seconds=60, backups_kept=timedelta(days=14))
    world = World(office, *_keys(office))
    _fill(office)
    _use(world)
    _end(office)
    return world


def _keys(office: Office) -> list[AccessKey]:
    with acting(office) as act:
        gone = create_key(act, "a lost key", collections=("doors",))
        revoke_key_id = gone.key_id
    with acting(office) as act:
        revoke_key(act, revoke_key_id)
    limits: tuple[tuple[str, Record], ...] = (
        (f"reception {HOSTILE}", {"collections": ("doors",), "purposes": ("entry",)}),
        ("detective", {"purposes": ("law-*",)}),
        ("second reviewer", {}),
        ("third reviewer", {}),
    )
    made = []
    for name, limit in limits:
        with acting(office) as act:
            made.append(create_key(act, name, **limit))
    return made


def _fill(office: Office) -> None:
    doors = create(
        office,
        "doors",
        purpose="entry",
        jurisdiction="bipa",
        retention="P30D",
        portraits="kept",
        basis=f"consent {HOSTILE}",
    )
    cases = create(office, "cases", purpose="law-enforcement", basis="public interest")
    loose, gone = create(office, "loose"), create(office, "gone", purpose="party")
    with acting(office) as act:
        evidence = Evidence(b"a signed release", "text/plain")
        new = consent_to("entry", "ann", evidence=evidence, method=ConsentMethod.ELECTRONIC_SIGNATURE)
        record_consent(act, new)
    consent(office, "bob")
    faces = enrol(office, doors, _with_portrait(1, "ann"), new_face(2, "ann"), _with_portrait(3, "bob"))
    make_user(office, doors, "ann", faces[:1])
    enrol(office, cases, new_face(1, "ann"), new_face(4, "eve"))
    enrol(office, loose, new_face(5))
    enrol(office, gone, new_face(6, "zoe"), new_face(7, "zed"))


def _use(world: World) -> None:
    office = world.office
    for number in (1, 1, 2):
        assert "ann" in found(office, "doors", number, by=world.reception)
    assert found(office, "doors", 99, by=world.reception) == []
    assert found(office, "loose", 5, by=world.second) == [None]
    for _ in range(3):  # each waits for two people
        assert found(office, "cases", 1, by=world.detective) == []
    with acting(office, world.second) as act:
        reviews = list_reviews(act, state=None, most=10).items
    confirm, reject = (Verdict.CONFIRM, face_id(1)), (Verdict.REJECT, None)
    for review, verdicts in zip(reviews, ((confirm, confirm), (confirm, reject)), strict=False):
        for voter, (verdict, candidate) in zip((world.second, world.third), verdicts, strict=True):
            with acting(office, voter) as act:
                note = f"same scar {HOSTILE}"
                vote_on_review(act, review.review_id, verdict, candidate_id=candidate, note=note)
    with suppress(NotPermitted):
        found(office, "cases", 1, by=world.reception)
    with acting(office) as act:
        begun = begin_moratorium(act, "search", f"a complaint {HOSTILE}")
    for _ in range(2):
        with suppress(NotPermitted):
            found(office, "doors", 1, by=world.reception)
    with acting(office) as act:
        lift_moratorium(act, str(begun.moratorium_id))
    with acting(office) as act:
        place_hold(act, "eve", f"case 12 {HOSTILE}")


def _end(office: Office) -> None:
    with office.gallery.reading() as reader:
        doors = reader.collection("doors")
    extra = enrol(office, doors, new_face(10, "dan"), new_face(11, "ida"), new_face(12, "kim"))
    with acting(office) as act:
        delete_faces(office.gallery, act, "doors", [extra[0].face_id])
    withdrawn(office, consent(office, "ida").consent_id)
    now = datetime.now(UTC)
    keep(office, old_consent(1, "kim", "entry", now - timedelta(days=2), expires_at=now - timedelta(days=1)))
    assert do_sweep(office.gallery, office.register, office.consents_kept, "a-sweep") == 1
    with acting(office) as act:
        delete_collection(office.gallery, act, "gone")


def _with_portrait(number: int, name: str) -> NewFace:
    return replace(new_face(number, name), portrait=portrait())
