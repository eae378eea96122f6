"""The few calls of Amazon's API that measure recognition, and their answers as values.

Each of them compares the largest face of a picture with the largest face of another, as the engine in this
process does. Amazon's API compares with every face of a target, and enrols every face of a picture: the
largest is chosen here.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from countenance.evaluation.targets.answer_cache import Answer
from countenance.evaluation.targets.endpoint_client import Refused
from countenance.evaluation.targets.port import NO_FACE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from countenance.evaluation.targets.endpoint_client import EndpointClient

MOST_MATCHES = 4096
"""How many matches a search returns at most, by Amazon's quotas."""

NOT_TOLD = "refused, and not said why"
"""The trouble where ``look`` tells more."""

_PARAMETERS = "InvalidParameterException"
_TROUBLES = {
    "ImageTooLargeException": "too large for the endpoint",
    "InvalidImageFormatException": "no JPEG or PNG that the endpoint can read",
    _PARAMETERS: "refused by the endpoint, as pictures less than 80 pixels wide or high are",
}


class EndpointCalls:
    """Asks an endpoint about pictures; safe for threads.

    Every method raises EndpointUnusable where the endpoint cannot be asked or refuses what is not about a
    picture.
    """

    def __init__(self, client: EndpointClient) -> None:
        self._client = client
        self._most_bytes = client.most_picture_bytes

    def compare(self, source: bytes, target: bytes) -> Answer:
        """Return the similarity of the largest faces of two pictures.

        Where they cannot be compared, Amazon does not say which of them is the reason: ``look`` at both.
        """
        if self._unsuitable(source) or self._unsuitable(target):
            return Answer(trouble=NOT_TOLD)
        try:
            return self._client.ask(
                "compare_faces",
                _comparison,
                SourceImage={"Bytes": source},
                TargetImage={"Bytes": target},
                SimilarityThreshold=0,
                QualityFilter="NONE",
            )
        except Refused as error:
            _trouble(error)
            return Answer(trouble=NOT_TOLD)

    def look(self, picture: bytes) -> Answer:
        """Return the trouble with a picture; none where a face is found in it."""
        if trouble := self._unsuitable(picture):
            return Answer(trouble=trouble)
        try:
            faces = self._client.ask(
                "detect_faces", lambda answer: len(answer["FaceDetails"]), Image={"Bytes": picture}
            )
        except Refused as error:
            return _trouble(error)
        return Answer() if faces else Answer(trouble=NO_FACE)

    def create_collection(self, name: str, tags: Mapping[str, str]) -> None:
        """Make a collection of a new random name."""
        try:
            self._client.ask(
                "create_collection",
                lambda answer: answer["CollectionArn"],
                CollectionId=name,
                Tags=dict(tags),
            )
        except Refused as error:
            # Of a random name it is ours: the answer to the first try was lost.
            if error.code != "ResourceAlreadyExistsException":
                raise

    def index(self, collection: str, subject: int, picture: bytes) -> Answer:
        """Enrol the largest face of a picture under its subject's number; return the trouble, if any."""
        if trouble := self._unsuitable(picture):
            return Answer(trouble=trouble)
        try:
            largest_first = self._client.ask(
                "index_faces",
                _face_ids,
                CollectionId=collection,
                Image={"Bytes": picture},
                # Names are shared by all collections of a Countenance server: this one is nobody else's.
                ExternalImageId=f"{collection}:{subject}",
                QualityFilter="NONE",
            )
        except Refused as error:
            return _trouble(error)
        # With MaxFaces=1 the best face would stay, which need not be the largest.
        if largest_first[1:]:
            self._client.ask(
                "delete_faces",
                lambda answer: answer["DeletedFaces"],
                CollectionId=collection,
                FaceIds=largest_first[1:],
            )
        return Answer() if largest_first else Answer(trouble=NO_FACE)

    def search(self, collection: str, picture: bytes, matches: int, most: int) -> Answer:
        """Return the ``most`` subjects that a picture's largest face is most like, from so many matches."""
        if trouble := self._unsuitable(picture):
            return Answer(trouble=trouble)
        try:
            return self._client.ask(
                "search_faces_by_image",
                lambda answer: _best(answer, most),
                CollectionId=collection,
                Image={"Bytes": picture},
                FaceMatchThreshold=0,
                MaxFaces=matches,
                QualityFilter="NONE",
            )
        except Refused as error:
            return Answer(trouble=NOT_TOLD) if error.code == _PARAMETERS else _trouble(error)

    def delete_collection(self, name: str) -> None:
        """Delete a collection; nothing happens where there is none of that name."""
        try:
            self._client.ask("delete_collection", lambda answer: answer["StatusCode"], CollectionId=name)
        except Refused as error:
            if error.code != "ResourceNotFoundException":
                raise

    def _unsuitable(self, picture: bytes) -> str:
        """Return why a picture cannot be sent at all; empty where it can."""
        if not picture:
            return "empty file"
        if len(picture) > self._most_bytes:
            return f"more than {self._most_bytes:,} bytes, which the endpoint does not take"
        return ""


def _trouble(error: Refused) -> Answer:
    """Return what a refusal says of a picture; one that is about something else is raised again."""
    if error.code not in _TROUBLES:
        raise error
    return Answer(trouble=_TROUBLES[error.code])


def _comparison(answer: Mapping[str, Any]) -> Answer:
    """Return the similarity of the target's largest face, which is 0 where it is listed as unmatched."""
    _ = answer["SourceImageFace"]
    matched = [(_area(match["Face"]), _similarity(match)) for match in answer["FaceMatches"]]
    unmatched = [(_area(face), 0.0) for face in answer.get("UnmatchedFaces", ())]
    if not matched and not unmatched:
        return Answer(trouble=NOT_TOLD)
    return Answer((max(matched + unmatched)[1],))


def _face_ids(answer: Mapping[str, Any]) -> list[str]:
    """Return the identifiers of the faces that were enrolled, of the largest face first."""
    records = [(-_area(record["Face"]), str(record["Face"]["FaceId"])) for record in answer["FaceRecords"]]
    return [face_id for _, face_id in sorted(records)]


def _best(answer: Mapping[str, Any], most: int) -> Answer:
    """Return the best similarity of each subject, of so many subjects, highest first."""
    _ = answer["SearchedFaceBoundingBox"]
    best: dict[int, float] = {}
    for match in answer["FaceMatches"]:
        subject = int(match["Face"]["ExternalImageId"].rpartition(":")[2])
        similarity = _similarity(match)
        best[subject] = max(similarity, best.get(subject, similarity))
    ranked = sorted(best, key=lambda subject: (-best[subject], subject))[:most]
    return Answer(tuple(best[subject] for subject in ranked), tuple(ranked))


def _area(face: Mapping[str, Any]) -> float:
    box = face["BoundingBox"]
    return _finite(box["Width"]) * _finite(box["Height"])


def _similarity(match: Mapping[str, Any]) -> float:
    return min(100.0, max(0.0, _finite(match["Similarity"])))


def _finite(value: Any) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError
    return number
