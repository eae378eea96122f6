"""What a full disk, damaged rows and damaged caches do, and what can be read from the disk."""

from __future__ import annotations

import io
import resource
import shutil
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from botocore.exceptions import ClientError
from PIL import Image, ImageEnhance
from platformdirs import user_cache_path

from countenance.gallery.index.segment import Segment
from countenance.vision import FaceAnalyzer
from serving import RunningServer, restart_server, running_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COLLECTION = "staff"
# So many consecutive bytes of a template could not be in a file by chance.
RECOGNISABLE_BYTES = 16


@pytest.fixture(scope="module")
def variants(astronaut: Path) -> list[bytes]:
    """Eight pictures of one person, each a little brighter."""
    original = Image.open(astronaut).convert("RGB").crop((100, 0, 356, 256))
    pictures = []
    for step in range(8):
        file = io.BytesIO()
        ImageEnhance.Brightness(original).enhance(0.8 + 0.05 * step).save(file, "JPEG", quality=92)
        pictures.append(file.getvalue())
    return pictures


def enrol(client: Any, picture: bytes, name: str) -> str:
    answer = client.index_faces(
        CollectionId=COLLECTION, Image={"Bytes": picture}, ExternalImageId=name, MaxFaces=1
    )
    (record,) = answer["FaceRecords"]
    face_id: str = record["Face"]["FaceId"]
    return face_id


def found(client: Any, picture: bytes) -> set[str]:
    answer = client.search_faces_by_image(CollectionId=COLLECTION, Image={"Bytes": picture})
    return {match["Face"]["FaceId"] for match in answer["FaceMatches"]}


@contextmanager
def full_disk(server: RunningServer) -> Iterator[None]:
    """Let no file of the server grow any further, as on a full disk."""
    largest = max(path.stat().st_size for path in server.data_dir.iterdir())
    unlimited = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
    # The write-ahead log is the file that grows; the server's own log must not stop it.
    log = server.data_dir / "countenance.sqlite-wal"
    resource.prlimit(
        server.process.pid, resource.RLIMIT_FSIZE, (min(largest, log.stat().st_size), unlimited[1])
    )
    try:
        yield
    finally:
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, unlimited)


def test_a_full_disk_is_an_error_that_loses_nothing(tmp_path: Path, variants: list[bytes]) -> None:
    with running_server(tmp_path, log_level="error") as server:
        client = server.boto3_client()
        client.create_collection(CollectionId=COLLECTION)
        before = {enrol(client, picture, f"n{place}") for place, picture in enumerate(variants[:3])}
        with full_disk(server):
            for place, picture in enumerate(variants[3:6]):
                with pytest.raises(ClientError) as refused:
                    enrol(client, picture, f"refused{place}")
                assert refused.value.response["Error"]["Code"] == "InternalServerError"
                assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500
            # What cannot be recorded is not answered.
            with pytest.raises(ClientError, match="InternalServerError"):
                found(client, variants[0])
        assert found(client, variants[0]) == before
        after = before | {enrol(client, variants[6], "afterwards")}
        assert found(client, variants[0]) == after
        server.process.kill()
        server.process.wait()
        again = restart_server(server)
        assert found(again.boto3_client(), variants[0]) == after
        again.stop()


def test_a_damaged_template_takes_nobody_else_down(tmp_path: Path, variants: list[bytes]) -> None:
    with running_server(tmp_path) as server:
        client = server.boto3_client()
        client.create_collection(CollectionId=COLLECTION)
        whole, damaged = enrol(client, variants[0], "whole"), enrol(client, variants[1], "damaged")
        server.stop()
        with sqlite3.connect(tmp_path / "countenance.sqlite") as database:
            changed = database.execute(
                "UPDATE faces SET template = zeroblob(length(template)) WHERE face_id = ?", (damaged,)
            )
            assert changed.rowcount == 1
        database.close()
        again = restart_server(server)
        client = again.boto3_client()
        assert found(client, variants[2]) == {whole}
        with pytest.raises(ClientError, match="Its log says why"):
            client.search_faces(CollectionId=COLLECTION, FaceId=damaged)
        assert "a template cannot be decrypted and is left out of searches" in again.log()
        assert "a stored template cannot be decrypted" in again.log()
        client.delete_faces(CollectionId=COLLECTION, FaceIds=[damaged])
        assert {face["FaceId"] for face in client.list_faces(CollectionId=COLLECTION)["Faces"]} == {whole}
        again.stop()


@pytest.mark.parametrize("damage", [b"", b"not a model"], ids=["emptied", "overwritten"])
def test_a_damaged_cache_of_models_heals(tmp_path: Path, variants: list[bytes], damage: bytes) -> None:
    FaceAnalyzer.load()  # so that the user's cache is there to be copied
    cache = tmp_path / "cache"
    shutil.copytree(user_cache_path("countenance"), cache)
    models = sorted(cache.rglob("*.onnx"))
    assert models
    for model in models:
        model.write_bytes(damage)
    with running_server(tmp_path / "data", cache_dir=cache) as server:
        client = server.boto3_client()
        client.create_collection(CollectionId=COLLECTION)
        assert found(client, variants[0]) == set()
        assert enrol(client, variants[0], "whole") in found(client, variants[1])


def test_no_file_of_the_data_folder_holds_a_template(tmp_path: Path, variants: list[bytes]) -> None:
    with running_server(tmp_path) as server:
        client = server.boto3_client()
        client.create_collection(CollectionId=COLLECTION)
        faces = [enrol(client, picture, f"n{place}") for place, picture in enumerate(variants)]
        assert found(client, variants[0]) == set(faces)
        client.delete_faces(CollectionId=COLLECTION, FaceIds=faces[:2])
        spellings = [spelling for picture in variants for spelling in spellings_of(picture)]
        assert not files_with_any(tmp_path, spellings)
        server.stop()
    assert not files_with_any(tmp_path, spellings)
    for place, spelling in enumerate(spellings):
        plain = tmp_path / "plain"
        plain.write_bytes(b"before" + spelling + b"after")
        assert files_with_any(tmp_path, [spelling]) == [plain], f"the search does not find spelling {place}"


def spellings_of(picture: bytes) -> list[bytes]:
    """Return a picture's template as float32, float16 and 8-bit codes."""
    template = FaceAnalyzer.load().faces(picture)[0].template
    assert template is not None
    vector = template.vector
    codes = Segment(np.array([1, 2]), np.stack([vector, np.roll(vector, 1)])).code_bytes()[0]
    return [vector.astype("<f4").tobytes(), vector.astype("<f2").tobytes(), codes.tobytes()]


def files_with_any(folder: Path, spellings: list[bytes]) -> list[Path]:
    """Return the files that hold a recognisable piece of any of the templates."""
    holding = []
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        content = path.read_bytes()
        pieces = (
            spelling[start : start + RECOGNISABLE_BYTES]
            for spelling in spellings
            for start in range(0, len(spelling), RECOGNISABLE_BYTES)
        )
        if any(len(piece) == RECOGNISABLE_BYTES and piece in content for piece in pieces):
            holding.append(path)
    return holding
