"""The primitives of dlib's serialisation: integers, floats, strings, tensors and matrices.

Nothing is allocated on the word of the stream: a length is only believed where that many bytes are there.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from countenance.errors import PackBroken

Floats = npt.NDArray[np.float32]

# dlib writes infinities and NaN with exponents of 32000 and more.
_GREATEST_EXPONENT = 1000
_GREATEST_FLOAT32 = float(np.finfo(np.float32).max)


class DlibStream:
    """Reads dlib's primitives from bytes, one after another."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._position = 0

    @property
    def position(self) -> int:
        """How many bytes have been read."""
        return self._position

    @property
    def left(self) -> int:
        """How many bytes are left."""
        return len(self._data) - self._position

    def take(self, count: int) -> bytes:
        """Read ``count`` bytes."""
        if not 0 <= count <= self.left:
            raise PackBroken(f"it ends early: {count} bytes are announced at byte {self._position}")
        start, self._position = self._position, self._position + count
        return self._data[start : self._position]

    def finish(self) -> None:
        """Check that nothing is left."""
        if self.left:
            raise PackBroken(f"{self.left} bytes stand behind its end, at byte {self._position}")

    def integer(self) -> int:
        """Read an integer: a byte with its sign and length, then its magnitude, the lowest byte first."""
        start = self._position
        if start >= len(self._data):
            raise PackBroken(f"it ends early, at byte {start}")
        control = self._data[start]
        size = control & 0x0F
        end = start + 1 + size
        if size > 8 or end > len(self._data):
            raise PackBroken(f"an integer of {size} bytes is announced at byte {start}")
        self._position = end
        magnitude = int.from_bytes(self._data[start + 1 : end], "little")
        return -magnitude if control & 0x80 else magnitude

    def count(self, least_bytes_each: int = 1) -> int:
        """Read how many items follow, each of at least ``least_bytes_each`` bytes."""
        count = abs(self.integer())
        if count * least_bytes_each > self.left:
            raise PackBroken(
                f"{count} items are announced at byte {self._position}, more than there are bytes"
            )
        return count

    def expect(self, *allowed: int) -> int:
        """Read an integer that must be one of ``allowed``."""
        value = self.integer()
        if value not in allowed:
            raise PackBroken(f"{value} stands before byte {self._position} where {allowed} may stand")
        return value

    def real(self) -> float:
        """Read a finite float: an integer mantissa and a power of two."""
        mantissa, exponent = self.integer(), self.integer()
        value = math.ldexp(mantissa, exponent) if abs(exponent) <= _GREATEST_EXPONENT else math.inf
        if abs(value) > _GREATEST_FLOAT32:
            raise PackBroken(f"a number before byte {self._position} is not finite or no float32")
        return value

    def text(self) -> str:
        """Read a string."""
        return self.take(self.count()).decode("ascii", "replace")

    def tensor(self) -> Floats:
        """Read a tensor: samples × channels × rows × columns of float32."""
        self.expect(2)
        shape = tuple(self.integer() for _ in range(4))
        if min(shape) < 0:
            raise PackBroken(f"a tensor has a negative size before byte {self._position}")
        values = np.frombuffer(self.take(4 * math.prod(shape)), dtype="<f4").astype(np.float32)
        if not np.isfinite(values).all():
            raise PackBroken(f"a tensor before byte {self._position} has values that are not finite")
        return values.reshape(shape)

    def matrix(self) -> Floats:
        """Read a matrix of float32."""
        rows, columns = abs(self.integer()), abs(self.integer())
        if 4 * rows * columns > self.left:  # the shortest float takes four bytes
            raise PackBroken(f"a matrix is announced at byte {self._position} that is longer than the file")
        values = [self.real() for _ in range(rows * columns)]
        return np.array(values, dtype=np.float32).reshape(rows, columns)
