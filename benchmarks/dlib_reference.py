"""Writes tests/data/dlib_expectations.json: what dlib itself answers, for tests that run without dlib.

Run it with the interpreter of the environment that benchmarks/peers/setup.sh makes:

    .benchmarks/peers/bin/python benchmarks/dlib_reference.py

The pictures are those that scikit-image and matplotlib carry in their wheels, so that a test finds them
where we did; the weights are those of face_recognition_models. The file holds, for each picture, dlib's
answer for the rectangle its HOG detector finds and for others around it (five points, chip, descriptor),
chips for points we made up (turned, tiny, huge), and descriptors of chips that a test can make from a
formula.

Chips are given as the sha256 of their bytes (150 × 150 × 3, RGB, row by row) and by every tenth pixel
(`chip[5::10, 5::10]`, the same order, base64): the sum says whether a chip is dlib's to the last bit, the
samples say how far off it is where the two differ.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import importlib.metadata
import importlib.util
import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dlib
import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Iterator

Pixels = np.ndarray
Points = list[tuple[int, int]]

DEFAULT_OUT = Path(__file__).parent.parent / "tests" / "data" / "dlib_expectations.json"
CHIP_PX = 150
PADDING = 0.25
PICTURES = {
    "astronaut": ("scikit-image", "skimage", "data/astronaut.png"),
    "grace_hopper": ("matplotlib", "matplotlib", "mpl-data/sample_data/grace_hopper.jpg"),
}
PREDICTOR = "shape_predictor_5_face_landmarks.dat"
NETWORK = "dlib_face_recognition_resnet_model_v1.dat"

# Around the HOG rectangle: (name, shift right and down in its sides, scale about its centre).
RECTANGLES = (
    ("hog", 0.0, 0.0, 1.0),
    ("shifted right", 0.12, 0.0, 1.0),
    ("shifted left and down", -0.1, 0.15, 1.0),
    ("shifted up", 0.0, -0.2, 1.0),
    ("half", 0.0, 0.05, 0.5),
    ("smaller", 0.03, -0.04, 0.8),
    ("larger", -0.05, 0.02, 1.3),
    ("twice", 0.1, 0.1, 2.0),
    ("four times", 0.0, 0.3, 4.0),
)
# Partly outside: the centre at these shares of the picture's width and height, the side that of HOG.
EDGES = (
    ("over the left edge", 0.0, 0.4),
    ("over the top right corner", 1.0, 0.0),
    ("over the bottom edge", 0.5, 1.0),
)
# The HOG face's points about their mean: (name, degrees clockwise on the screen, scale, shift right and down
# in the picture's width and height).
POSES = (
    ("turned 30", 30.0, 1.0, 0.0, 0.0),
    ("turned -100", -100.0, 1.0, 0.0, 0.0),
    ("upside down", 180.0, 0.9, 0.0, 0.0),
    ("tiny", 0.0, 0.25, 0.0, 0.0),
    ("six times", 8.0, 6.0, 0.0, 0.0),
    ("mostly outside", -15.0, 1.4, -0.35, -0.2),
)
# Plain crops of the astronaut, 150 × 150: (left, top).
CROPS = ((150, 20), (0, 0), (200, 180), (362, 362), (30, 300))


class Dlib:
    """dlib's own detector, predictor, chips and descriptors."""

    def __init__(self) -> None:
        self.detector = dlib.get_frontal_face_detector()
        self.predictor = dlib.shape_predictor(str(weights(PREDICTOR)))
        self.network = dlib.face_recognition_model_v1(str(weights(NETWORK)))

    def largest_face(self, picture: Pixels) -> dlib.rectangle:
        """Return the largest face that HOG finds in the picture at its own size."""
        return max(self.detector(picture, 0), key=lambda face: face.area())

    def points(self, picture: Pixels, rectangle: dlib.rectangle) -> Points:
        """Return the five points of the face in the rectangle."""
        return [(point.x, point.y) for point in self.predictor(picture, rectangle).parts()]

    def chip(self, picture: Pixels, points: Points) -> Pixels:
        """Return the upright chip that the five points ask for."""
        # The chip follows from the points alone; the rectangle of a detection plays no part in it.
        shape = dlib.full_object_detection(dlib.rectangle(), [dlib.point(x, y) for x, y in points])
        return dlib.get_face_chip(picture, shape, size=CHIP_PX, padding=PADDING)

    def descriptor(self, chip: Pixels) -> list[float]:
        """Return the 128 numbers, to the nine digits that tell any two float32 apart."""
        return [float(f"{value:.9g}") for value in self.network.compute_face_descriptor(chip)]


def main() -> None:
    parser = argparse.ArgumentParser(description="Write what dlib answers, as expectations for our tests.")
    parser.add_argument("--out", type=Path, default=DEFAULT_OUT)
    out = parser.parse_args().out
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(one_entry_a_line(expectations()), encoding="utf-8")
    print(f"{out}: {out.stat().st_size / 1000:.0f} kB")


def expectations() -> dict[str, Any]:
    reference = Dlib()
    pictures = {name: read_picture(*where) for name, where in PICTURES.items()}
    return {
        "notes": {
            "rect": "left, top, right, bottom; dlib's rectangles include the right column and the bottom row",
            "points": "x, y of the five points, in dlib's order",
            "chip_sha256": "of the 150 x 150 x 3 RGB bytes, row by row",
            "chip_samples": "base64 of the bytes of chip[5::10, 5::10]",
            "regenerate": "benchmarks/dlib_reference.py",
        },
        "dlib": {
            "version": dlib.__version__,
            "blas": bool(dlib.DLIB_USE_BLAS),
            "chip_px": CHIP_PX,
            "padding": PADDING,
        },
        "weights": {name: sha256(weights(name).read_bytes()) for name in (PREDICTOR, NETWORK)},
        "packages": {
            name: importlib.metadata.version(name)
            for name in ("scikit-image", "matplotlib", "face_recognition_models", "numpy", "pillow")
        },
        "pictures": {name: describe(name, picture) for name, picture in pictures.items()},
        "faces": [
            face for name, picture in pictures.items() for face in expected_faces(reference, name, picture)
        ],
        "chips_of_points": [
            chip for name, picture in pictures.items() for chip in expected_chips(reference, name, picture)
        ],
        "descriptors_of_chips": [
            {"recipe": recipe, **fingerprint(chip), "descriptor": reference.descriptor(chip)}
            for recipe, chip in plain_chips(pictures["astronaut"])
        ],
    }


def expected_faces(reference: Dlib, name: str, picture: Pixels) -> Iterator[dict[str, Any]]:
    for title, rectangle in rectangles(reference.largest_face(picture), picture):
        points = reference.points(picture, rectangle)
        chip = reference.chip(picture, points)
        yield {
            "picture": name,
            "title": title,
            "rect": [rectangle.left(), rectangle.top(), rectangle.right(), rectangle.bottom()],
            "points": points,
            **fingerprint(chip),
            "descriptor": reference.descriptor(chip),
        }


def rectangles(hog: dlib.rectangle, picture: Pixels) -> Iterator[tuple[str, dlib.rectangle]]:
    height, width = picture.shape[:2]
    side = hog.width()
    centre_x, centre_y = hog.left() + side / 2, hog.top() + side / 2
    for title, right, down, scale in RECTANGLES:
        yield title, square(centre_x + right * side, centre_y + down * side, round(side * scale))
    for title, across, along in EDGES:
        yield title, square(across * width, along * height, side)


def square(centre_x: float, centre_y: float, side: int) -> dlib.rectangle:
    left, top = round(centre_x - side / 2), round(centre_y - side / 2)
    return dlib.rectangle(left, top, left + side - 1, top + side - 1)


