"""The embedder's graphs give dlib's descriptors, in 8 bits nearly so."""

from __future__ import annotations

import importlib.metadata
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dlib_files
import numpy as np
import numpy.typing as npt
import onnx
import pytest
from PIL import Image

from countenance.errors import PackBroken
from countenance.vision.packs import InstalledPack, prepare
from countenance.vision.packs.prepared.dlib_network import Affine, Convolution, read_network
from countenance.vision.packs.prepared.quantised import quantised, values_to_measure
from countenance.vision.packs.prepared.resnet_graph import resnet_graph
from countenance.vision.runtime import Runtime

if TYPE_CHECKING:
    from collections.abc import Iterator

EXPECTATIONS: dict[str, Any] = json.loads(
    (Path(__file__).parents[3] / "data" / "dlib_expectations.json").read_text()
)
Floats = npt.NDArray[np.float32]


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> InstalledPack:
    return prepare(cache_dir=tmp_path_factory.mktemp("packs"))


def chips_and_descriptors() -> Iterator[tuple[npt.NDArray[np.uint8], Floats]]:
    """What dlib itself says of parts of two well-known pictures."""
    for entry in EXPECTATIONS["descriptors_of_chips"]:
        recipe = entry["recipe"]
        if recipe["kind"] == "crop":
            picture = EXPECTATIONS["pictures"][recipe["picture"]]
            place = importlib.metadata.distribution(picture["distribution"]).locate_file(picture["file"])
            pixels = np.asarray(Image.open(str(place)).convert("RGB"))
            chip = pixels[recipe["top"] :, recipe["left"] :][:150, :150]
            yield chip[:, ::-1] if recipe["flip"] else chip, np.array(entry["descriptor"], np.float32)


def test_the_descriptors_are_dlibs(pack: InstalledPack) -> None:
    chips, descriptors = zip(*chips_and_descriptors(), strict=True)
    (found,) = Runtime(provider="cpu").load(pack.paths["embedder.onnx"]).run(np.stack(chips))
    assert len(chips) >= 10
    np.testing.assert_allclose(found, np.stack(descriptors), atol=1e-5)


def test_the_8_bit_descriptors_point_the_same_way(pack: InstalledPack) -> None:
    chips = np.stack([chip for chip, _ in chips_and_descriptors()])
    (exact,) = Runtime(provider="cpu").load(pack.paths["embedder.onnx"]).run(chips)
    (small,) = Runtime(provider="cpu").load(pack.paths["embedder_int8.onnx"]).run(chips)
    lengths = np.linalg.norm(exact, axis=1) * np.linalg.norm(small, axis=1)
    assert ((exact * small).sum(axis=1) / lengths).min() > 0.995


def test_branches_of_unequal_size_are_filled_up_with_zeros(tmp_path: Path) -> None:
    """One block of dlib's kind, against the same sums written out."""
    random = np.random.default_rng(6)
    first, second = random.normal(size=(2, 3, 1, 1)), random.normal(size=(3, 2, 3, 3))
    layers: list[bytes | str] = [
        dlib_files.convolution(first, np.zeros(2), 1, 0),
        dlib_files.BRANCH_START,
        dlib_files.convolution(second, random.normal(size=3), 2, 0),
        dlib_files.affine(random.normal(size=3), random.normal(size=3)),
        dlib_files.BRANCH_SWAP,
        dlib_files.pool("avg", 2, 2),
        dlib_files.ADD_BRANCH,
        dlib_files.pool("avg", 0, 1),
        dlib_files.dense(np.eye(3)),
    ]
    network = read_network(dlib_files.network(layers, side_px=4), "network")
    path = tmp_path / "graph.onnx"
    path.write_bytes(resnet_graph(network, {}))
    chip = random.integers(0, 256, (1, 4, 4, 3), dtype=np.uint8)
    (found,) = Runtime(provider="cpu", threads=1).load(path).run(chip)

    convolution, affine = network.layers[2:4]
    assert isinstance(convolution, Convolution)
    assert isinstance(affine, Affine)
    values = np.einsum("fc,yxc->fyx", first[:, :, 0, 0], (chip[0] - np.array(network.mean_rgb)) / 256)
    branch = np.einsum("fcij,cij->f", second, values[:, :3, :3]) + convolution.bias
    total = np.zeros((3, 2, 2))
    total[:2] = values.reshape(2, 2, 2, 2, 2).mean(axis=(2, 4))
    total[:, 0, 0] += branch * affine.factor + affine.addend
    np.testing.assert_allclose(found[0], total.mean(axis=(1, 2)), rtol=1e-4, atol=1e-5)


def test_a_network_that_begins_with_padding_is_refused() -> None:
    layers = [dlib_files.convolution(np.ones((2, 3, 3, 3)), np.zeros(2), 1, 1), dlib_files.pool("avg", 0, 1)]
    network = read_network(dlib_files.network([*layers, dlib_files.dense(np.eye(2))], side_px=4), "network")
    with pytest.raises(PackBroken, match="without padding"):
        resnet_graph(network, {})


def test_the_graphs_say_what_they_were_made_of(pack: InstalledPack) -> None:
    model = onnx.load(pack.paths["embedder.onnx"])
    about = {item.key: item.value for item in model.metadata_props}
    assert "dlib_face_recognition_resnet_model_v1.dat" in about["source"]
    assert len(about["source_sha256"]) == 64


def test_ranges_of_another_graph_are_refused(pack: InstalledPack) -> None:
    content = pack.paths["embedder.onnx"].read_bytes()
    wanted = values_to_measure(onnx.load_model_from_string(content))
    ranges = dict.fromkeys(wanted[1:], (0.0, 1.0))
    with pytest.raises(PackBroken, match="another graph"):
        quantised(content, ranges)
