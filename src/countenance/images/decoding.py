"""Container → pixels: the only place where Pillow decodes.

The plug-in of the container's format is called by name, not through ``Image.open``: no other plug-in, of
Pillow's or of anybody's, can run, and Pillow's process-wide size guard, which ``ImageLimits`` replaces,
neither warns nor needs to be changed.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from PIL import (
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from countenance.errors import ImageBroken, ImageError, ImageFormatNotSupported, ImageTooLarge
from countenance.images.colour import copy_pixels, to_eight_bits, to_rgb

if TYPE_CHECKING:
    from collections.abc import Callable

    from countenance.faces import Pixels
    from countenance.images.containers import Container

_PLUGINS: dict[str, Callable[[io.BytesIO], ImageFile.ImageFile]] = {
    "BMP": BmpImagePlugin.BmpImageFile,
    "GIF": GifImagePlugin.GifImageFile,
    "JPEG": JpegImagePlugin.JpegImageFile,
    "PNG": PngImagePlugin.PngImageFile,
    "TIFF": TiffImagePlugin.TiffImageFile,
    "WEBP": WebPImagePlugin.WebPImageFile,
}

_MANY_KINDS = frozenset(("BMP", "TIFF"))
"""Formats with so many kinds of pixels that a sound file may be of one that is not read."""

_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

_REDUCTIONS = (8, 4, 2)  # what a JPEG's transform can leave out while decoding


def decode(container: Container, longest_side_px: int | None) -> Pixels:
    """Return the picture's pixels: upright, sRGB, a JPEG reduced as far as ``longest_side_px`` allows.

    Raises:
        ImageBroken: the encoded data is damaged or cut short.
        ImageFormatNotSupported: the format is read but not this kind of pixels.
        ImageTooLarge: the machine has not enough memory for it.
    """
    try:
        # Each step drops the one before: of a large picture, two copies at a time are all there should be.
        image: Image.Image = _load(container, longest_side_px)
        image = to_eight_bits(image, container.white, container.is_negative)
        image = to_rgb(image, container.icc_profile)
        turn = _UPRIGHT.get(container.orientation)
        if turn is not None:
            image = image.transpose(turn)
        return copy_pixels(image)
    except ImageError:
        raise
    except MemoryError as error:
        raise ImageTooLarge(
            f"image is {container.width_px}×{container.height_px} px, too large for this machine's memory; "
            "lower image_max_pixels or send a smaller one"
        ) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ImageTooLarge(
            f"image is {container.width_px}×{container.height_px} px; image_max_pixels allows it, but not "
            f"Pillow's own guard for {container.format} (PIL.Image.MAX_IMAGE_PIXELS); send a smaller one"
        ) from error
    except Exception as error:  # Pillow raises nearly every kind; whatever it is, these bytes are to blame
        raise ImageBroken(f"{container.format} image cannot be decoded: {error!s:.200}") from error


def _load(container: Container, longest_side_px: int | None) -> Image.Image:
    """Let the plug-in decode; its idea of the size must be what the limits were checked with."""
    try:
        image = _PLUGINS[container.format](io.BytesIO(container.encoded))
    except (SyntaxError, OSError, ValueError) as error:
        if container.format not in _MANY_KINDS:
            raise
        raise ImageFormatNotSupported(
            f"{container.format} image is of a kind that is not read ({error!s:.200}); save it as PNG or JPEG"
        ) from error
    if image.size != (container.width_px, container.height_px):
        raise ImageBroken(f"{container.format} image gives two sizes; save it anew")
    if longest_side_px is not None:
        _reduce(image, longest_side_px)
    image.load()
    return image


def _reduce(image: ImageFile.ImageFile, longest_side_px: int) -> None:
    """Ask a JPEG for the strongest reduction that leaves the longer side long enough."""
    longest = max(image.size)
    for reduction in _REDUCTIONS:
        if -(-longest // reduction) >= longest_side_px:
            image.draft(None, (max(1, image.width // reduction), max(1, image.height // reduction)))
            return
