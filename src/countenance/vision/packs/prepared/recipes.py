"""Which files are made on this machine, and from which file of which installed package.

The packages are found by their metadata and never imported: importing `mtcnn` would want TensorFlow,
importing `face_recognition_models` would want pkg_resources. Their files are only used when they are, to the
bit, those that the graphs were checked with. How they are made is left to `making`.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.metadata
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from countenance.errors import PackBroken, PackNotInstalled

# To be raised whenever a recipe makes other bytes than before, so that caches are made anew.
REVISION = 1


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of a package on PyPI."""

    distribution: str
    version: str
    path: str
    sha256: str

    def read(self) -> bytes:
        """Return the file's bytes.

        Raises:
            PackNotInstalled: the package is not installed.
            PackBroken: the file is not the one that belongs to the version.
        """
        way_out = f"run: pip install --force-reinstall {self.distribution}=={self.version}"
        try:
            place = importlib.metadata.distribution(self.distribution).locate_file(self.path)
            data = Path(str(place)).read_bytes()
        except (importlib.metadata.PackageNotFoundError, OSError) as error:
            raise PackNotInstalled(f"{self.path} is not there; {way_out}") from error
        if hashlib.sha256(data).hexdigest() != self.sha256:
            raise PackBroken(f"{self.path} is not the file of version {self.version}; {way_out}")
        return data


def _mtcnn(network: str, sha256: str) -> SourceFile:
    return SourceFile("mtcnn", "1.0.0", f"mtcnn/assets/weights/{network}.lz4", sha256)


def _dlib(name: str, sha256: str) -> SourceFile:
    return SourceFile(
        "face_recognition_models", "0.3.0", f"face_recognition_models/models/{name}.dat", sha256
    )


_RESNET = _dlib(
    "dlib_face_recognition_resnet_model_v1",
    "55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30",
)

# The source of each recipe.
RECIPES = {
    "mtcnn-proposal": _mtcnn("pnet", "ea6b0c3e685ebee3165326ad6484acc95f2ef78f1c94fbf40a55704fa989f7b5"),
    "mtcnn-refinement": _mtcnn("rnet", "cb00e6460f3c98b0bfafaba3c0a0ded4bdf6e62cee7174d969e8670d7e757fee"),
    "mtcnn-output": _mtcnn("onet", "94f6ea2f4cf985275ee958cdd762d17b6009348a4fb9d8c6be39ba73ffd22ca3"),
    "dlib-embedder": _RESNET,
    "dlib-embedder-int8": _RESNET,
    "dlib-shape-predictor": _dlib(
        "shape_predictor_5_face_landmarks", "c4b1e9804792707d3a405c2c16a80a20269e6675021f64a41d30fffafbc41888"
    ),
}


def bake(recipe: str) -> bytes:
    """Return the bytes that a recipe makes: the same on every machine and at every call.

    Raises:
        PackBroken: there is no such recipe, or its source is damaged.
        PackNotInstalled: its source's package is not installed.
    """
    if recipe not in RECIPES:
        raise PackBroken(f"there is no recipe {recipe!r}; choose one of {', '.join(RECIPES)}")
    source = RECIPES[recipe]
    data = source.read()
    # Imported here as importing onnx takes 0.13 s and 13 MB, on first use only.
    making = importlib.import_module("countenance.vision.packs.prepared.making")
    about = {
        "source": f"{source.path} of {source.distribution} {source.version}",
        "source_sha256": source.sha256,
    }
    return cast("bytes", making.MAKERS[recipe](data, source.path, about))
