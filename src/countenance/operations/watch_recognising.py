"""Search for who is seen in a source that is watched: each search is asked for and recorded by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countenance.errors import CollectionNotFound
from countenance.operations.search_faces import matching_faces
from countenance.operations.watch_events import HeldForReview, Recognised

if TYPE_CHECKING:
    from collections.abc import Callable

    from countenance.access import AccessKey
    from countenance.gallery import Gallery
    from countenance.gallery.values import Collection
    from countenance.operations.acts import Act, Register
    from countenance.operations.search_faces import FaceMatch
    from countenance.video.live_values import Recognisable
    from countenance.vision import FaceAnalyzer

_CANDIDATES = 5


def require_there(gallery: Gallery, collection: Collection) -> None:
    """Do nothing where a collection is still there, and not another one of the same id.

    Raises:
        CollectionNotFound: it was deleted.
    """
    with gallery.reading() as reader:
        found = reader.collection(collection.collection_id)
    if found.key != collection.key:
        raise CollectionNotFound(
            f"The collection id: {collection.collection_id} was deleted and made again; watch again"
        )


class Recogniser:
    """Says who somebody is; whom it has named already it names again only if it is another one.

    Args:
        vision: what made the templates.
        gallery: the collections.
        register: where each search is recorded.
        caller: finds who asks, as their key is now; raises NotPermitted.
        collection: whom faces are compared with.
        least_similarity: from which similarity on somebody counts as recognised, 0–100.
        watch_id: the use that searches belong to.
    """

    def __init__(
        self,
        vision: FaceAnalyzer,
        gallery: Gallery,
        register: Register,
        caller: Callable[[], AccessKey],
        collection: Collection,
        least_similarity: float,
        watch_id: str,
    ) -> None:
        self._vision = vision
        self._gallery = gallery
        self._register = register
        self._caller = caller
        self._collection = collection
        self._least_similarity = least_similarity
        self._watch_id = watch_id
        self._named: dict[int, str] = {}
        self._held: set[int] = set()
        self.searches = 0

    def recognise(self, seen: Recognisable) -> Recognised | HeldForReview | None:
        """Search; the answer's entry is in the ledger before it is returned.

        Returns:
            Who it is, or the review that says so later; None where nobody is like that, or nothing is new.

        Raises:
            NotPermitted: it is not permitted any more.
            CollectionNotFound: the collection was deleted.
            StoreUnavailable: it cannot be recorded.
        """
        if seen.track in self._held:  # people look at that already
            return None
        with self._register.act(self._caller()) as act:
            act.permit("search_live", self._collection.collection_id)
            act.note(watch=self._watch_id, track=seen.track)
            matches = self._matches(act, seen)
        self.searches += 1
        if act.review_id is not None:
            self._held.add(seen.track)
            return HeldForReview(self._watch_id, seen.at, seen.track, act.review_id, act.request_id)
        return self._named_now(seen, matches[0], act.request_id) if matches else None

    def forget(self, track: int) -> None:
        """Forget whom a face was taken for, since it has left."""
        self._named.pop(track, None)
        self._held.discard(track)

    def _matches(self, act: Act, seen: Recognisable) -> list[FaceMatch]:
        collection = self._collection
        require_there(self._gallery, collection)
        portrait = seen.portrait
        return matching_faces(
            self._vision,
            self._gallery,
            act,
            collection,
            seen.template.vector,
            most=_CANDIDATES,
            least_similarity=self._least_similarity,
            picture=(lambda: portrait) if portrait is not None else None,
        )

    def _named_now(self, seen: Recognisable, best: FaceMatch, request_id: str) -> Recognised | None:
        face = best.face
        who = face.user_id or face.external_image_id or face.face_id
        if self._named.get(seen.track) == who:
            return None
        self._named[seen.track] = who
        return Recognised(
            watch_id=self._watch_id,
            at=seen.at,
            track=seen.track,
            face_id=face.face_id,
            external_image_id=face.external_image_id,
            user_id=face.user_id,
            similarity_percent=best.similarity.percent,
            false_match_rate=best.similarity.false_match_rate,
            request_id=request_id,
        )
