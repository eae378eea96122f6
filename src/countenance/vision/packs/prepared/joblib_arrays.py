"""Reads a list of float32 arrays from an lz4-compressed joblib pickle, without pickle and without joblib.

A pickle is a program for a small stack machine, and Python's own machine can be made to import, call or
allocate anything. The files that are read here use 26 harmless instructions; this machine knows only
those. Where the pickle names a class, an inert record takes its place: nothing is imported or called.

joblib puts each array's bytes into the stream right behind the instruction that completes the array's
description: one byte that counts the filling bytes, the filling, then the values in C order.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeGuard, TypeVar

import lz4.frame
import numpy as np
import numpy.typing as npt

from countenance.errors import PackBroken

if TYPE_CHECKING:
    from collections.abc import Callable

Floats = npt.NDArray[np.float32]
T = TypeVar("T")

# The largest of the files (O-Net's) unpacks to 1.6 MB and takes 700 instructions.
MOST_BYTES = 16 * 2**20
MOST_INSTRUCTIONS = 10_000


def read_arrays(packed: bytes, name: str) -> list[Floats]:
    """Return the arrays in a joblib pickle compressed with lz4.

    Args:
        packed: the file's bytes.
        name: the file's name, for messages.

    Raises:
        PackBroken: the bytes are anything else than a list of float32 arrays of at most 16 MiB in all.
    """
    try:
        return _Machine(_unpacked(packed)).run()
    except (PackBroken, RuntimeError, LookupError, ValueError) as error:
        raise PackBroken(
            f"{name} is not a readable weights file ({error}); install its package again"
        ) from error


def _unpacked(packed: bytes) -> bytes:
    with lz4.frame.LZ4FrameDecompressor() as decompressor:
        data: bytes = decompressor.decompress(packed, max_length=MOST_BYTES)
        if not decompressor.eof:
            raise PackBroken(f"it ends early or unpacks to more than {MOST_BYTES} bytes")
    return data


@dataclass(frozen=True, slots=True)
class _Name:
    """A class or function that the pickle names."""

    module: str
    name: str


@dataclass(slots=True)
class _Record:
    """Stands for an object that the pickle makes: of what, from which arguments, with which state."""

    kind: _Name
    arguments: tuple[object, ...]
    state: object = None


class _Machine:
    """Runs the 26 instructions over one stream."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._position = 0
        self._stack: list[object] = []
        self._memo: list[object] = []

    def run(self) -> list[Floats]:
        """Return the arrays of the list that the stream describes."""
        for _ in range(MOST_INSTRUCTIONS):
            code = self.take(1)
            if code == b".":
                items = self.pop(list)
                arrays = [item for item in items if isinstance(item, np.ndarray)]
                if len(arrays) != len(items):
                    raise PackBroken("it holds something else than arrays")
                return arrays
            instruction = _INSTRUCTIONS.get(code)
            if instruction is None:
                raise PackBroken(f"instruction {code!r} at byte {self._position - 1} is not allowed")
            instruction(self)
        raise PackBroken(f"it has more than {MOST_INSTRUCTIONS} instructions")

    def take(self, count: int) -> bytes:
        taken = self._data[self._position : self._position + count]
        if len(taken) != count:
            raise PackBroken(f"it ends early, at byte {len(self._data)}")
        self._position += count
        return taken

    def pop(self, kind: type[T]) -> T:
        value = self._stack.pop()
        if not isinstance(value, kind):
            raise PackBroken(f"a {kind.__name__} was expected before byte {self._position}")
        return value

    def pop_to_mark(self) -> list[object]:
        items: list[object] = []
        while (item := self._stack.pop()) is not _MARK:
            items.append(item)
        return items[::-1]

    def skip(self, count: int) -> None:
        """Pass over bytes that do not matter here."""
        self.take(count)

    def push(self, value: object) -> None:
        """Put a value on the stack."""
        self._stack.append(value)

    def push_integer(self, size: int) -> None:
        """Push an integer of ``size`` bytes; only four bytes carry a sign."""
        self._stack.append(int.from_bytes(self.take(size), "little", signed=size == 4))

    def push_tuple(self, length: int) -> None:
        start = len(self._stack) - length
        if start < 0:
            raise PackBroken("its stack is empty")
        self._stack[start:] = [tuple(self._stack[start:])]

    def push_text(self) -> None:
        self._stack.append(self.take(self.take(1)[0]).decode())

    def push_name(self) -> None:
        name, module = self.pop(str), self.pop(str)
        self._stack.append(_Name(module, name))

    def push_record(self) -> None:
        arguments, kind = self.pop(tuple), self.pop(_Name)
        self._stack.append(_Record(kind, arguments))

    def push_remembered(self) -> None:
        self._stack.append(self._memo[self.take(1)[0]])

    def remember(self) -> None:
        self._memo.append(self._stack[-1])

    def append_all(self) -> None:
        items = self.pop_to_mark()
        self.push([*self.pop(list), *items])

    def set_items(self) -> None:
        items = self.pop_to_mark()
        mapping = self.pop(dict)
        for key, value in zip(items[::2], items[1::2], strict=True):
            if not isinstance(key, str):
                raise PackBroken("a key is not text")
            mapping[key] = value
        self._stack.append(mapping)

    def complete(self) -> None:
        state, record = self._stack.pop(), self.pop(_Record)
        record.state = state
        self._stack.append(self._array(state) if record.kind == _WRAPPER else record)

    def _array(self, description: object) -> Floats:
        if not isinstance(description, dict):
            raise PackBroken("an array is not described")
        shape, dtype = description.get("shape"), description.get("dtype")
        if description.get("order") != "C" or not _is_float32(dtype) or not _is_shape(shape):
            raise PackBroken("an array is not a small float32 array in C order")
        self.take(self.take(1)[0])
        values = self.take(4 * math.prod(shape))
        return np.frombuffer(values, dtype="<f4").astype(np.float32).reshape(shape)


