"""Countenance, measured the way its peers are."""

# ruff: noqa: PLC0415  (the peers' environments do not have it)

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from countenance.faces import Face

DISTRIBUTIONS = ("countenance", "onnxruntime", "opencv-python-headless", "numpy", "pillow")


def build(
    threads: int, pack: str, precision: str, min_face_px: float | None, *, templates: bool
) -> Callable[[bytes], list[Face]]:
    """Return a function from an encoded picture to its faces, with or without templates."""
    from countenance.vision import FaceAnalyzer
    from countenance.vision.runtime import Runtime

    analyzer = FaceAnalyzer.load(pack, precision=precision, runtime=Runtime(provider="cpu", threads=threads))
    return lambda encoded: analyzer.faces(encoded, templates=templates, minimum_face_px=min_face_px)


def uses_blas() -> bool:
    """Say that no BLAS library takes part: ONNX Runtime brings its own kernels."""
    return False
