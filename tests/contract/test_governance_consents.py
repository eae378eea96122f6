"""Records of consent: kept, shown and forgotten, and who may be enrolled where one is needed."""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.databases import Database
from contract.offices import (
    BOSS,
    CLERK,
    KEPT,
    NOTICE,
    acting,
    consent,
    consent_to,
    create,
    enrol,
    entries,
    keep,
    key,
    names_in,
    office_on,
    old_consent,
    swept,
    vision,
    withdrawn,
)
from countenance.errors import (
    ConsentMissing,
    ConsentNotFound,
    PolicyForbids,
    PolicyInvalid,
    TemplateBroken,
)
from countenance.governance import Consent
from countenance.images import ImageLimits, open_image
from countenance.operations.identifiers import Identifiers
from countenance.operations.index_faces import IndexedFaces, index_faces
from countenance.operations.keep_consents import (
    MOST_EVIDENCE_BYTES,
    ConsentMethod,
    Evidence,
    list_consents,
    record_consent,
    show_consent,
)
from countenance.operations.manage_holds import place_hold, release_hold
from countenance.store import SqlStore
from countenance.wiring import Office
from new_faces import new_face

DAY = timedelta(days=1)
SCAN = b"%PDF-1.7 the signed release of Ann"


@pytest.fixture
def office(store: SqlStore) -> Office:
    return office_on(store)


def shown(office: Office, consent_id: str) -> tuple[Consent, bytes | None]:
    with acting(office) as act:
        return show_consent(act, consent_id)


def listed(office: Office, subject: str | None = None) -> list[Consent]:
    with acting(office) as act:
        return list_consents(act, subject=subject, most=100).items


def test_what_is_recorded_is_shown_with_its_evidence(office: Office) -> None:
    before = datetime.now(UTC)
    recorded = consent(
        office,
        "ann",
        method=ConsentMethod.GUARDIAN,
        signer="Eve, her mother",
        expires_at=before + DAY,
        evidence=Evidence(SCAN, "application/pdf"),
    )
    record, evidence = shown(office, recorded.consent_id)
    assert record.key > 0
    assert evidence == SCAN
    assert (record.subject, record.purpose, record.method) == ("ann", "entry", ConsentMethod.GUARDIAN)
    assert record.signer == "Eve, her mother"
    assert record.notice_sha256 == hashlib.sha256(NOTICE.encode()).hexdigest()
    assert (record.evidence_type, record.evidence_sha256) == (
        "application/pdf",
        hashlib.sha256(SCAN).hexdigest(),
    )
    assert before <= record.given_at == record.recorded_at <= datetime.now(UTC)
    assert (record.expires_at, record.withdrawn_at, record.recorded_by) == (before + DAY, None, "boss")


def test_a_notice_that_is_kept_elsewhere_is_named_by_its_hash(office: Office) -> None:
    digest = hashlib.sha256(b"another text").hexdigest()
    assert consent(office, "ann", notice=digest).notice_sha256 == digest
    assert consent(office, "ann").evidence_sha256 is None
    assert shown(office, listed(office)[0].consent_id)[1] is None


def test_evidence_is_encrypted_in_the_database(office: Office, database: Database) -> None:
    consent(office, "ann", evidence=Evidence(SCAN, "application/pdf"))
    ((sealed,),) = database.statement("SELECT evidence FROM consents")
    assert SCAN[9:] not in bytes(sealed)
    assert not any(SCAN[9:] in file.read_bytes() for file in database.files.rglob("*") if file.is_file())


def test_evidence_opens_only_where_it_belongs(office: Office, database: Database) -> None:
    one, other = (
        consent(office, "ann", evidence=Evidence(content, "text/plain")).consent_id
        for content in (b"1", b"2")
    )
    database.statement(
        "UPDATE consents SET evidence = (SELECT evidence FROM consents WHERE consent_id = :other) "
        "WHERE consent_id = :one",
        one=one,
        other=other,
    )
    assert shown(office, other)[1] == b"2"
    with pytest.raises(TemplateBroken, match="a consent's evidence"):
        shown(office, one)


@pytest.mark.parametrize("hours", [-11, 9])
def test_times_are_the_same_moments_in_whatever_zone_they_were_told(office: Office, hours: int) -> None:
    there = datetime.now(timezone(timedelta(hours=hours)))
    recorded = consent(office, "ann", given_at=there, expires_at=there + timedelta(hours=1))
    record, _ = shown(office, recorded.consent_id)
    assert (record.given_at, record.expires_at) == (there, there + timedelta(hours=1))
    assert record.state(datetime.now(UTC)) == "valid"


