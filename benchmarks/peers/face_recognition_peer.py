"""The `face_recognition` package with its defaults: HOG on the picture doubled, then dlib's network.

The defaults are what its readme shows and what its users run. The same file serves both builds of dlib: the
interpreter decides, and `uses_blas` says which one it was.
"""

# ruff: noqa: PLC0415  (the native libraries read their number of threads when they are imported)

from __future__ import annotations

import io
import warnings
from typing import TYPE_CHECKING

from threads import limit_pools

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

DISTRIBUTIONS = ("face_recognition", "dlib", "numpy", "pillow")


def build(threads: int) -> Callable[[bytes], list[np.ndarray]]:
    """Return a function from an encoded picture to the templates of its faces (128 float64 each)."""
    limit_pools(threads)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="pkg_resources is deprecated")
        import face_recognition

    def templates(encoded: bytes) -> list[np.ndarray]:
        picture = face_recognition.load_image_file(io.BytesIO(encoded))
        return face_recognition.face_encodings(picture)

    return templates


def uses_blas() -> bool:
    """Say whether this dlib was linked with a BLAS library when it was compiled."""
    import dlib

    return bool(dlib.DLIB_USE_BLAS)
