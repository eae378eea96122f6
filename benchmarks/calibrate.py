"""Fits a pack's calibration on LFW View 1 DevTrain and checks it on DevTest.

    COUNTENANCE_SHARED=… python benchmarks/calibrate.py [PACK]

All pairs of pictures of different people are compared, not only the protocol's 1,100, so that a false match
rate of 1 in 100,000 rests on more than 30 errors (the rule of 30). Prints the [calibration] part of a
pack.toml.
"""

from __future__ import annotations

import sys

import numpy as np
import numpy.typing as npt

from countenance.vision import Calibration, FaceAnalyzer
from lfw import picture_path, pictures_of, read_pairs, subjects

RATES = (0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 5e-3, 2e-3, 1e-3, 5e-4, 2e-4, 1e-4, 5e-5, 2e-5, 1e-5)


def non_mated_scores(analyzer: FaceAnalyzer, split: str) -> npt.NDArray[np.float32]:
    """Return the scores of all comparisons of different people, highest first."""
    names = pictures_of(read_pairs(split))
    faces = subjects(analyzer, map(picture_path, names), lambda _: (250, 250))
    known = [
        (name, face.template.vector)
        for name, face in zip(names, faces, strict=True)
        if face and face.template
    ]
    _, person = np.unique([name.split("/")[0] for name, _ in known], return_inverse=True)
    vectors = np.stack([vector for _, vector in known])
    scores = vectors @ vectors.T
    different = np.triu(person[:, None] != person[None], 1)
    return np.sort(scores[different])[::-1]


def main(pack: str) -> None:
    analyzer = FaceAnalyzer.load(pack)
    train = non_mated_scores(analyzer, "devtrain")
    ladder = [(-1.0, 1.0)] + [(round(float(train[int(rate * len(train))]), 4), rate) for rate in RATES]
    calibration = Calibration(
        tuple(score for score, _ in ladder),
        tuple(rate for _, rate in ladder),
        len(train),
        "LFW View 1 DevTrain, all comparisons of different people",
    )
    print("[calibration]")
    print(f"scores = {list(calibration.scores)}")
    print(f"false_match_rates = {list(calibration.false_match_rates)}")
    print(f"non_mated_comparisons = {calibration.non_mated_comparisons}")
    print(f'data = "{calibration.source}"')
    test = non_mated_scores(analyzer, "devtest")
    print(f"# checked on DevTest, {len(test):,} comparisons of different people:")
    for percent in (60, 80, 90, 95, 99):
        score = calibration.score_at(percent)
        stated, seen = calibration.similarity(score).false_match_rate, (test >= score).mean()
        print(f"# similarity {percent}: score {score:.4f}, stated FMR {stated:.2e}, seen {seen:.2e}")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "dlib-cc0")
