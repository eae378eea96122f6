"""Measures where one pack's landmarks lie in another pack's chips: the alignment template for a new detector.

    COUNTENANCE_SHARED=… python benchmarks/alignment_template.py dlib-yunet dlib-cc0

Prints the mean places over LFW DevTrain; put them into the first pack's pack.toml as the embedder's template.
"""

from __future__ import annotations

import sys

import numpy as np

from countenance.vision import FaceAnalyzer
from countenance.vision.alignment import similarity_transforms
from countenance.vision.packs import load_pack
from lfw import picture_path, pictures_of, read_pairs, subjects


def main(pack: str, reference: str) -> None:
    names = pictures_of(read_pairs("devtrain"))
    found = []
    for name in (pack, reference):
        analyzer = FaceAnalyzer.load(name)
        found.append(subjects(analyzer, map(picture_path, names), lambda _: (250, 250), templates=False))
    both = [
        (one.landmarks.to_array(), other.landmarks.to_array())
        for one, other in zip(*found, strict=True)
        if one and other
    ]
    ours, theirs = (np.array(part) for part in zip(*both, strict=True))
    template = np.array(load_pack(reference).description.embedder.template)
    to_chip = similarity_transforms(theirs, template)
    places = ours @ to_chip[:, :, :2].transpose(0, 2, 1) + to_chip[:, None, :, 2]
    print("template =", np.median(places, axis=0).round(2).tolist(), f"# {len(both)} faces of LFW DevTrain")


if __name__ == "__main__":
    main(*sys.argv[1:3])
