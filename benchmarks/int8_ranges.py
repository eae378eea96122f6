"""Measures the ranges of the embedder's values on real faces, from which everybody's 8-bit embedder is made.

    python benchmarks/int8_ranges.py FOLDER "where the pictures come from" [--faces 1000] [--write]

It looks for ``*.jpg`` below FOLDER, takes the largest face of each picture, aligned by its landmarks, and its
mirror image. One face in ten is held back: on those it prints how well the 8-bit descriptors agree with the
float32 ones. With ``--write`` the ranges replace those in the package.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper

from countenance.vision.alignment import cut_chips, similarity_transforms
from countenance.vision.detection.mtcnn import MtcnnDetector
from countenance.vision.packs import load_pack
from countenance.vision.packs.prepared import making
from countenance.vision.packs.prepared.quantised import quantised, values_to_measure
from countenance.vision.runtime import Runtime

if TYPE_CHECKING:
    from collections.abc import Iterator

    from countenance.vision.packs import InstalledPack

Chips = npt.NDArray[np.uint8]
RANGES = Path(making.__file__).with_name("embedder_ranges.json")
RUNTIME = Runtime(provider="cpu")
BATCH = 16


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("data")
    arguments.add_argument("--faces", type=int, default=1000)
    arguments.add_argument("--write", action="store_true")
    given = arguments.parse_args()
    pack = load_pack("dlib-cc0")
    chips = np.stack(list(aligned_faces(pack, given.folder, given.faces)))
    held_back, measured = chips[::10], np.delete(chips, np.s_[::10], axis=0)
    measured = np.concatenate([measured, measured[:, :, ::-1]])
    model = pack.paths["embedder.onnx"].read_bytes()
    ranges = value_ranges(model, measured)
    print(f"{len(measured)} chips ({len(measured) // 2} faces and their mirror images), {len(ranges)} values")
    cosines = agreement(model, quantised(model, ranges), held_back)
    print(f"cosine of float32 and int8 on {len(cosines)} other faces: least {cosines.min():.5f}", end=", ")
    print(f"1st percentile {np.percentile(cosines, 1):.5f}, mean {cosines.mean():.5f}")
    if given.write:
        lines = ",\n".join(f'  "{name}": {json.dumps(bounds)}' for name, bounds in ranges.items())
        data = json.dumps(f"{len(measured) // 2} faces of {given.data}, and their mirror images")
        RANGES.write_text(f'{{\n "data": {data},\n "ranges": {{\n{lines}\n }}\n}}\n')
        print(f"written to {RANGES.name}; raise REVISION in recipes.py and run: countenance models prepare")


def aligned_faces(pack: InstalledPack, folder: Path, count: int) -> Iterator[Chips]:
    """Yield the largest face of each of ``count`` pictures as a chip, in an order that is always the same."""
    files = pack.description.detector.files
    networks = [RUNTIME.load(pack.paths[files[part]]) for part in ("proposal", "refinement", "output")]
    detector = MtcnnDetector(*networks)
    embedder = pack.description.embedder
    pictures = sorted(folder.rglob("*.jpg"))
    random.Random(0).shuffle(pictures)  # noqa: S311
    for path in pictures[:count]:
        pixels = np.asarray(cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB), dtype=np.uint8)
        found = detector.detect(pixels, 40.0)
        if len(found):
            sides = found.boxes[:, 2:] - found.boxes[:, :2]
            largest = int(sides.prod(axis=1).argmax())
            points = found.landmarks[largest : largest + 1].astype(np.float64)
            transforms = similarity_transforms(points, np.array(embedder.template))
            yield cut_chips(pixels, transforms, embedder.input_px)[0]


def value_ranges(model: bytes, chips: Chips) -> dict[str, tuple[float, float]]:
    """Return the least and the greatest of each value, rounded outwards to four digits."""
    loaded = onnx.load_model_from_string(model)
    names = values_to_measure(loaded)
    del loaded.graph.output[:]
    loaded.graph.output.extend(helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in names)
    lows, highs = np.zeros(len(names)), np.zeros(len(names))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "measuring.onnx"
        onnx.save(loaded, path)
        network = RUNTIME.load(path)
        for start in range(0, len(chips), BATCH):
            values = network.run(np.ascontiguousarray(chips[start : start + BATCH]))
            lows = np.minimum(lows, [value.min() for value in values])
            highs = np.maximum(highs, [value.max() for value in values])
    lows, highs = np.floor(lows * 1e4) / 1e4, np.ceil(highs * 1e4) / 1e4
    return {name: (float(low), float(high)) for name, low, high in zip(names, lows, highs, strict=True)}


def agreement(exact: bytes, small: bytes, chips: Chips) -> npt.NDArray[np.float64]:
    """Return the cosine between the two models' descriptors of each chip."""
    descriptors = []
    with tempfile.TemporaryDirectory() as folder:
        for content in (exact, small):
            path = Path(folder) / "model.onnx"
            path.write_bytes(content)
            network = RUNTIME.load(path)
            parts = [network.run(chips[start : start + BATCH])[0] for start in range(0, len(chips), BATCH)]
            joined = np.concatenate(parts).astype(np.float64)
            descriptors.append(joined / np.linalg.norm(joined, axis=1, keepdims=True))
    cosines: npt.NDArray[np.float64] = (descriptors[0] * descriptors[1]).sum(axis=1)
    return cosines


if __name__ == "__main__":
    main()
