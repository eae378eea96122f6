"""Frozen values of a gallery: collections, enrolled faces, users, and templates to build indexes of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from datetime import datetime

    from countenance.faces import RelativeBox, Vector

Keys = npt.NDArray[np.int64]
Vectors = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Collection:
    """A named gallery whose templates were all made by one pack.

    ``key`` is the store's own number for it; like every key here it is never given to another thing again.
    """

    key: int
    collection_id: str
    pack: str
    created_at: datetime


@dataclass(frozen=True, slots=True, eq=False)
class NewFace:
    """A face about to be enrolled; ``vector`` is its L2-normalised template, ``quality`` 0–100.

    ``source`` says in at most 32 characters how the picture came to be; ``portrait`` is a small JPEG of the
    face, None where no picture may be kept. ``enrolled_at`` is since when another server has had it; None
    where nobody has.
    """

    face_id: str
    image_id: str
    external_image_id: str | None
    box: RelativeBox
    confidence: float
    quality: float
    vector: Vector
    source: str = "unknown"
    portrait: bytes | None = None
    enrolled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class EnrolledFace:
    """A face in a collection, without its template; ``user_id`` is the user it is associated with."""

    key: int
    face_id: str
    image_id: str
    external_image_id: str | None
    user_id: str | None
    box: RelativeBox
    confidence: float
    quality: float
    enrolled_at: datetime
    source: str

    @property
    def consenting(self) -> str | None:
        """Whose consent the face needs, as a record of consent names them; None where nobody is named."""
        return self.external_image_id if self.external_image_id is not None else self.user_id

    @property
    def subject(self) -> str:
        """The name of whom the face is of: its external image id, else its user, else nobody but itself."""
        return subject_name(self.face_id, self.external_image_id, self.user_id)


@dataclass(frozen=True, slots=True)
class User:
    """A person of a collection, made of the faces associated with it."""

    key: int
    user_id: str
    face_count: int


@dataclass(frozen=True, slots=True)
class NamedSubject:
    """Somebody who is enrolled under a name: an external image id or a user id.

    Attributes:
        key: the store's own number for the first of its rows.
        name: the name.
        collection_ids: the collections that know it, as far as they were looked at.
        last_interaction_at: when there was last something to do with it in any of them.
    """

    key: int
    name: str
    collection_ids: tuple[str, ...]
    last_interaction_at: datetime


def subject_name(face_id: str, external_image_id: str | None, user_id: str | None) -> str:
    """Return the name of a face's subject, within its collection."""
    if external_image_id is not None:
        return f"external:{external_image_id}"
    return f"user:{user_id}" if user_id is not None else f"face:{face_id}"


@dataclass(frozen=True, slots=True, eq=False)
class TemplateBlock:
    """Templates read together; row i of each array belongs to one face.

    ``vectors`` is n × dimensions; ``qualities`` 0–100; ``user_keys`` is 0 where the face has no user.
    """

    keys: Keys
    vectors: Vectors
    qualities: Vectors
    user_keys: Keys


@dataclass(frozen=True, slots=True)
class NotedChange:
    """That a change touched these faces and users of a collection; neither means that all of it changed.

    ``sequence`` ascends in the order of changes; ``made_by`` names the gallery that made this one.
    """

    sequence: int
    made_by: str
    collection_key: int
    face_keys: list[int]
    user_keys: list[int]


@dataclass(frozen=True, slots=True)
class RememberedAnswer:
    """What was answered to a request that carried a token; ``request`` is a digest of its parameters."""

    request: str
    answer: str
