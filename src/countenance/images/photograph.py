"""An encoded picture whose header has been read and whose size is within the limits."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from countenance.images.containers import Container, read_container
from countenance.images.decoding import decode
from countenance.images.limits import ImageLimits
from countenance.images.picture import Picture
from countenance.images.source import Source, read_source

_DEFAULT_LIMITS = ImageLimits()
_TURNED_TO_ITS_SIDE = frozenset((5, 6, 7, 8))


def open_image(source: Source, limits: ImageLimits = _DEFAULT_LIMITS) -> Photograph:
    """Read a picture's header and check it against the limits; nothing is decoded yet.

    Args:
        source: the encoded bytes, or the path of a local file.
        limits: the largest picture to accept.

    Raises:
        ImageNotReadable: the file does not exist or may not be read.
        ImageTooLarge: it has more bytes, pixels or a longer side than allowed.
        ImageTooSmall: a side is shorter than the limits ask.
        ImageFormatNotSupported: it is of a format, or a kind of it, that is not read or not wanted.
        ImageBroken: its header is damaged or cut short.
    """
    encoded = read_source(source, limits)
    container = read_container(encoded)
    limits.check_format(container.format)
    limits.check_size(container.width_px, container.height_px)
    return Photograph(encoded, container)


@dataclass(frozen=True, slots=True, eq=False)
class Photograph:
    """An encoded picture within the limits; ``open_image`` makes them."""

    _encoded: bytes
    _container: Container

    @property
    def width_px(self) -> int:
        """The width of the upright picture."""
        return self._container.height_px if self._is_turned else self._container.width_px

    @property
    def height_px(self) -> int:
        """The height of the upright picture."""
        return self._container.width_px if self._is_turned else self._container.height_px

    @property
    def format(self) -> str:
        """BMP, GIF, JPEG, PNG, TIFF or WEBP."""
        return self._container.format

    @property
    def sha256(self) -> bytes:
        """The SHA-256 of the encoded picture, 32 bytes."""
        return hashlib.sha256(self._encoded).digest()

    def decode(self, longest_side_px: int | None = None) -> Picture:
        """Return the pixels, upright and sRGB; every call decodes anew, and several threads may call.

        Args:
            longest_side_px: what the longer side must keep at least. A JPEG is then decoded at 1/2, 1/4 or
                1/8 where that suffices, in a fraction of the time; other formats are always decoded in full.

        Raises:
            ImageBroken: the encoded data is damaged or cut short.
            ImageFormatNotSupported: the format is read but not this kind of pixels.
            ImageTooLarge: the machine has not enough memory for it.
        """
        return Picture(decode(self._container, longest_side_px), self.width_px, self.height_px)

    @property
    def _is_turned(self) -> bool:
        return self._container.orientation in _TURNED_TO_ITS_SIDE
