"""A server in which a small office has worked, filled through its own doors: each page shows something.

What people may write freely is passed through ``written``: the attacks write something else there.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from conformance import pictures
from console.evaluations import keep_an_evaluation
from countenance.archive.values import PictureRecord, RecordKind
from countenance.settings import read_settings
from countenance.wiring import open_office
from filming import Cutout, one_after_another, scene, write_film
from rest.api import Api, consent_of, in_base64

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from serving import RunningServer

DOORS, ARCHIVE, CASES = "front-door", "press-archive", "missing-persons"
COLLINS, HOPPER, FORMER = "eileen-collins", "grace-hopper", "former-employee"
WAITED_SECONDS = 120


@dataclass(frozen=True)
class Photographs:
    """The two photographs in the public domain that everything here is made of."""

    astronaut: Path
    grace_hopper: Path

    @property
    def collins(self) -> bytes:
        """Eileen Collins, head and shoulders, as JPEG."""
        return pictures.jpeg(pictures.opened(self.astronaut.read_bytes()).crop((90, 0, 370, 300)))

    @property
    def both(self) -> bytes:
        """Both, side by side, as JPEG."""
        return pictures.side_by_side((self.collins, 480), (self.hopper, 480))

    @property
    def hopper(self) -> bytes:
        """Grace Hopper as JPEG."""
        return self.grace_hopper.read_bytes()


@dataclass(frozen=True)
class Filled:
    """A filled server, and what is in it by the name that paths of the console have for it."""

    server: RunningServer
    api: Api
    reviewers: tuple[Api, Api]
    photographs: Photographs
    ids: dict[str, str]


def fill(
    server: RunningServer, photographs: Photographs, written: Callable[[str], str] = lambda text: text
) -> Filled:
    """Fill a server whose bucket ``pictures`` is the folder of that name in its data folder.

    Args:
        server: the server.
        photographs: who is enrolled.
        written: what is written where people write freely, instead of a plain text.
    """
    filling = _Filling(server, photographs, written)
    filling.make_collections()
    filling.enrol()
    filling.review()
    filling.work()
    filling.end()
    return Filled(server, filling.api, filling.reviewers, photographs, filling.ids)


class _Filling:
    def __init__(
        self, server: RunningServer, photographs: Photographs, written: Callable[[str], str]
    ) -> None:
        self.server, self.photographs, self.written = server, photographs, written
        self.api = Api.of(server)
        self.client = server.boto3_client()
        self.reviewers = (
            self.api.with_key(name=written("Ada Okoye, privacy office")),
            self.api.with_key(name=written("Ben Ito, night shift")),
        )
        former = self.api.with_key(name=written("former intern"), operations=["search_*"])
        self._done(self.api.delete(f"/v1/keys/{former.key_id}"))
        gate = self.api.with_key(name=written("north gate"), operations=["search_*"])
        self.gate = server.boto3_client(aws_access_key_id=gate.key_id, aws_secret_access_key=gate.secret)
        self.ids = {"access_key_id": self.reviewers[0].key_id, "key_id": self.reviewers[0].key_id}

    def make_collections(self) -> None:
        doors = {
            "purpose": "access-control",
            "basis": self.written("consent"),
            "consent": "required",
            "retention": "P1Y",
            "portraits": "kept",
        }
        cases = {"purpose": "law-enforcement", "review": "two-person", "portraits": "kept"}
        archive = {
            "purpose": "media-archive",
            "basis": self.written("own photographs"),
            "grouping": "allowed",
        }
        for collection_id, policy in ((DOORS, doors), (CASES, cases), (ARCHIVE, archive)):
            self._made("/v1/collections", {"collection_id": collection_id, "policy": policy})
        self.ids["collection_id"] = DOORS

    def enrol(self) -> None:
        evidence = {
            "media_type": "text/plain",
            "content_base64": in_base64(self.written("signed in person").encode()),
        }
        ends = datetime.now(UTC) + timedelta(days=20)
        givers: tuple[tuple[str, dict[str, Any]], ...] = (
            (COLLINS, {"evidence": evidence}),
            (HOPPER, {"expires_at": ends.isoformat()}),
            (FORMER, {"method": "guardian", "signer": self.written("Sam Okoye")}),
        )
        for subject, more in givers:
            version = self.written("2026-02")[:100]
            consent = self._made("/v1/consents", consent_of(subject, notice_version=version, **more))
            self.ids.setdefault("consent_id", consent["consent_id"])
        collins, hopper = self.photographs.collins, self.photographs.hopper
        faces = {
            subject: self._index(DOORS, subject, picture)
            for subject, picture in (
                (COLLINS, collins),
                (HOPPER, hopper),
                (FORMER, pictures.lighter(hopper, 0.8)),
            )
        }
        self._index(DOORS, COLLINS, pictures.lighter(collins, 0.8))
        self.client.create_user(CollectionId=DOORS, UserId=COLLINS)
        self.client.associate_faces(CollectionId=DOORS, UserId=COLLINS, FaceIds=[faces[COLLINS]])
        self.ids |= {"face_id": faces[COLLINS], "user_id": COLLINS, "subject": COLLINS, "line": "retention"}

    def review(self) -> None:
        collins, hopper = self.photographs.collins, self.photographs.hopper
        self._index(CASES, COLLINS, collins)
        self._index(CASES, HOPPER, hopper)
        decided = self._search(CASES, pictures.lighter(hopper, 0.9))
        for reviewer in self.reviewers:
            vote = {"verdict": "reject", "note": self.written("another hair line\nand chin")}
            self._done(reviewer.post(f"/v1/reviews/{decided}/votes", vote))
        self.ids["review_id"] = self._search(CASES, pictures.lighter(collins, 0.9))
        self.client.search_faces_by_image(CollectionId=DOORS, Image={"Bytes": collins})

    def work(self) -> None:
        """Have pictures imported, of which some cannot be, a film looked through, and a pack measured."""
        folder = self.server.data_dir / "pictures" / "2026"
        folder.mkdir(parents=True)
        (folder / "collins.jpg").write_bytes(self.photographs.collins)
        (folder / "crew.jpg").write_bytes(
            pictures.side_by_side((self.photographs.collins, 300), (self.photographs.hopper, 300))
        )
        (folder / "notes.txt").write_bytes(b"x")
        (folder / f"{self.written('broken').replace('/', '∕')}.jpg").write_bytes(b"no picture")
        body = {"sources": ["s3://pictures/2026/"], "external_ids": "none"}
        imported = self._made(f"/v1/collections/{ARCHIVE}/imports", body)["job_id"]
        film = one_after_another(
            scene(1.2, Cutout(self.photographs.astronaut, 40, right_px_per_second=60), grey=30),
            scene(
                1.2,
                Cutout(self.photographs.astronaut, 10, 240),
                Cutout(self.photographs.grace_hopper, 330, 260),
            ),
        )
        write_film(self.server.data_dir / "pictures" / "lobby.mp4", film)
        video = {"S3Object": {"Bucket": "pictures", "Name": "lobby.mp4"}}
        people = self.client.start_face_search(CollectionId=DOORS, Video=video, JobTag="lobby")["JobId"]
        faces = self.client.start_face_detection(Video=video)["JobId"]
        self._wait_for(imported, people, faces)
        self.ids |= {"job_id": imported, "people_job_id": people, "faces_job_id": faces}
        with open_office(read_settings(data_dir=self.server.data_dir)) as office:
            self.ids["evaluation_id"] = keep_an_evaluation(office, self.api.key_id)
            record = PictureRecord(
                RecordKind.ARTICLE,
                "crew.md",
                title=self.written("Crew returns"),
                web_url="https://example.org/crew",
                provider=self.written("Example Press"),
                topics=(self.written("space"),),
                tags={"desk": self.written("science")},
            )
            with office.store.writing() as writer:
                archive = writer.collection(ARCHIVE)
                for face in writer.faces(archive, after_key=0, most=9):
                    writer.add_picture_records(archive, [(face.image_id, record)])

    def end(self) -> None:
        """Erase somebody, hold somebody else, and forbid a use."""
        erased = self.api.delete(f"/v1/subjects/{FORMER}")
        self._done(erased)
        self.ids["request_id"] = erased.request_id
        hold = {"subject": HOPPER, "reference": self.written("23-CV-1187")}
        self.ids["hold_id"] = self._made("/v1/holds", hold)["hold_id"]
        moratorium = {"scope": "purpose:advertising", "reason": self.written("The board has not decided.")}
        self.ids["moratorium_id"] = self._made("/v1/moratoria", moratorium)["moratorium_id"]

    def _index(self, collection_id: str, subject: str, picture: bytes) -> str:
        answer = self.client.index_faces(
            CollectionId=collection_id, Image={"Bytes": picture}, ExternalImageId=subject, MaxFaces=1
        )
        (record,) = answer["FaceRecords"]
        return str(record["Face"]["FaceId"])

    def _search(self, collection_id: str, picture: bytes) -> str:
        """Search at the gate, and return the review that the answer waits for."""
        answer = self.gate.search_faces_by_image(CollectionId=collection_id, Image={"Bytes": picture})
        return str(answer["ResponseMetadata"]["HTTPHeaders"]["x-countenance-review"])

    def _made(self, path: str, body: dict[str, Any]) -> Any:
        reply = self.api.post(path, body)
        assert reply.status == 201, reply.body
        return reply.json

    def _done(self, reply: Any) -> None:
        assert reply.status in {200, 201, 204}, reply.body

    def _wait_for(self, *job_ids: str) -> None:
        deadline = time.monotonic() + WAITED_SECONDS
        while waiting := [each for each in job_ids if self._state(each) in {"waiting", "running"}]:
            assert time.monotonic() < deadline, f"these jobs get nowhere: {waiting}"
            time.sleep(0.1)

    def _state(self, job_id: str) -> str:
        return str(self.api.get(f"/v1/jobs/{job_id}").json["state"])
