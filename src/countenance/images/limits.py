"""How large a picture may be; every check happens before memory for its pixels is asked for."""

from __future__ import annotations

from dataclasses import dataclass

from countenance.errors import ImageFormatNotSupported, ImageTooLarge, ImageTooSmall


@dataclass(frozen=True, slots=True)
class ImageLimits:
    """The pictures that are read: their encoded bytes, pixels, longer and shorter side, and formats.

    Decoding takes 7 to 10 bytes a pixel, of a WebP 16: at the default of 80 megapixels that is up to 0.8 GB,
    of a WebP 1.3 GB, for a moment.
    """

    max_bytes: int = 52_428_800
    max_pixels: int = 80_000_000
    max_side_px: int = 30_000
    min_side_px: int = 1
    formats: frozenset[str] | None = None
    """Names as `Photograph.format` has them; None for all that are read."""

    def check_bytes(self, count: int) -> None:
        """Refuse more encoded bytes than the limit.

        Raises:
            ImageTooLarge: there are more than ``max_bytes``.
        """
        if count > self.max_bytes:
            raise ImageTooLarge(
                f"image is {count:,} bytes; the limit is {self.max_bytes:,} bytes (image_max_bytes); "
                "send a smaller or more compressed one"
            )

    def check_format(self, name: str) -> None:
        """Refuse a format that is not among ``formats``.

        Raises:
            ImageFormatNotSupported: it is none of them.
        """
        if self.formats is not None and name not in self.formats:
            wanted = " or ".join(sorted(self.formats))
            raise ImageFormatNotSupported(f"image is {name}; send {wanted}")

    def check_size(self, width_px: int, height_px: int) -> None:
        """Refuse a size that a header claims and the limits do not allow.

        Raises:
            ImageTooLarge: a side or the number of pixels is over its limit.
            ImageTooSmall: a side is under its limit.
        """
        if min(width_px, height_px) < self.min_side_px:
            raise ImageTooSmall(
                f"image is {width_px}×{height_px} px; both sides must have at least {self.min_side_px} px"
            )
        if max(width_px, height_px) > self.max_side_px:
            raise ImageTooLarge(
                f"image is {width_px}×{height_px} px; the limit is {self.max_side_px} px a side "
                "(image_max_side_px); send a smaller one"
            )
        if width_px * height_px > self.max_pixels:
            raise ImageTooLarge(
                f"image is {width_px}×{height_px} px; the limit is {self.max_pixels / 1e6:g} megapixels "
                "(image_max_pixels); send a smaller one"
            )
