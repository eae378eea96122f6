"""A batch of pictures on its way through an import: one act, one transaction, one entry in the ledger."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from countenance.errors import BucketsUnavailable, FetchFailed
from countenance.images import portrait
from countenance.operations.imports.values import enrolling, import_item
from countenance.operations.index_faces import new_faces
from countenance.vision.filtering import filter_faces

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Executor, Future
    from contextlib import ExitStack

    from countenance.archive.values import ImportItem
    from countenance.errors import CountenanceError
    from countenance.faces import Face
    from countenance.gallery.values import NewFace
    from countenance.jobs.values import JobItem
    from countenance.operations.acts import Act
    from countenance.operations.identifiers import Identifiers
    from countenance.operations.imports.opening import OpenedPicture
    from countenance.operations.imports.values import ImportAsked
    from countenance.operations.questions import Enrolling

MOST_ATTEMPTS = 4


@dataclass(frozen=True, slots=True, eq=False)
class SeenPicture:
    """A picture whose faces were found.

    Attributes:
        place: that of its item.
        item: what is to be imported.
        sha256: the picture's.
        faces: those to enrol, largest first, without portraits.
        portraits: of each, where they are kept.
    """

    place: int
    item: ImportItem
    sha256: bytes
    faces: tuple[NewFace, ...]
    portraits: tuple[Future[bytes], ...]


@dataclass(slots=True, eq=False)
class Batch:
    """Some items of an import, worked on together.

    Attributes:
        act: what is recorded of it.
        closing: ends the act.
        missing: how many items are still being looked at.
        seen: pictures with faces.
        skipped: why there was nothing to do, by the item's place.
        failed: why it could not be done.
        later: why it is tried again, with how often it was tried.
        pictures: digests of the pictures that were looked at.
        set_aside: how many faces were found that are not enrolled.
    """

    act: Act
    closing: ExitStack
    missing: int = 0
    seen: list[SeenPicture] = field(default_factory=list)
    skipped: dict[int, str] = field(default_factory=dict)
    failed: dict[int, str] = field(default_factory=dict)
    later: dict[int, tuple[int, str]] = field(default_factory=dict)
    pictures: list[bytes] = field(default_factory=list)
    set_aside: int = 0

    def fail(self, item: JobItem, error: CountenanceError) -> None:
        """Note that an item could not be done; what may work later is tried again, but not for ever."""
        reason = f"{type(error).__name__}: {error}"
        if isinstance(error, (FetchFailed, BucketsUnavailable)) and item.attempts + 1 < MOST_ATTEMPTS:
            self.later[item.place] = (item.attempts + 1, reason)
        else:
            self.failed[item.place] = reason


@dataclass(frozen=True, slots=True, eq=False)
class Maker:
    """Makes of found faces what is enrolled, as IndexFaces does."""

    identifiers: Identifiers
    asked: ImportAsked
    portraits: Executor

    def add(self, batch: Batch, item: JobItem, opened: OpenedPicture, found: Sequence[Face]) -> None:
        """Add a picture's faces to its batch, or why there are none."""
        wanted, policy = import_item(item), batch.act.policy
        batch.pictures.append(opened.sha256)
        fit, _ = filter_faces(found, self.asked.level, self.asked.most)
        if policy is not None and policy.consent_required and wanted.external_image_id is None:
            fit = fit[:1]  # the user's; nobody has consented for the others
        rejected = len(found) - len(fit)
        batch.set_aside += rejected
        if not fit:
            batch.skipped[item.place] = _nothing_found(rejected, self.asked.level)
            return
        default = policy.source.value if policy is not None else batch.act.source
        keeps_portraits = policy is not None and policy.keeps_portraits
        photograph = opened.photograph
        faces = new_faces(
            self.identifiers,
            photograph,
            self.identifiers.image_id_of(opened.sha256),
            wanted.external_image_id,
            found,
            fit,
            wanted.source or self.asked.source or default,
            keeps_portraits=False,  # they are made beside, since each takes as long as finding the faces
        )
        portraits = [
            self.portraits.submit(portrait, photograph, face.box) for face in (fit if keeps_portraits else ())
        ]
        seen = SeenPicture(item.place, wanted, opened.sha256, tuple(faces), tuple(portraits))
        batch.seen.append(seen)


def questions_of(items: Sequence[ImportItem], asked: ImportAsked) -> list[Enrolling]:
    """Return what governance is asked of items."""
    return [enrolling(item, asked) for item in items]


def _nothing_found(rejected: int, level: str) -> str:
    if not rejected:
        return "no face was found"
    return f"no face reaches the quality level {level}; {rejected} set aside"
