"""Writes what joblib writes: a pickled list of arrays, their bytes between the instructions, in lz4."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import lz4.frame
import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Sequence

Floats = npt.NDArray[np.float32]


def packed(arrays: Sequence[Floats]) -> bytes:
    """The file that `joblib.dump(arrays, path, compress="lz4")` makes of float32 arrays."""
    return compressed(pickled(arrays))


def compressed(data: bytes) -> bytes:
    result: bytes = lz4.frame.compress(data)
    return result


def pickled(arrays: Sequence[Floats]) -> bytes:
    """The stream before compression, in the simplest instructions that say the same."""
    body = b"".join(_array(array) for array in arrays)
    return b"\x80\x04](" + body + b"e."


def _array(array: Floats) -> bytes:
    make = _name("joblib.numpy_pickle", "NumpyArrayWrapper") + b")\x81"
    shape = b"(" + b"".join(b"J" + side.to_bytes(4, "little") for side in array.shape) + b"t"
    dtype = _name("numpy", "dtype") + _text("f4") + b"\x89\x88\x87R"
    dtype += b"(K\x03" + _text("<") + b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
    items = _text("shape") + shape + _text("order") + _text("C") + _text("dtype") + dtype
    return make + b"}(" + items + b"ub" + b"\x02\xff\xff" + array.astype("<f4").tobytes()


def _text(value: str) -> bytes:
    return b"\x8c" + bytes([len(value)]) + value.encode()


def _name(module: str, name: str) -> bytes:
    return _text(module) + _text(name) + b"\x93"


class Evil:
    """An object whose unpickling runs a command."""

    def __reduce__(self) -> tuple[object, ...]:
        return eval, ("__import__('os').abort()",)


def evil() -> bytes:
    """A pickle that ends the process that loads it."""
    return pickle.dumps([Evil()], protocol=4)