NOBODYS_ID = "00000000-0000-4000-8000-000000000000"
MALFORMED: dict[str, dict[str, Any]] = {
    "a subject that is no name of one": {"subject": "Ann Smith"},
    "no subject": {"subject": ""},
    "a subject that is too long": {"subject": "a" * 256},
    "a purpose that is none": {"purpose": "staff entry"},
    "no purpose": {"purpose": ""},
    "no version": {"notice_version": ""},
    "a version that is too long": {"notice_version": "1" * 101},
    "a version that cannot be read": {"notice_version": "1\0"},
    "no notice": {"notice": ""},
    "a future consent": {"given_at": datetime.now(UTC) + DAY},
    "an end before its beginning": {"expires_at": datetime.now(UTC) - DAY},
    "no time at all": {
        "given_at": datetime(2026, 1, 1, tzinfo=UTC),
        "expires_at": datetime(2026, 1, 1, tzinfo=UTC),
    },
    "a guardian without a name": {"method": ConsentMethod.GUARDIAN},
    "a signer of spaces": {"signer": "  "},
    "a signer that is too long": {"signer": "n" * 256},
    "evidence without a type": {"evidence": Evidence(b"x", "")},
    "evidence of a type that is too long": {"evidence": Evidence(b"x", "t" * 101)},
    "too much evidence": {"evidence": Evidence(bytes(MOST_EVIDENCE_BYTES + 1), "text/plain")},
}


def test_what_is_not_well_formed_is_refused_and_the_refusal_recorded(office: Office) -> None:
    assert [what for what, parts in MALFORMED.items() if not refused(office, parts)] == []
    assert listed(office) == []
    refusals = entries(office, operation="record_consent")
    assert [entry["outcome"] for entry in refusals] == ["PolicyInvalid"] * len(MALFORMED)


def refused(office: Office, parts: dict[str, Any]) -> bool:
    try:
        with acting(office) as act:
            record_consent(act, consent_to(**{"purpose": "entry", "subject": "ann"} | parts))
    except PolicyInvalid:
        return True
    return False


@pytest.mark.parametrize("text", ["Ann Smith of 12 Elm Street", "\ud800", "x" * 100_000])
def test_no_text_that_is_no_purpose_comes_into_the_ledger(office: Office, text: str) -> None:
    with pytest.raises(PolicyInvalid, match="is no purpose"), acting(office) as act:
        record_consent(act, consent_to(text, "ann"))
    (entry,) = entries(office, operation="record_consent")
    assert "reasons" not in entry


def test_consents_are_listed_by_pages_and_by_subject(office: Office) -> None:
    ids = [consent(office, subject).consent_id for subject in ("ann", "bob", "ann", "eve", "ann")]
    with acting(office) as act:
        first = list_consents(act, subject="ann", most=2)
        assert first.next_after is not None
        rest = list_consents(act, subject="ann", most=2, after_key=first.next_after)
        everything = list_consents(act, subject=None, most=5)
    assert [each.consent_id for each in first.items] == [ids[0], ids[2]]
    assert ([each.consent_id for each in rest.items], rest.next_after) == ([ids[4]], None)
    assert ([each.consent_id for each in everything.items], everything.next_after) == (ids, None)


def test_a_consent_that_there_is_not_is_neither_shown_nor_withdrawn(office: Office) -> None:
    with pytest.raises(ConsentNotFound):
        shown(office, NOBODYS_ID)
    with pytest.raises(ConsentNotFound):
        withdrawn(office, NOBODYS_ID)
    assert [entry["outcome"] for entry in entries(office)] == ["ConsentNotFound"] * 2


def test_a_key_for_one_purpose_records_no_consent_to_another(office: Office) -> None:
    porter = key("porter", purposes=("entry",))
    with acting(office, porter) as act:
        record_consent(act, consent_to("entry", "ann"))
    with pytest.raises(PolicyForbids), acting(office, porter) as act:
        record_consent(act, consent_to("boarding", "ann"))


DAYS = st.integers(-5, 5)
TIMES = st.tuples(DAYS, st.none() | DAYS, st.none() | st.integers(-5, 0))


