"""``kill -9`` in the middle of everything: what was acknowledged is there, the rest is whole or not there."""

from __future__ import annotations

import io
import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from botocore.exceptions import BotoCoreError, ClientError
from PIL import Image

from serving import RunningServer, free_port, restart_server, running_server

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

ROUNDS = 50
CLIENTS = 4
COLLECTION = "killed"
FACES_OF_A_PICTURE = 2


@dataclass
class Ledger:
    """What the clients know: which faces were acknowledged, and which deletions."""

    enrolled: dict[str, str] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    maybe_deleted: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def present(self) -> dict[str, str]:
        """Return the faces that must be there, with the ids of their pictures."""
        with self.lock:
            gone = self.deleted | self.maybe_deleted
            return {face: picture for face, picture in self.enrolled.items() if face not in gone}


@pytest.fixture(scope="module")
def two_faces(astronaut: Path, grace_hopper: Path) -> bytes:
    """A small picture of two people."""
    canvas = Image.new("RGB", (360, 200), "grey")
    collins = Image.open(astronaut).convert("RGB").crop((130, 20, 330, 220))
    canvas.paste(collins.resize((170, 170)), (5, 10))
    canvas.paste(Image.open(grace_hopper).crop((110, 70, 410, 370)).resize((170, 170)), (185, 10))
    file = io.BytesIO()
    canvas.save(file, "JPEG", quality=92)
    return file.getvalue()


def test_every_acknowledged_face_survives_fifty_kills_and_no_half_of_a_picture_does(
    tmp_path: Path, two_faces: bytes
) -> None:
    chance = random.Random(1)
    ledger = Ledger()
    with running_server(tmp_path, port=free_port()) as first:
        server = first
        server.boto3_client().create_collection(CollectionId=COLLECTION)
        clients = [server.boto3_client() for _ in range(CLIENTS)]
        for round_number in range(ROUNDS):
            stop = threading.Event()
            threads = [
                threading.Thread(
                    target=work, args=(client, two_faces, ledger, stop, f"{round_number}-{place}")
                )
                for place, client in enumerate(clients)
            ]
            for thread in threads:
                thread.start()
            time.sleep(chance.uniform(0.1, 0.5))
            server.process.kill()
            stop.set()
            for thread in threads:
                thread.join()
            server.process.wait()
            server = restart_server(server)
            check(server, ledger)
        check_searches(server, ledger)
        server.stop()
    assert len(ledger.enrolled) > 5 * ROUNDS, "the clients hardly got anything done"


def work(client: Any, picture: bytes, ledger: Ledger, stop: threading.Event, name: str) -> None:
    """Enrol pictures, and now and then delete a face, until the server is gone."""
    number = 0
    while not stop.is_set():
        number += 1
        try:
            answer = client.index_faces(
                CollectionId=COLLECTION,
                Image={"Bytes": numbered(picture, f"{name}-{number}")},
                ExternalImageId=f"{name}-{number}" if number % 2 else "everybody",
                QualityFilter="NONE",
            )
            if "FaceRecords" not in answer:  # cut off: boto3 takes half an answer for an empty one
                return
            faces = [record["Face"] for record in answer["FaceRecords"]]
            with ledger.lock:
                ledger.enrolled |= {face["FaceId"]: face["ImageId"] for face in faces}
            if number % 5 == 0:
                victim = faces[0]["FaceId"]
                ledger.maybe_deleted.add(victim)
                if "DeletedFaces" in client.delete_faces(CollectionId=COLLECTION, FaceIds=[victim]):
                    ledger.deleted.add(victim)
        except (BotoCoreError, ClientError):
            return


def check(server: RunningServer, ledger: Ledger) -> None:
    """Compare what the server lists with what was acknowledged."""
    pages = server.boto3_client().get_paginator("list_faces").paginate(CollectionId=COLLECTION)
    listed = {face["FaceId"]: face for page in pages for face in page["Faces"]}
    present = ledger.present()
    assert present.keys() <= listed.keys(), "an acknowledged face is gone"
    assert not ledger.deleted & listed.keys(), "an acknowledged deletion came to nothing"
    assert all(
        {"BoundingBox", "ImageId", "Confidence", "ExternalImageId"} <= face.keys() for face in listed.values()
    )
    touched = {ledger.enrolled[face] for face in ledger.maybe_deleted}
    of_a_picture = Counter(face["ImageId"] for face in listed.values() if face["ImageId"] not in touched)
    assert set(of_a_picture.values()) <= {FACES_OF_A_PICTURE}, "half a picture is there"


def check_searches(server: RunningServer, ledger: Ledger) -> None:
    """Every face has a template that can be searched with, and finds the same people in other pictures."""
    client = server.boto3_client()
    present = list(ledger.present())
    for face_id in np.random.default_rng(0).choice(present, size=min(200, len(present)), replace=False):
        matches = client.search_faces(
            CollectionId=COLLECTION, FaceId=str(face_id), FaceMatchThreshold=99, MaxFaces=4096
        )["FaceMatches"]
        assert len(matches) > len(present) / 4
    everything = client.search_faces(
        CollectionId=COLLECTION, FaceId=present[0], FaceMatchThreshold=0, MaxFaces=4096
    )
    found = {match["Face"]["FaceId"] for match in everything["FaceMatches"]} | {present[0]}
    assert set(present) <= found, "an acknowledged face is not searched"


def numbered(jpeg: bytes, name: str) -> bytes:
    """Return the same picture as another file: with a comment."""
    comment = name.encode()
    return jpeg[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + jpeg[2:]
