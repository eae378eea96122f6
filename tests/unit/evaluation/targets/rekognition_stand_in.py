"""A small HTTP server that speaks as much of Rekognition's API as evaluations use, and misbehaves if told to.

Its pictures are words, not pixels: ``ann 3`` is the third picture of Ann, ``ann 3 + bob 1`` shows a smaller
Bob beside her, ``nobody 1`` shows no face, and ``broken 1`` is no picture.
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections import Counter
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self

from countenance.evaluation.samples import DataSet, Sample

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

Message = dict[str, Any]

SAME = 97.5
"""The similarity of two pictures of one person."""
OTHER = 12.25
"""The similarity of two pictures of different people."""


def data_set(folder: Path, *pictures: str) -> DataSet:
    """Return a data set of pictures, each of whom its first word names; one of "lost" has no file."""
    samples, hashes = [], []
    for number, words in enumerate(pictures):
        file = folder / f"{number}.jpg"
        subject = words.split()[0]
        samples.append(Sample(file, f"Surname of {subject}"))
        if subject == "lost":
            hashes.append("")
        else:
            file.write_text(words)
            hashes.append(hashlib.sha256(words.encode()).hexdigest())
    return DataSet("words", tuple(samples), None, (), tuple(hashes))


def use_credentials(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Set credentials in the environment, and see to it that none are found anywhere else on this machine."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_CONFIG_FILE": str(folder / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(folder / "credentials"),
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_REKOGNITION"):
        monkeypatch.delenv(name, raising=False)


class Fault(Exception):
    """An error as Amazon's API tells it."""

    def __init__(self, code: str, message: str = "", status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


@dataclass(frozen=True)
class Raw:
    """A response that is no answer: as many bytes as are said to come, or more."""

    body: bytes
    said_length: int
    status: int = 200


@dataclass
class StandIn:
    """The server, what it was asked, and the collections that it holds.

    Attributes:
        misbehave: told an operation and how often it was asked before, returns what to answer instead.
        asked: by operation, how often it was asked, whatever was answered.
        bodies: all request bodies.
        collections: by name, the numbers and words of the faces enrolled.
    """

    misbehave: Callable[[str, int], Raw | Fault | None] = lambda _, __: None
    asked: Counter[str] = field(default_factory=Counter)
    bodies: list[bytes] = field(default_factory=list)
    collections: dict[str, dict[str, tuple[str, str]]] = field(default_factory=dict)

    def __enter__(self) -> Self:
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = False
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def answer(self, operation: str, body: bytes) -> Raw | Fault | Message:
        """Return the answer to a request."""
        with self._lock:
            before = self.asked[operation]
            self.asked[operation] += 1
            self.bodies.append(body)
        instead = self.misbehave(operation, before)
        if instead is not None:
            return instead
        try:
            with self._lock:
                answered: Message | Fault = getattr(self, f"_{operation}")(json.loads(body))
        except Fault as fault:
            answered = fault
        return answered

    def _CompareFaces(self, asked: Message) -> Message:  # noqa: N802 - found by the operation's name
        assert asked["SimilarityThreshold"] == 0
        assert asked["QualityFilter"] == "NONE"
        source, target = _faces(asked["SourceImage"]), _faces(asked["TargetImage"])
        if not source or not target:
            raise Fault("InvalidParameterException", "Request has invalid parameters.")
        faces = [
            (_similarity(source[0], words), {"BoundingBox": _box(place), "Confidence": 99.0})
            for place, words in enumerate(target)
        ]
        return {
            "SourceImageFace": {"BoundingBox": _box(0), "Confidence": 99.0},
            "FaceMatches": [
                {"Similarity": similarity, "Face": face}
                for similarity, face in sorted(faces, key=lambda each: -each[0])
                if similarity > 0
            ],
            "UnmatchedFaces": [face for similarity, face in faces if similarity == 0],
        }

    def _DetectFaces(self, asked: Message) -> Message:  # noqa: N802
        return {
            "FaceDetails": [{"BoundingBox": _box(place)} for place, _ in enumerate(_faces(asked["Image"]))]
        }

    def _CreateCollection(self, asked: Message) -> Message:  # noqa: N802
        if asked["CollectionId"] in self.collections:
            raise Fault("ResourceAlreadyExistsException")
        self.collections[asked["CollectionId"]] = {}
        return {"StatusCode": 200, "CollectionArn": "arn", "FaceModelVersion": "stand-in"}

    def _IndexFaces(self, asked: Message) -> Message:  # noqa: N802
        assert asked["QualityFilter"] == "NONE"
        collection, number = self._collection(asked), asked["ExternalImageId"]
        records = []
        for place, words in enumerate(_faces(asked["Image"])):
            face_id = f"{number} {words}"
            collection[face_id] = number, words
            records.append({"Face": {"FaceId": face_id, "BoundingBox": _box(place)}})
        return {"FaceRecords": records[::-1], "UnindexedFaces": []}

    def _DeleteFaces(self, asked: Message) -> Message:  # noqa: N802
        for face_id in asked["FaceIds"]:
            self._collection(asked).pop(face_id, None)
        return {"DeletedFaces": asked["FaceIds"]}

    def _SearchFacesByImage(self, asked: Message) -> Message:  # noqa: N802
        assert asked["FaceMatchThreshold"] == 0
        faces = _faces(asked["Image"])
        if not faces:
            raise Fault("InvalidParameterException", "There are no faces in the image. Should be at least 1.")
        matches: list[Message] = [
            {
                "Similarity": _similarity(faces[0], words),
                "Face": {"FaceId": face_id, "ExternalImageId": number},
            }
            for face_id, (number, words) in self._collection(asked).items()
        ]
        matches.sort(key=lambda match: -match["Similarity"])
        return {"SearchedFaceBoundingBox": _box(0), "FaceMatches": matches[: asked["MaxFaces"]]}

    def _DeleteCollection(self, asked: Message) -> Message:  # noqa: N802
        if self.collections.pop(asked["CollectionId"], None) is None:
            raise Fault("ResourceNotFoundException")
        return {"StatusCode": 200}

    def _collection(self, asked: Message) -> dict[str, tuple[str, str]]:
        try:
            return self.collections[asked["CollectionId"]]
        except KeyError:
            raise Fault("ResourceNotFoundException") from None


def _faces(image: Message) -> list[str]:
    """Return the words of a picture's faces, largest first."""
    words = base64.b64decode(image["Bytes"]).decode()
    if words.startswith("broken"):
        raise Fault("InvalidImageFormatException", "Request has invalid image format.")
    if words.startswith("tiny"):
        raise Fault("InvalidParameterException", "Request has invalid parameters.")
    return [] if words.startswith("nobody") else words.split(" + ")


def _similarity(one: str, other: str) -> float:
    """Return the similarity of two faces; strangers' pictures of the same number are a little more alike."""
    (first, first_number), (second, second_number) = one.split(), other.split()
    if "unlike" in (first, second):
        return 0.0
    if first == second:
        return SAME
    return OTHER + 0.5 * (first_number == second_number)


def _box(place: int) -> Message:
    """Return the box of a picture's face, smaller from face to face."""
    return {"Left": 0.1, "Top": 0.1, "Width": 0.8 / (1 + place), "Height": 0.8 / (1 + place)}


def _handler(stand_in: StandIn) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 1

        def do_POST(self) -> None:
            operation = self.headers["X-Amz-Target"].rpartition(".")[2]
            body = self.rfile.read(int(self.headers["Content-Length"]))
            answer = stand_in.answer(operation, body)
            if isinstance(answer, Fault):
                said = json.dumps({"__type": answer.code, "message": str(answer)}).encode()
                answer = Raw(said, len(said), answer.status)
            elif not isinstance(answer, Raw):
                said = json.dumps(answer).encode()
                answer = Raw(said, len(said))
            self.send_response(answer.status)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("Content-Length", str(answer.said_length))
            self.end_headers()
            self.wfile.write(answer.body)
            self.close_connection = True

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler
