"""How often the right people match and the faces are found: LFW DevTest, cropped LFW, WIDER.

    COUNTENANCE_SHARED=… python benchmarks/accuracy.py [--pack NAME] [--precision float32|int8]

A face that is not found counts as a non-match. TAR is the share of mated pairs that match at the score that
the given share of the non-mated pairs (FMR) exceeds. A WIDER face is found when a box overlaps it by half
(IoU ≥ 0.5).
"""

from __future__ import annotations

import argparse
import collections
import csv
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from countenance.images import open_image
from countenance.vision import FaceAnalyzer
from lfw import (
    area_under_curve,
    data_folder,
    pair_scores,
    picture_path,
    pictures_of,
    read_pairs,
    subjects,
    true_match_rate,
)

if TYPE_CHECKING:
    from countenance.faces import Box, Face

SIZES = (("at least 80 px", 80.0), ("40-80 px", 40.0), ("20-40 px", 20.0), ("below 20 px", 0.0))


def report_verification(
    analyzer: FaceAnalyzer, title: str, names: list[str], faces: list[Face | None]
) -> float:
    vectors = {
        name: face.template.vector if face and face.template else None
        for name, face in zip(names, faces, strict=True)
    }
    scores, mated = pair_scores(read_pairs("devtest"), vectors)
    rates = {rate: true_match_rate(scores, mated, rate) for rate in (0.001, 0.01)}
    found = sum(vector is not None for vector in vectors.values()) / len(vectors)
    thresholds = {percent: analyzer.calibration.score_at(percent) for percent in (80, 99)}
    at = ", ".join(
        f"at similarity {percent} {100 * (scores[mated] >= score).mean():.1f} %"
        for percent, score in thresholds.items()
    )
    print(
        f"{title}: found {100 * found:.2f} %, AUC {area_under_curve(scores, mated):.5f}, "
        f"TAR at FMR 1 % {rates[0.01]:.4f}, at 0.1 % {rates[0.001]:.4f}; mated pairs matched {at}"
    )
    return rates[0.01]


def cropped(name: str, face: Face | None, share: float) -> npt.NDArray[np.uint8]:
    """Return the picture cropped to a share of the face's box, in width and in height, around its centre."""
    pixels = open_image(picture_path(name)).decode().pixels
    if face is None:
        return pixels
    height, width = pixels.shape[:2]
    x, y = face.box.left + face.box.width / 2, face.box.top + face.box.height / 2
    half_width, half_height = face.box.width * share / 2, face.box.height * share / 2
    left, right = max(round(x - half_width), 0), min(round(x + half_width), width)
    top, bottom = max(round(y - half_height), 0), min(round(y + half_height), height)
    return np.ascontiguousarray(pixels[top:bottom, left:right])


def lfw(analyzer: FaceAnalyzer) -> None:
    names = pictures_of(read_pairs("devtest"))
    faces = subjects(analyzer, map(picture_path, names), lambda _: (250, 250))
    report_verification(analyzer, "LFW DevTest", names, faces)
    for share in (1.0, 0.8):
        crops = [cropped(name, face, share) for name, face in zip(names, faces, strict=True)]
        within = subjects(analyzer, crops, lambda index, crops=crops: crops[index].shape[1::-1])
        report_verification(analyzer, f"LFW DevTest cropped to {share:.0%} of the face's box", names, within)


def overlaps(first: npt.NDArray[np.float64], second: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the intersection over union of each pair of boxes left, top, right, bottom."""
    corner = np.maximum(first[:, None, :2], second[None, :, :2])
    opposite = np.minimum(first[:, None, 2:], second[None, :, 2:])
    shared = np.maximum(opposite - corner, 0).prod(axis=2)
    areas = [(boxes[:, 2:] - boxes[:, :2]).prod(axis=1) for boxes in (first, second)]
    return shared / (areas[0][:, None] + areas[1][None] - shared)


def corners(box: Box) -> tuple[float, float, float, float]:
    return box.left, box.top, box.right, box.bottom


def wider(analyzer: FaceAnalyzer) -> None:
    marked = collections.defaultdict(list)
    with (data_folder() / "wider" / "boxes.csv").open() as file:
        for row in csv.DictReader(file):
            left, top, width, height = (float(row[key]) for key in ("x", "y", "width", "height"))
            marked[row["file"]].append((left, top, left + width, top + height))
    total, hits, false = collections.Counter(), collections.Counter(), 0
    pictures = [data_folder() / "wider" / name for name in marked]
    for boxes, faces in zip(marked.values(), analyzer.faces_of_many(pictures, templates=False), strict=True):
        if isinstance(faces, Exception):
            raise faces
        truth = np.array(boxes)
        grid = overlaps(truth, np.array([corners(face.box) for face in faces]).reshape(-1, 4))
        matched = set()
        for flat in np.argsort(-grid, axis=None):
            row, column = np.unravel_index(flat, grid.shape)
            if grid[row, column] < 0.5:
                break
            matched.add(int(row))
            grid[row], grid[:, column] = 0, 0
        false += len(faces) - len(matched)
        for index, (_, top, _, bottom) in enumerate(boxes):
            size = next(name for name, least in SIZES if bottom - top >= least)
            total[size] += 1
            hits[size] += index in matched
    parts = [f"{name} {hits[name]}/{total[name]} = {hits[name] / total[name]:.3f}" for name, _ in SIZES]
    print(
        f"WIDER, {len(marked)} pictures, recall by height: {'; '.join(parts)}; "
        f"{false} detections on no marked face"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pack", default="dlib-cc0")
    parser.add_argument("--precision", default="float32", choices=["float32", "int8"])
    options = parser.parse_args()
    analyzer = FaceAnalyzer.load(options.pack, precision=options.precision)
    print(f"pack {analyzer.pack}, {options.precision}, {analyzer.provider}")
    lfw(analyzer)
    wider(analyzer)


if __name__ == "__main__":
    main()