def expected_chips(reference: Dlib, name: str, picture: Pixels) -> Iterator[dict[str, Any]]:
    upright = reference.points(picture, reference.largest_face(picture))
    for title, degrees, scale, right, down in POSES:
        height, width = picture.shape[:2]
        points = moved(upright, math.radians(degrees), scale, (right * width, down * height))
        chip = reference.chip(picture, points)
        yield {"picture": name, "title": title, "points": points, **fingerprint(chip)}


def moved(points: Points, angle: float, scale: float, shift: tuple[float, float]) -> Points:
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    cosine, sine = scale * math.cos(angle), scale * math.sin(angle)
    return [
        (
            round(mean_x + shift[0] + cosine * (x - mean_x) - sine * (y - mean_y)),
            round(mean_y + shift[1] + sine * (x - mean_x) + cosine * (y - mean_y)),
        )
        for x, y in points
    ]


def plain_chips(astronaut: Pixels) -> Iterator[tuple[dict[str, Any], Pixels]]:
    """Yield chips that a test makes again without dlib, each with the recipe that says how."""
    for left, top in CROPS:
        crop = astronaut[top : top + CHIP_PX, left : left + CHIP_PX]
        for flip in (False, True):
            recipe = {"kind": "crop", "picture": "astronaut", "left": left, "top": top, "flip": flip}
            yield recipe, np.ascontiguousarray(crop[:, ::-1] if flip else crop)
    for value in (0, 255):
        yield {"kind": "constant", "value": value}, np.full((CHIP_PX, CHIP_PX, 3), value, np.uint8)
    y, x = np.mgrid[:CHIP_PX, :CHIP_PX]
    last = CHIP_PX - 1
    gradient = np.stack([x * 255 // last, y * 255 // last, (x + y) * 255 // (2 * last)], axis=2)
    yield {"kind": "gradient", "rgb": "x*255//149, y*255//149, (x+y)*255//298"}, gradient.astype(np.uint8)
    texture = np.stack([(7 * x + 13 * y + 29 * channel) % 256 for channel in range(3)], axis=2)
    yield {"kind": "texture", "rgb": "(7*x + 13*y + 29*channel) % 256"}, texture.astype(np.uint8)


def fingerprint(chip: Pixels) -> dict[str, str]:
    samples = np.ascontiguousarray(chip[5::10, 5::10])
    return {
        "chip_sha256": sha256(chip.tobytes()),
        "chip_samples": base64.b64encode(samples.tobytes()).decode("ascii"),
    }


def describe(name: str, picture: Pixels) -> dict[str, Any]:
    distribution, package, file = PICTURES[name]
    return {
        "distribution": distribution,
        "file": f"{package}/{file}",
        "sha256": sha256(inside(package, file).read_bytes()),
        "width": picture.shape[1],
        "height": picture.shape[0],
        # A JPEG decoder may round differently: where this sum differs, dlib saw other pixels than the test.
        "pixels_sha256": sha256(picture.tobytes()),
    }


def read_picture(_distribution: str, package: str, file: str) -> Pixels:
    return np.asarray(Image.open(inside(package, file)).convert("RGB"))


def weights(name: str) -> Path:
    return inside("face_recognition_models", f"models/{name}")


def inside(package: str, file: str) -> Path:
    """Return the path of a file in an installed package, without importing the package."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise SystemExit(f"dlib_reference.py: no {package} here; run it in the peers environment")
    return Path(spec.origin).parent / file


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def one_entry_a_line(document: dict[str, Any]) -> str:
    """Return compact JSON in which a change of one entry is a change of one line."""
    parts = [f"{json.dumps(key)}: {entries_as_lines(value)}" for key, value in document.items()]
    return "{\n" + ",\n".join(parts) + "\n}\n"


def entries_as_lines(value: dict[str, Any] | list[Any]) -> str:
    if isinstance(value, dict):
        return "{\n" + ",\n".join(f"{compact(key)}:{compact(entry)}" for key, entry in value.items()) + "\n}"
    return "[\n" + ",\n".join(compact(entry) for entry in value) + "\n]"


def compact(entry: Any) -> str:
    return json.dumps(entry, separators=(",", ":"))


if __name__ == "__main__":
    main()
