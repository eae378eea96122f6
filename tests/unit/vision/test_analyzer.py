"""From a photograph to faces, with the real default pack."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from countenance.errors import ImageBroken, ImageNotReadable, NoFaceFound, PackNotCalibrated, PacksDiffer
from countenance.faces import Face, Pixels, Template
from countenance.images import ImageLimits, open_image
from countenance.vision import FaceAnalyzer
from countenance.vision.detection.grid import YUNET, GridDetector
from countenance.vision.engine import load_engine
from countenance.vision.packs import load_pack
from countenance.vision.runtime import Runtime

DLIB = Path(__file__).parents[2] / "data" / "dlib_expectations.json"


@pytest.fixture(scope="module")
def analyzer() -> FaceAnalyzer:
    return FaceAnalyzer.load(runtime=Runtime(provider="cpu"))


@pytest.fixture(scope="module")
def collins(astronaut: Path) -> Image.Image:
    return Image.open(astronaut).convert("RGB")


@pytest.fixture(scope="module")
def collins_face(analyzer: FaceAnalyzer, astronaut: Path) -> Face:
    return analyzer.faces(astronaut)[0]


def pixels(picture: Image.Image) -> Pixels:
    return np.asarray(picture)


def jpeg(picture: Image.Image, quality: int = 90) -> bytes:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality)
    return file.getvalue()


def test_the_largest_face_comes_first_with_a_template_of_length_one(
    analyzer: FaceAnalyzer, astronaut: Path
) -> None:
    faces = analyzer.faces(astronaut)
    areas = [face.box.area for face in faces]
    assert areas == sorted(areas, reverse=True)
    assert 160 < faces[0].box.left < 200
    assert 50 < faces[0].box.top < 90
    template = faces[0].template
    assert template is not None
    assert template.pack == "dlib-cc0"
    assert np.linalg.norm(template.vector) == pytest.approx(1, abs=1e-5)


def test_bytes_a_path_a_photograph_and_an_array_give_the_same_face(
    analyzer: FaceAnalyzer, astronaut: Path, collins: Image.Image, collins_face: Face
) -> None:
    for source in (astronaut.read_bytes(), str(astronaut), open_image(astronaut), pixels(collins)):
        assert analyzer.faces(source)[0].box == collins_face.box


CHANGES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "half the size": lambda picture: picture.resize((256, 256)),
    "darker": lambda picture: ImageEnhance.Brightness(picture).enhance(0.4),
    "rotated": lambda picture: picture.rotate(15, fillcolor=(128, 128, 128)),
    "compressed": lambda picture: Image.open(io.BytesIO(jpeg(picture, 20))),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_person_stays_the_same_when_the_picture_changes(
    analyzer: FaceAnalyzer,
    collins: Image.Image,
    collins_face: Face,
    change: Callable[[Image.Image], Image.Image],
) -> None:
    assert analyzer.compare(pixels(change(collins)), collins_face).percent > 99


@pytest.mark.parametrize("share", [1.0, 0.8])
def test_a_face_that_fills_the_frame_is_found_and_known(
    analyzer: FaceAnalyzer, collins: Image.Image, collins_face: Face, share: float
) -> None:
    box = collins_face.box
    x, y = box.left + box.width / 2, box.top + box.height / 2
    width, height = box.width * share / 2, box.height * share / 2
    crop = collins.crop((round(x - width), round(y - height), round(x + width), round(y + height)))
    assert analyzer.compare(pixels(crop), collins_face).percent > 95


def test_two_people_are_not_alike(analyzer: FaceAnalyzer, astronaut: Path, grace_hopper: Path) -> None:
    similarity = analyzer.compare(astronaut, grace_hopper)
    assert similarity.percent < 60
    assert similarity.false_match_rate > 0.01


def test_a_large_jpeg_is_measured_in_its_own_pixels(
    analyzer: FaceAnalyzer, collins: Image.Image, collins_face: Face
) -> None:
    large = analyzer.faces(jpeg(collins.resize((5120, 5120))))[0]
    for ours, small in zip(large.landmarks, collins_face.landmarks, strict=True):
        assert ours.x / 10 == pytest.approx(small.x, abs=2)
        assert ours.y / 10 == pytest.approx(small.y, abs=2)


def test_faces_smaller_than_asked_for_are_left_out(analyzer: FaceAnalyzer, astronaut: Path) -> None:
    assert analyzer.faces(astronaut, minimum_face_px=300) == []


@pytest.mark.parametrize("size", [(1, 1), (1, 2000), (2000, 3), (640, 480)])
def test_a_picture_of_nothing_has_no_faces(analyzer: FaceAnalyzer, size: tuple[int, int]) -> None:
    assert analyzer.faces(np.full((*size, 3), 90, np.uint8)) == []
    noise = np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)
    assert all(face.box.width > 0 for face in analyzer.faces(noise))


def test_many_pictures_come_in_order_and_errors_among_them(
    analyzer: FaceAnalyzer, astronaut: Path, grace_hopper: Path, tmp_path: Path
) -> None:
    broken = jpeg(Image.open(grace_hopper))[:2000]
    answers = list(analyzer.faces_of_many([astronaut, broken, tmp_path / "none.jpg", grace_hopper]))
    assert isinstance(answers[0], list)
    assert isinstance(answers[1], ImageBroken)
    assert isinstance(answers[2], ImageNotReadable)
    assert isinstance(answers[3], list)
    assert answers[3][0].box == analyzer.faces(grace_hopper)[0].box


def test_concurrent_calls_answer_as_lone_ones_do(
    analyzer: FaceAnalyzer, astronaut: Path, grace_hopper: Path
) -> None:
    alone = [analyzer.faces(path)[0].template for path in (astronaut, grace_hopper)]
    with ThreadPoolExecutor(8) as pool:
        together = list(
            pool.map(lambda path: analyzer.faces(path)[0].template, [astronaut, grace_hopper] * 8)
        )
    for index, template in enumerate(together):
        own = alone[index % 2]
        assert own is not None
        assert template is not None
        assert np.allclose(template.vector, own.vector, atol=1e-5)


def test_a_picture_without_a_face_cannot_be_compared(analyzer: FaceAnalyzer, collins_face: Face) -> None:
    with pytest.raises(NoFaceFound, match="no face"):
        analyzer.compare(np.zeros((100, 100, 3), np.uint8), collins_face)
    with pytest.raises(NoFaceFound, match="templates=True"):
        analyzer.compare(dataclasses.replace(collins_face, template=None), collins_face)


def test_templates_of_two_packs_are_never_compared(analyzer: FaceAnalyzer, collins_face: Face) -> None:
    with pytest.raises(PacksDiffer, match="same pack"):
        analyzer.compare(collins_face, Template("other", np.ones(128, np.float32)))


def test_a_pack_without_calibration_does_not_guess(collins_face: Face) -> None:
    engine = load_engine("dlib-face-recognition", Runtime(provider="cpu"))
    with pytest.raises(PackNotCalibrated, match="no calibration"):
        FaceAnalyzer(engine, ImageLimits()).compare(collins_face, collins_face)


def test_fair_similarities_are_those_of_the_regions(collins_face: Face, grace_hopper: Path) -> None:
    engine = load_engine("dlib-cc0", Runtime(provider="cpu"))
    fair, regional = FaceAnalyzer(engine, ImageLimits(), "fair"), engine.regional_calibration
    assert regional is not None
    one, other = collins_face.template, fair.faces(grace_hopper)[0].template
    assert one is not None
    assert other is not None
    score = one.score(other)
    percent, rate = regional.similarities([score], one.vector[None], other.vector[None])
    found = fair.compare(one, other)
    assert (found.percent, found.false_match_rate) == (percent[0], rate[0])
    assert found.percent != FaceAnalyzer(engine, ImageLimits()).compare(one, other).percent
    assert fair.compare(one, one).percent == pytest.approx(100.0)
    scores = fair.comparison_scores(one.vector, np.stack([one.vector, other.vector]))
    assert fair.calibration.similarities(scores)[0][1] == pytest.approx(percent[0], abs=1e-3)


def test_a_pack_without_regions_is_not_calibrated_fairly() -> None:
    engine = load_engine("dlib-face-recognition", Runtime(provider="cpu"))
    with pytest.raises(PackNotCalibrated, match="no regions"):
        FaceAnalyzer(engine, ImageLimits(), "fair")


def test_refined_landmarks_give_templates_near_to_dlibs_own(astronaut: Path) -> None:
    analyzer = FaceAnalyzer.load("dlib-face-recognition", runtime=Runtime(provider="cpu"))
    template = analyzer.faces(astronaut)[0].template
    expected = next(
        face
        for face in json.loads(DLIB.read_text())["faces"]
        if (face["picture"], face["title"]) == ("astronaut", "hog")
    )
    descriptor = np.array(expected["descriptor"], np.float32)
    assert template is not None
    assert template.vector @ (descriptor / np.linalg.norm(descriptor)) > 0.99


def recreated(recipe: dict[str, Any], pictures: dict[str, Path]) -> Pixels | None:
    """Return the chip that a recipe describes, where it is cut from a picture."""
    if recipe["kind"] != "crop":
        return None
    with Image.open(pictures[recipe["picture"]]) as picture:
        whole = np.asarray(picture.convert("RGB"))
    chip = whole[recipe["top"] : recipe["top"] + 150, recipe["left"] : recipe["left"] + 150]
    return np.ascontiguousarray(chip[:, ::-1] if recipe["flip"] else chip)


def test_descriptors_equal_dlibs_on_the_same_chips(astronaut: Path, grace_hopper: Path) -> None:
    embedder = Runtime(provider="cpu").load(load_pack("dlib-cc0").paths["embedder.onnx"])
    compared = 0
    for case in json.loads(DLIB.read_text())["descriptors_of_chips"]:
        chip = recreated(case["recipe"], {"astronaut": astronaut, "grace_hopper": grace_hopper})
        # Another version of a picture's package, or of its decoder, may hold other pixels.
        if chip is None or hashlib.sha256(chip.tobytes()).hexdigest() != case["chip_sha256"]:
            continue
        assert np.abs(embedder.run(chip[None])[0][0] - np.array(case["descriptor"])).max() < 1e-5
        compared += 1
    assert compared >= 4


@pytest.mark.shared
def test_yunet_finds_what_mtcnn_finds(shared: Path, collins: Image.Image, collins_face: Face) -> None:
    network = Runtime(provider="cpu").load(shared / "models" / "yunet_n_dynamic.onnx")
    found = GridDetector(network, YUNET).detect(pixels(collins), 20)
    best = int(np.argmax(found.confidences))
    expected = collins_face.landmarks.to_array()
    assert np.abs(found.landmarks[best] - expected).max() < 0.15 * collins_face.box.width
