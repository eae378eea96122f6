"""Look through a video file at once: who of a collection, or of some pictures, is seen in it, and when.

A job does the same for videos in buckets (`operations.videos.start_jobs`); here somebody waits for the
answer, and nothing is kept of it.

1. Ask for leave, and note which video is looked through.
2. Follow the faces, and ask again every two seconds.
3. Search for each person: a search is asked for and recorded by itself, so that it can be explained.
4. Note how much was looked at, and found.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from countenance.errors import CollectionNotFound, ImageError, VideoUnreadable
from countenance.ledger import in_hundredths
from countenance.operations.answers import must_review
from countenance.operations.probes import fit_faces, require_pack
from countenance.operations.videos.matching import matches_of_track
from countenance.operations.videos.people_seen import Opinion, follow_people, seen_video
from countenance.operations.videos.seen import Naming
from countenance.video.reading import open_video
from countenance.vision.filtering import QualityLevel

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from countenance.faces import Face
    from countenance.gallery import Gallery
    from countenance.gallery.values import Collection
    from countenance.images import Photograph
    from countenance.operations.acts import Act
    from countenance.operations.videos.people_seen import Unnamed
    from countenance.operations.videos.seen import SeenVideo
    from countenance.video.reading import VideoReader
    from countenance.vision import FaceAnalyzer

ASK_AGAIN_SECONDS = 2.0
"""A moratorium, a revoked key or another policy ends the work so soon, at the latest."""

# Of one person several pictures may be enrolled, and the most similar name may be another's already.
_CANDIDATES = 10


@dataclass(frozen=True, slots=True)
class LookedFor:
    """What is asked of a video.

    Attributes:
        path: the file.
        least_similarity: from which similarity on somebody gets a name, 0–100.
        portraits: whether each face comes with a small picture.
        looked: told how far the work is: the time of each frame that was looked at, and how long the video is
            where it says so, in milliseconds.
    """

    path: Path
    least_similarity: float
    portraits: bool
    looked: Callable[[int, int | None], None]


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """A picture, and whose its largest face is."""

    name: str
    picture: Photograph


def search_faces_in_video(
    vision: FaceAnalyzer, gallery: Gallery, act: Act, collection_id: str, asked: LookedFor
) -> SeenVideo:
    """Return the people of a video with the names that they have in a collection.

    Where people must review answers, nobody has a name, and who would have one has a review.

    Raises:
        NotPermitted: the caller's key, a moratorium or the policy does not allow it, or not any more.
        CollectionNotFound: there is no such collection, or not any more.
        PacksDiffer: the collection was filled by another pack.
        PackNotCalibrated: the pack cannot say what a score means.
        VideoError: the file is no video that can be read, or too large.
        StoreUnavailable: it cannot be recorded.
    """
    # 1
    act.permit("search_faces_in_video", collection_id)
    collection = _collection(vision, gallery, collection_id)
    act.note(pack=collection.pack, threshold=in_hundredths(asked.least_similarity))
    with open_video(asked.path) as reader:
        act.note(video=act.register.digest(f"video\n{_sha256(asked.path)}"))
        # 2
        ask = _AskingAgain(act, collection_id, partial(_tell, asked, reader))
        portraits = asked.portraits or must_review(act)
        followed = follow_people(vision, reader, portraits=portraits, looked=ask.looked)
        # 3
        opinions = [
            _opinion(vision, gallery, act, collection, person, number, asked.least_similarity)
            for number, person in enumerate(followed.people, 1)
        ]
        seen = seen_video(vision, reader, followed, opinions, act.request_id)
    # 4
    act.note(
        milliseconds=seen.end_ms,
        shots=len(seen.shots),
        people=len(followed.people),
        named=sum(person.naming is not None for person in seen.people),
    )
    return seen


def compare_faces_in_video(
    vision: FaceAnalyzer, act: Act, references: Sequence[Reference], asked: LookedFor
) -> SeenVideo:
    """Return the people of a video with the names of the references that they are like, if there are any.

    Raises:
        NotPermitted: the caller's key does not allow it.
        ImageError: a reference cannot be read.
        NoFaceFound: a reference shows no face.
        PackNotCalibrated: the pack cannot say what a score means.
        VideoError: the file is no video that can be read, or too large.
    """
    act.permit("compare_faces")
    faces = [(each.name, _largest_face(vision, each)) for each in references]
    with open_video(asked.path) as reader:
        looked = partial(_tell, asked, reader)
        followed = follow_people(vision, reader, portraits=asked.portraits, looked=looked)
        opinions = [_compared(vision, faces, person, asked.least_similarity) for person in followed.people]
        return seen_video(vision, reader, followed, opinions, None)


class _AskingAgain:
    def __init__(self, act: Act, collection_id: str, looked: Callable[[int], None]) -> None:
        self._act, self._collection_id, self._looked = act, collection_id, looked
        self._asked = time.monotonic()

    def looked(self, timestamp_ms: int) -> None:
        """Ask for leave where that is some time ago; raises NotPermitted."""
        self._looked(timestamp_ms)
        if time.monotonic() - self._asked >= ASK_AGAIN_SECONDS:
            self._act.permit("search_faces_in_video", self._collection_id)
            self._asked = time.monotonic()


def _tell(asked: LookedFor, reader: VideoReader, timestamp_ms: int) -> None:
    asked.looked(timestamp_ms, reader.facts.duration_ms)


def _collection(vision: FaceAnalyzer, gallery: Gallery, collection_id: str) -> Collection:
    with gallery.reading() as reader:
        collection = reader.collection(collection_id)
    require_pack(vision, collection)
    return collection


def _opinion(
    vision: FaceAnalyzer,
    gallery: Gallery,
    act: Act,
    collection: Collection,
    person: Unnamed,
    number: int,
    least_similarity: float,
) -> Opinion:
    if person.template is None:
        return Opinion()
    with act.register.act(act.caller) as search:
        search.permit("search_faces_in_video", collection.collection_id)
        search.note(looking=act.request_id, person=number)
        if _collection(vision, gallery, collection.collection_id).key != collection.key:
            raise CollectionNotFound(f"the collection {collection.collection_id} was deleted and made again")
        matches = matches_of_track(
            vision,
            gallery,
            search,
            collection,
            person.template,
            person.portrait,
            most=_CANDIDATES,
            least_similarity=least_similarity,
        )
    namings = tuple(
        Naming(face.user_id or face.external_image_id or face.face_id, match.similarity, search.request_id)
        for match in matches
        for face in (match.face,)
    )
    return Opinion(namings, search.review_id)


def _largest_face(vision: FaceAnalyzer, reference: Reference) -> Face:
    try:
        return fit_faces(vision, reference.picture, QualityLevel.NONE, f"picture of {reference.name}")[0]
    except ImageError as error:
        raise type(error)(f"the picture of {reference.name}: {error}") from error


def _compared(
    vision: FaceAnalyzer, faces: Sequence[tuple[str, Face]], person: Unnamed, least_similarity: float
) -> Opinion:
    template = person.template
    if template is None:
        return Opinion()
    found = [Naming(name, vision.compare(template, face), None) for name, face in faces]
    return Opinion(tuple(naming for naming in found if naming.similarity.percent >= least_similarity))


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise VideoUnreadable(f"{path.name} cannot be read: {error.strerror}") from None
