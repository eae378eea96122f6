"""Templates as few bytes: six bits for each number, in a fixed range, so that a credential fits one QR code.

The range is ±3.5/√n for templates of n numbers: the numbers of a unit vector are about 1/√n each, so the same
range fits templates of any length, and no byte has to say which. LFW View 1, one side in bits, false
non-matches at the score that one in a thousand of the full templates' non-mated pairs exceeds
(`benchmarks/credential.py`): full 5.4 %, 8 bits 5.6 %, 6 bits 5.6 %, 5 bits 6.4 %, 4 bits 9.8 %. Six bits are
the fewest that lose next to nothing at a threshold that was chosen for full templates.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from countenance.errors import CredentialBroken

if TYPE_CHECKING:
    import numpy.typing as npt

BITS = 6
RANGE = 3.5
MOST_NUMBERS = 2048

_LEAST_LENGTH, _MOST_LENGTH = 0.99, 1.01


def quantise(vector: npt.NDArray[np.float32], bits: int = BITS) -> bytes:
    """Return a template in ``bits`` bits for each number, packed, the last byte filled with zeros.

    Args:
        vector: the template, of length 1 (L2).
        bits: 1 to 8; other than :data:`BITS` only to measure what it costs.

    Raises:
        CredentialBroken: it is no unit vector of 1 to 2,048 finite numbers.

    Example:
        >>> len(quantise(np.full(128, 128**-0.5, dtype=np.float32)))
        96
    """
    if vector.ndim != 1 or not 1 <= vector.size <= MOST_NUMBERS:
        raise CredentialBroken(f"a template is 1 to {MOST_NUMBERS:,} numbers, not an array {vector.shape}")
    numbers = vector.astype(np.float64)
    if not _LEAST_LENGTH <= float(np.linalg.norm(numbers)) <= _MOST_LENGTH:
        raise CredentialBroken("a template to be put into a credential has length 1; normalise it first")
    levels = 1 << bits
    steps = np.floor((numbers * np.sqrt(vector.size) / RANGE + 1) * levels / 2)
    return _packed(np.clip(steps, 0, levels - 1).astype(np.uint8), bits)


def restore(content: bytes, dimension: int, bits: int = BITS) -> npt.NDArray[np.float32]:
    """Return the template that :func:`quantise` packed, as near as its bits tell, of length 1 (L2).

    Args:
        content: what was packed.
        dimension: how many numbers the pack's templates have.
        bits: as they were given to :func:`quantise`.

    Raises:
        CredentialBroken: it is not as long as a template of that pack, or not packed as they are.

    Example:
        >>> restore(quantise(np.full(4, 0.5, dtype=np.float32)), 4)
        array([0.5, 0.5, 0.5, 0.5], dtype=float32)
    """
    expected = (dimension * bits + 7) // 8
    if not 1 <= dimension <= MOST_NUMBERS or len(content) != expected:
        raise CredentialBroken(
            f"the credential's template has {len(content):,} bytes; {dimension:,} numbers have {expected:,}"
        )
    unpacked = np.unpackbits(np.frombuffer(content, dtype=np.uint8))
    if unpacked[dimension * bits :].any():
        raise CredentialBroken("the credential's template has bits after its end")
    weights = 1 << np.arange(bits - 1, -1, -1)
    steps = unpacked[: dimension * bits].reshape(dimension, bits) @ weights
    # The middle of each step, so that no number is zero and every content can be brought to length 1.
    numbers = (steps + 0.5) * 2 / (1 << bits) - 1
    restored: npt.NDArray[np.float32] = (numbers / np.linalg.norm(numbers)).astype(np.float32)
    return restored


def _packed(steps: npt.NDArray[np.uint8], bits: int) -> bytes:
    return np.packbits(np.unpackbits(steps[:, None], axis=1)[:, 8 - bits :]).tobytes()
