"""What every reader returns, and the small checks that readers share."""

from __future__ import annotations

from dataclasses import dataclass

from countenance.errors import ImageBroken

MAX_PROFILE_BYTES = 4 * 1024 * 1024
"""Larger colour profiles are ignored; press profiles, the largest in use, take 0.5 to 3 MB."""


@dataclass(frozen=True, slots=True, eq=False)
class Container:
    """An encoded picture without its metadata, and what of the metadata matters.

    ``width_px`` and ``height_px`` are as stored, before ``orientation`` (EXIF, 1–8) is applied. ``encoded``
    is a complete file that holds nothing but what the decoder needs. Of greys deeper than eight bits,
    ``white`` is the value of white if the file says how many bits there are, and ``is_negative`` tells that
    zero stands for white.
    """

    format: str
    width_px: int
    height_px: int
    encoded: bytes
    orientation: int = 1
    icc_profile: bytes | None = None
    white: int | None = None
    is_negative: bool = False

    def __post_init__(self) -> None:
        if self.width_px < 1 or self.height_px < 1:
            raise ImageBroken(f"{self.format} image claims a size of {self.width_px}×{self.height_px} px")


def cut_short(name: str) -> ImageBroken:
    """Return the error for a file that ends before its picture does."""
    return ImageBroken(f"{name} image is cut short; send the whole file")


def overloaded(name: str, limit: int, things: str) -> ImageBroken:
    """Return the error for a file with so many parts that reading them would be an attack's purpose."""
    return ImageBroken(f"{name} image has more than {limit:,} {things}; the limit is {limit:,}: save it anew")