def test_consents_are_counted_as_each_of_them_says(store: SqlStore) -> None:
    office, now, made = office_on(store), datetime.now(UTC), list[Consent]()

    @settings(max_examples=15, deadline=None)
    @given(times=st.lists(TIMES, min_size=1, max_size=5), kept_for=st.integers(0, 6))
    def with_any(times: list[tuple[int, int | None, int | None]], kept_for: int) -> None:
        for given_on, expires_on, withdrawn_on in times:
            ends = {
                "expires_at": now + expires_on * DAY if expires_on is not None else None,
                "withdrawn_at": now + withdrawn_on * DAY if withdrawn_on is not None else None,
            }
            record = old_consent(len(made), f"n{len(made)}", "entry", now + given_on * DAY, **ends)
            made.append(keep(office, record))
        with store.reading() as reader:
            assert reader.count_consents(now) == Counter(each.state(now) for each in made)
            before = now - kept_for * DAY
            ended = [each for each in made if each.ends_at is not None and each.ends_at <= before]
            assert reader.count_forgettable(before) == len(ended)

    with_any()


def test_only_who_consented_is_enrolled_from_a_picture(office: Office, astronaut: Path) -> None:
    create(office, "staff", jurisdiction="bipa", purpose="entry")
    identifiers = Identifiers(bytes(32))

    def index(external_image_id: str | None) -> IndexedFaces:
        with acting(office, CLERK) as act:
            return index_faces(
                vision(),
                office.gallery,
                identifiers,
                act,
                "staff",
                lambda: open_image(astronaut, ImageLimits()),
                external_image_id=external_image_id,
                most=1,
            )

    for nobody, said in (("collins", "there is none of theirs"), (None, "by ExternalImageId")):
        with pytest.raises(ConsentMissing, match=said):
            index(nobody)
    consent(office, "collins", "boarding")
    with pytest.raises(ConsentMissing, match="consent to entry is required and there is none of theirs"):
        index("collins")
    recorded = consent(office, "collins")
    ((face, _),) = index("collins").enrolled
    assert face.external_image_id == "collins"
    refused, done = entries(office, operation="index_faces", key="clerk")[-2:]
    assert (refused["outcome"], done["outcome"]) == ("ConsentMissing", "done")
    assert done["reasons"] == ["purpose:entry", "source:unknown", "consent:valid"]
    withdrawn(office, recorded.consent_id)
    with pytest.raises(ConsentMissing, match="what there is of theirs is withdrawn"):
        index("collins")


def test_a_record_is_forgotten_its_time_after_it_ended(office: Office) -> None:
    now, old = datetime.now(UTC), datetime.now(UTC) - 3 * KEPT
    keep(office, old_consent(1, "ann", "entry", old, expires_at=now - KEPT))
    keep(office, old_consent(2, "bob", "entry", old, withdrawn_at=now - KEPT - DAY))
    keep(office, old_consent(3, "eve", "entry", old, withdrawn_at=now - KEPT + DAY))
    keep(office, old_consent(4, "max", "entry", old, expires_at=now + DAY))
    keep(office, old_consent(5, "tom", "entry", old))
    assert swept(office) == 0
    assert [each.subject for each in listed(office)] == ["eve", "max", "tom"]
    (entry,) = entries(office, operation="forget_consents")
    assert (entry["consents"], entry["key"], entry["request"]) == (2, "system", "a-sweep")
    swept(office)
    assert len(entries(office, operation="forget_consents")) == 1


def test_a_hold_keeps_records_too_and_what_rested_on_them_is_erased_before_they_are_forgotten(
    office: Office,
) -> None:
    staff = create(office, "staff", purpose="entry", consent="required")
    enrol(office, staff, new_face(1, "ann"))
    long_ago = datetime.now(UTC) - 3 * KEPT
    keep(office, old_consent(1, "ann", "entry", long_ago, withdrawn_at=long_ago + DAY))
    with acting(office) as act:
        hold = place_hold(act, "ann", "warrant 7")
    assert swept(office) == 0
    assert (names_in(office, staff), len(listed(office))) == (["ann"], 1)
    with acting(office) as act:
        release_hold(act, hold.hold_id)
    assert swept(office) == 1
    assert (names_in(office, staff), listed(office)) == ([], [])


def test_everything_that_is_done_to_consents_is_recorded_without_names(office: Office) -> None:
    recorded = consent(office, "ann-collins", method=ConsentMethod.GUARDIAN, signer="Eve Collins")
    shown(office, recorded.consent_id)
    listed(office, "ann-collins")
    withdrawn(office, recorded.consent_id)
    done = entries(office, key=BOSS.key_id)
    assert [entry["operation"] for entry in done] == [
        "record_consent",
        "show_consent",
        "list_consents",
        "withdraw_consent",
        "erase_withdrawn",
    ]
    assert "ollins" not in str(done)
    assert done[0]["method"] == "guardian"
    assert {entry.get("consent") for entry in done} == {recorded.consent_id, None}
