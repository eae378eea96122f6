"""Erase faces: the one way in which faces end, whoever asks and whyever.

1. See that no legal hold forbids it.
2. Note whose faces they are while there still is a key to say it with.
3. Delete the rows, and the answers kept for a repeated request; the store destroys the subjects' keys and
   the review material, the gallery its index.
4. Note what was destroyed: one hash over the sealed templates commits to each.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from countenance.errors import HoldInForce
from countenance.ledger import GrowingTree, leaf_hash

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from countenance.gallery import Change
    from countenance.gallery.values import Collection, EnrolledFace
    from countenance.operations.acts import Act

_MOST_PSEUDONYMS = 1000


def erase_faces(
    act: Act, change: Change, collection: Collection, faces: Sequence[EnrolledFace], clause: str
) -> int:
    """Erase faces of a collection in a change that has begun, and note it; returns how many.

    Args:
        act: what the entry is about; several collections may be noted one after the other.
        change: the change, which becomes durable together with the entry.
        collection: where they are.
        faces: the faces.
        clause: why: ``request``, ``withdrawal`` or a clause of the retention.

    Raises:
        HoldInForce: a legal hold forbids it.
    """
    # 1
    require_no_hold(act, faces)
    # 2
    subjects = act.subjects(change.writer, collection, faces[:_MOST_PSEUDONYMS])
    # 3
    digests = change.delete_faces(collection, faces)
    change.writer.forget_answers([face.face_id for face in faces])
    # 4
    note_backups(act)
    act.note_more(
        "erased",
        {
            "collection": collection.collection_id,
            "clause": clause,
            "subjects": list(dict.fromkeys(subjects)),
            "faces": len(digests),
            "commitment": commitment(digests),
        },
    )
    return len(digests)


def note_backups(act: Act) -> None:
    """Note when the last backup that may hold what is erased now expires, as far as the operator says."""
    kept = act.register.backups_kept
    if kept is not None:
        act.note(backups_expire=(datetime.now(UTC) + kept).isoformat(timespec="seconds"))


def commitment(digests: Iterable[bytes]) -> str:
    """Return one hash over sealed templates, an RFC 6962 root of their SHA-256 digests, in hexadecimal."""
    tree = GrowingTree()
    for digest in digests:
        tree.append(leaf_hash(digest))
    return tree.root().hex()


def require_no_hold(act: Act, faces: Iterable[EnrolledFace], subjects: Iterable[str] = ()) -> None:
    """Do nothing where no legal hold is on any of the faces' subjects.

    Raises:
        HoldInForce: there is; its reference is told to whom holds are shown anyway.
    """
    names = {name for face in faces for name in (face.external_image_id, face.user_id) if name is not None}
    with act.governance.reading() as reader:
        holds = reader.holds(subjects=sorted(names | set(subjects)))
    if holds:
        which = f" ({holds[0].reference})" if act.caller.does("list_holds") else ""
        raise HoldInForce(f"a legal hold{which} forbids to erase this; an administrator can release it")
