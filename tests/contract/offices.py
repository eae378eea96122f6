"""An office on a database of the contract, put together as a server's is, and who asks it for things."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from countenance.access import AccessKey
from countenance.governance import Consent
from countenance.ledger import VerifierKey, verify_ledger, verify_receipt
from countenance.operations.keep_consents import (
    ConsentMethod,
    NewConsent,
    Withdrawal,
    record_consent,
    withdraw_consent,
)
from countenance.operations.look_into_ledger import show_receipt
from countenance.operations.search_faces import matching_faces
from countenance.operations.sweep import do_sweep
from countenance.settings import Settings
from countenance.vision import FaceAnalyzer
from countenance.vision.runtime import Runtime
from countenance.wiring import furnish_office
from new_faces import PACK, new_face, template

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from contextlib import AbstractContextManager

    from countenance.gallery.values import Collection, EnrolledFace, NewFace
    from countenance.ledger import VerifiedReceipt
    from countenance.operations.acts import Act
    from countenance.store import SqlStore
    from countenance.wiring import Office

Answer = TypeVar("Answer")

NOTICE = "We look at your face to open the door for you."
KEPT = timedelta(days=365)


@cache
def vision() -> FaceAnalyzer:
    """Return an analyzer whose pack is that of the made-up faces."""
    return FaceAnalyzer.load(PACK, runtime=Runtime(provider="cpu"))


def key(name: str, **limits: Any) -> AccessKey:
    """Return an access key whose id is its name."""
    return AccessKey(name, "secret", name, datetime.now(UTC), **limits)


BOSS = key("boss", administrator=True)
CLERK = key("clerk")


def office_on(store: SqlStore, **settings: Any) -> Office:
    """Put an office together as `wiring` does."""
    return furnish_office(Settings(data_dir=Path("unused"), index_memory_mb=100, **settings), store)


def acting(
    office: Office, by: AccessKey = BOSS, request_id: str | None = None
) -> AbstractContextManager[Act]:
    """Open an act, as a door does for each request."""
    return office.register.act(by, request_id)


def tags(**lines: str) -> dict[str, str]:
    """Return the tags that declare these lines; an underscore stands for a hyphen."""
    return {f"countenance:{name.replace('_', '-')}": value for name, value in lines.items()}


def create(office: Office, collection_id: str, **lines: str) -> Collection:
    """Create a collection whose policy has these lines."""
    with office.gallery.changing() as change:
        return change.writer.create_collection(collection_id, PACK, tags(**lines))


def enrol(office: Office, collection: Collection, *faces: NewFace) -> list[EnrolledFace]:
    """Enrol faces, as at the end of IndexFaces."""
    with office.gallery.changing() as change:
        return change.enrol(collection, faces)


def make_user(
    office: Office, collection: Collection, user_id: str, faces: Iterable[EnrolledFace] = ()
) -> None:
    """Create a user with faces."""
    with office.gallery.changing() as change:
        user = change.writer.create_user(collection, user_id)
        change.associate(collection, user, [face.key for face in faces])


def looking_like(number: int, of: int, name: str | None = None, *, likeness: float = 1.0) -> NewFace:
    """Return a face with an id of its own that looks like another; the less so, the smaller the likeness."""
    vector = likeness * template(of) + (1 - likeness) * template(number)
    return replace(new_face(number, name), vector=(vector / np.linalg.norm(vector)).astype(np.float32))


def consent_to(purpose: str, subject: str, **more: Any) -> NewConsent:
    """Return a consent to be recorded."""
    return NewConsent(
        **{"subject": subject, "purpose": purpose, "notice_version": "1", "notice": NOTICE}
        | {"method": ConsentMethod.WRITTEN_RELEASE}
        | more
    )


def consent(office: Office, subject: str, purpose: str = "entry", **more: Any) -> Consent:
    """Record a consent that holds from now on."""
    with acting(office) as act:
        return record_consent(act, consent_to(purpose, subject, **more))


def keep(office: Office, record: Consent) -> Consent:
    """Keep a record as it is, such as one that was made long ago."""
    with office.store.writing() as writer:
        writer.add_consent(record, None)
    return record


def old_consent(
    number: int, subject: str, purpose: str, given_at: datetime, **ends: datetime | None
) -> Consent:
    """Return a record of a consent with any times."""
    times: dict[str, Any] = {"expires_at": None, "withdrawn_at": None} | ends
    return Consent(
        consent_id=f"{number:08}-0000-4000-8000-000000000000",
        subject=subject,
        purpose=purpose,
        notice_version="1",
        notice_sha256="0" * 64,
        method=ConsentMethod.WRITTEN_RELEASE,
        signer=None,
        given_at=given_at,
        evidence_type=None,
        evidence_sha256=None,
        recorded_at=given_at,
        recorded_by="clerk",
        **times,
    )


def found(
    office: Office,
    collection_id: str,
    number: int,
    most: int = 10,
    by: AccessKey = CLERK,
    least_similarity: float = 80,
) -> list[str | None]:
    """Search for a numbered face, as SearchFacesByImage does; return whose faces are like it."""
    with acting(office, by) as act:
        act.permit("search_faces_by_image", collection_id)
        with office.gallery.reading() as reader:
            collection = reader.collection(collection_id)
        matches = matching_faces(
            vision(),
            office.gallery,
            act,
            collection,
            template(number),
            most=most,
            least_similarity=least_similarity,
        )
    return [match.face.external_image_id for match in matches]


def withdrawn(office: Office, consent_id: str) -> Withdrawal:
    """Withdraw a consent."""
    with acting(office) as act:
        return withdraw_consent(office.gallery, act, consent_id)


def swept(office: Office) -> int:
    """Erase what is due, as a server does every minute; return how many faces that were."""
    return do_sweep(office.gallery, office.register, KEPT, "a-sweep")


def names_in(office: Office, collection: Collection) -> list[str | None]:
    """Return whose faces are in a collection, in the order of their enrolment."""
    with office.gallery.reading() as reader:
        faces = reader.faces(collection, after_key=0, most=1000)
    return [face.external_image_id for face in faces]


def asked_until(end: datetime, ask: Callable[[], Answer]) -> tuple[list[Answer], list[Answer]]:
    """Ask until after a time; return what was answered before it, and what was asked from it on."""
    before, after = list[Answer](), list[Answer]()
    while not after:
        asked_at = datetime.now(UTC)
        answer = ask()
        if datetime.now(UTC) < end:
            before.append(answer)
        elif asked_at >= end:
            after.append(answer)
    return before, after


def entries(office: Office, **like: object) -> list[dict[str, Any]]:
    """Return the entries of the ledger that say all this, once the ledger was verified."""
    with office.store.reading_ledger() as ledger:
        verify_ledger(ledger, office.store.verifier_key)
        all_entries = [json.loads(entry) for _, entry in ledger.entries()]
    return [entry for entry in all_entries if like.items() <= entry.items()]


def receipt(office: Office, request_id: str, by: AccessKey = BOSS) -> VerifiedReceipt:
    """Return the receipt of a request, verified as by somebody who has only its text and the public key."""
    with acting(office, by) as act, office.store.reading_ledger() as ledger:
        text = json.dumps(show_receipt(ledger, act, request_id))
    return verify_receipt(json.loads(text), VerifierKey.parse(str(office.store.verifier_key)))
