"""What the quality measures and the filter's levels do on ordinary press photographs (LFW DevTest).

    COUNTENANCE_SHARED=… python benchmarks/quality.py

Prints each measure's percentiles, the share of faces that each level sets aside, and the false non-match rate
at similarity 80 among the pairs whose faces a level keeps.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from countenance.vision import FaceAnalyzer, QualityLevel
from countenance.vision.filtering import reasons_against
from lfw import picture_path, pictures_of, read_pairs, subjects


def main() -> None:
    analyzer = FaceAnalyzer.load()
    pairs = read_pairs("devtest")
    names = pictures_of(pairs)
    found = subjects(analyzer, map(picture_path, names), lambda _: (250, 250))
    faces = {name: face for name, face in zip(names, found, strict=True) if face}
    rows = {
        field.name: [getattr(face.quality, field.name) for face in faces.values()]
        for field in dataclasses.fields(next(iter(faces.values())).quality)
    }
    for angle in ("pitch_degrees", "yaw_degrees"):
        rows[angle] = [abs(getattr(face.pose, angle)) for face in faces.values()]
    rows["confidence"] = [face.confidence for face in faces.values()]
    print("percentiles                     1      5     25     50     75     95     99")
    for name, values in rows.items():
        print(
            f"{name:27}"
            + "".join(f"{value:7.1f}" for value in np.percentile(values, (1, 5, 25, 50, 75, 95, 99)))
        )
    threshold = analyzer.calibration.score_at(80)
    for level in QualityLevel:
        kept = {name for name, face in faces.items() if not reasons_against(face, level)}
        mated = [pair for pair in pairs if pair.mated and pair.first in kept and pair.second in kept]
        scores = np.array([faces[pair.first].template.score(faces[pair.second].template) for pair in mated])
        print(
            f"{level:7} sets aside {100 * (1 - len(kept) / len(faces)):5.1f} % of faces; "
            f"FNMR at similarity 80: {100 * (scores < threshold).mean():4.1f} % of {len(mated)} pairs"
        )


if __name__ == "__main__":
    main()
