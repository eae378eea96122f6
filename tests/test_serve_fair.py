"""A server with fair calibration answers with the similarities of the pack's regions, in every search."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from countenance.settings import read_settings
from countenance.vision.engine import load_engine
from countenance.vision.regions import RegionalCalibration
from countenance.vision.runtime import Runtime
from countenance.wiring import build_analyzer
from serving import RunningServer, running_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from countenance.vision import FaceAnalyzer

COLLECTION = "fair"
FACTORS = (1.0, 0.7, 1.2)


def picture(path: Path, factor: float = 1.0, turn: float = 0.0) -> bytes:
    file = io.BytesIO()
    changed = ImageEnhance.Brightness(Image.open(path).convert("RGB")).enhance(factor).rotate(turn)
    changed.save(file, "PNG")
    return file.getvalue()


@pytest.fixture(scope="module")
def pictures(astronaut: Path, grace_hopper: Path) -> list[bytes]:
    people = [picture(astronaut, factor, 3 * factor) for factor in FACTORS]
    return [*people, picture(grace_hopper), picture(grace_hopper, 0.7, -4.0)]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with running_server(tmp_path_factory.mktemp("fair"), calibration="fair") as started:
        yield started


@pytest.fixture(scope="module")
def analyzer() -> FaceAnalyzer:
    return build_analyzer(read_settings(calibration="fair"))


@pytest.fixture(scope="module")
def regional() -> RegionalCalibration:
    found = load_engine("dlib-cc0", Runtime(provider="cpu")).regional_calibration
    assert found is not None
    return found


@pytest.fixture(scope="module")
def vectors(analyzer: FaceAnalyzer, pictures: list[bytes]) -> Any:
    templates = [analyzer.faces(content)[0].template for content in pictures]
    return np.stack([template.vector for template in templates if template is not None])


@pytest.fixture(scope="module")
def faces(server: RunningServer, pictures: list[bytes]) -> list[str]:
    """The face ids of the pictures, enrolled; the first two faces are user collins's."""
    client = server.boto3_client()
    client.create_collection(CollectionId=COLLECTION)
    ids = []
    for content in pictures:
        records = client.index_faces(
            CollectionId=COLLECTION, Image={"Bytes": content}, QualityFilter="NONE", MaxFaces=1
        )["FaceRecords"]
        ids.append(str(records[0]["Face"]["FaceId"]))
    client.create_user(CollectionId=COLLECTION, UserId="collins")
    client.associate_faces(CollectionId=COLLECTION, UserId="collins", FaceIds=ids[:1])
    client.associate_faces(CollectionId=COLLECTION, UserId="collins", FaceIds=ids[1:2])
    return ids


def expected(regional: RegionalCalibration, probe: Any, vectors: Any) -> list[float]:
    scores = vectors.astype(np.float64) @ probe.astype(np.float64)
    percents, _ = regional.similarities(scores, probe[None], vectors)
    return [float(percent) for percent in percents]


def test_a_search_by_face_is_calibrated_fairly(
    server: RunningServer, faces: list[str], vectors: Any, regional: RegionalCalibration
) -> None:
    found = server.boto3_client().search_faces(
        CollectionId=COLLECTION, FaceId=faces[0], FaceMatchThreshold=0
    )["FaceMatches"]
    wanted = dict(zip(faces[1:], expected(regional, vectors[0], vectors[1:]), strict=True))
    assert {match["Face"]["FaceId"]: match["Similarity"] for match in found} == pytest.approx(
        wanted, abs=0.05
    )
    similarities = [match["Similarity"] for match in found]
    assert similarities == sorted(similarities, reverse=True)


def test_a_search_by_picture_is_calibrated_fairly_and_by_no_other(
    server: RunningServer,
    faces: list[str],
    pictures: list[bytes],
    vectors: Any,
    regional: RegionalCalibration,
) -> None:
    found = server.boto3_client().search_faces_by_image(
        CollectionId=COLLECTION, Image={"Bytes": pictures[3]}, FaceMatchThreshold=0
    )["FaceMatches"]
    wanted = dict(zip(faces, expected(regional, vectors[3], vectors), strict=True))
    shown = {match["Face"]["FaceId"]: match["Similarity"] for match in found}
    assert shown == pytest.approx(wanted, abs=0.05)
    plain = build_analyzer(read_settings()).calibration.similarities(vectors @ vectors[3])[0]
    assert max(abs(shown[face] - percent) for face, percent in zip(faces, plain, strict=True)) > 1.0


def test_a_threshold_is_one_of_fair_similarities(
    server: RunningServer, faces: list[str], vectors: Any, regional: RegionalCalibration
) -> None:
    similarities = expected(regional, vectors[0], vectors[1:])
    threshold = float(np.mean(sorted(similarities)[-2:]))
    found = server.boto3_client().search_faces(
        CollectionId=COLLECTION, FaceId=faces[0], FaceMatchThreshold=threshold
    )["FaceMatches"]
    assert [match["Face"]["FaceId"] for match in found] == [faces[1 + int(np.argmax(similarities))]]


def test_users_are_searched_fairly(
    server: RunningServer, faces: list[str], vectors: Any, regional: RegionalCalibration
) -> None:
    found = server.boto3_client().search_users(
        CollectionId=COLLECTION, FaceId=faces[3], UserMatchThreshold=0
    )["UserMatches"]
    mean = vectors[0] + vectors[1]
    wanted = expected(regional, vectors[3], (mean / np.linalg.norm(mean))[None])
    # A user's vector weighs faces by quality, which is nearly the same here.
    assert [match["Similarity"] for match in found] == pytest.approx(wanted, abs=1.0)


def test_pictures_are_compared_fairly(
    server: RunningServer, pictures: list[bytes], vectors: Any, regional: RegionalCalibration
) -> None:
    for other in (1, 3):
        found = server.boto3_client().compare_faces(
            SourceImage={"Bytes": pictures[0]}, TargetImage={"Bytes": pictures[other]}, SimilarityThreshold=0
        )["FaceMatches"]
        wanted = expected(regional, vectors[0], vectors[other : other + 1])
        assert [match["Similarity"] for match in found] == pytest.approx(wanted, abs=0.05)


def test_the_ledger_says_that_calibration_was_fair(server: RunningServer, faces: list[str]) -> None:
    answer = server.boto3_client().search_faces(CollectionId=COLLECTION, FaceId=faces[0])
    request = answer["ResponseMetadata"]["RequestId"]
    explained = server.command("decision", "show", request, "--json")
    assert explained.returncode == 0, explained.stderr
    assert '"calibration": "fair"' in explained.stdout


def test_a_pack_without_regions_does_not_start_a_fair_server(tmp_path: Path) -> None:
    with (
        pytest.raises(AssertionError, match="no regions of template space"),
        running_server(tmp_path, calibration="fair", pack="dlib-face-recognition"),
    ):
        pass