def _is_float32(dtype: object) -> bool:
    if not isinstance(dtype, _Record) or dtype.kind != _DTYPE or not isinstance(dtype.state, tuple):
        return False
    return dtype.arguments[:1] == ("f4",) and dtype.state[1:2] == ("<",)


def _is_shape(shape: object) -> TypeGuard[tuple[int, ...]]:
    if not isinstance(shape, tuple) or not 1 <= len(shape) <= 4:
        return False
    return all(isinstance(side, int) and 1 <= side <= MOST_BYTES for side in shape)


_MARK = _Name("", "mark")
_WRAPPER = _Name("joblib.numpy_pickle", "NumpyArrayWrapper")
_DTYPE = _Name("numpy", "dtype")


_INSTRUCTIONS: dict[bytes, Callable[[_Machine], None]] = {
    b"\x80": lambda machine: machine.skip(1),  # PROTO
    b"\x95": lambda machine: machine.skip(8),  # FRAME
    b"]": lambda machine: machine.push([]),
    b"}": lambda machine: machine.push({}),
    b")": lambda machine: machine.push(()),
    b"(": lambda machine: machine.push(_MARK),
    b"N": lambda machine: machine.push(None),
    b"\x88": lambda machine: machine.push(True),
    b"\x89": lambda machine: machine.push(False),
    b"K": lambda machine: machine.push_integer(1),
    b"M": lambda machine: machine.push_integer(2),
    b"J": lambda machine: machine.push_integer(4),
    b"\x85": lambda machine: machine.push_tuple(1),
    b"\x86": lambda machine: machine.push_tuple(2),
    b"\x87": lambda machine: machine.push_tuple(3),
    b"t": lambda machine: machine.push(tuple(machine.pop_to_mark())),
    b"\x8c": _Machine.push_text,
    b"\x93": _Machine.push_name,
    b"\x81": _Machine.push_record,  # NEWOBJ
    b"R": _Machine.push_record,  # REDUCE
    b"h": _Machine.push_remembered,
    b"\x94": _Machine.remember,
    b"e": _Machine.append_all,
    b"u": _Machine.set_items,
    b"b": _Machine.complete,
}
