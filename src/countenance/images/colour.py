"""Any kind of pixels → 8-bit sRGB: transparency, deep greys, press inks, colour profiles."""

from __future__ import annotations

import io
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageChops, ImageCms

if TYPE_CHECKING:
    from countenance.faces import Pixels

_DEEP_GREYS = frozenset(("I", "I;16", "I;16B", "I;16L", "I;16N", "F"))
_CUSTOMARY_WHITES = (1, 255, 65_535)
_PROFILE_SPACES = {"RGB ": "RGB", "GRAY": "L", "CMYK": "CMYK"}
_SAME_COLOUR = 2
"""Two renderings of sRGB's own profile differ by at most this much, of 255."""

_STRIP_PIXELS = 262_144
"""Worked on at a time in large pictures: a strip stays in the processor's cache, which halves the time of a
12-megapixel copy (9 ms instead of 20), and large pictures need no second array."""

_SMALL_PICTURE_PIXELS = 1_048_576
"""Up to here one copy is faster than strips: 0.1 ms at 640×480."""


def to_rgb(image: Image.Image, icc_profile: bytes | None) -> Image.Image:
    """Return the picture as sRGB without transparency.

    What is transparent becomes white, as on the page that a cut-out portrait is made for. The colour stored
    under full transparency is whatever the encoder left there, often black, and would be edges and darkness
    that no viewer ever sees.
    """
    if not image.has_transparency_data:
        return _to_srgb(image, icc_profile)
    with_alpha = image if image.mode == "RGBA" else image.convert("RGBA")
    uncovered = ImageChops.invert(with_alpha.getchannel("A"))
    rgb = _to_srgb(image.getchannel("L") if image.mode == "LA" else with_alpha.convert("RGB"), icc_profile)
    rgb.paste((255, 255, 255), mask=uncovered)
    return rgb


def _to_srgb(image: Image.Image, icc_profile: bytes | None) -> Image.Image:
    """Convert to RGB, through the colour profile where it is sensible and makes a difference."""
    if image.mode not in _PROFILE_SPACES.values():
        image = image.convert("RGB")
    transform = _transform_to_srgb(icc_profile, image.mode) if icc_profile else None
    if transform is not None:
        return transform.apply(image)
    return image if image.mode == "RGB" else image.convert("RGB")


@lru_cache(maxsize=8)
def _transform_to_srgb(icc_profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """Return what brings a profile's pixels to sRGB; None if it is broken, of other pixels, or sRGB itself.

    Building one takes about 1 ms, and all pictures of a camera share a profile, so the last few are kept.
    A transform may be used by several threads at a time.
    """
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(icc_profile))
        if _PROFILE_SPACES.get(profile.profile.xcolor_space) != mode:
            return None
        srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
        transform = ImageCms.ImageCmsTransform(profile, srgb, mode, "RGB")
        return None if mode == "RGB" and _changes_nothing(transform) else transform
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None


def _changes_nothing(transform: ImageCms.ImageCmsTransform) -> bool:
    """Return whether a transform leaves colours all over the RGB cube as they are."""
    steps = np.linspace(0, 255, 9).astype(np.uint8)
    cube = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(27, 27, 3)
    changed = np.asarray(transform.apply(Image.fromarray(cube)))
    return bool(np.abs(changed.astype(int) - cube).max() <= _SAME_COLOUR)


def to_eight_bits(image: Image.Image, white: int | None, is_negative: bool) -> Image.Image:
    """Return a grey picture of more than eight bits, or of fractions, scaled to eight; others as they are.

    Where ``white`` is not known, it is the smallest customary one, 1 (fractions only), 255 or 65,535, that
    the brightest pixel does not exceed, or else that pixel.
    """
    if image.mode not in _DEEP_GREYS:
        return image
    deep = np.asarray(image)
    scale = 255 / (white if white is not None else _guessed_white(deep, fractions=image.mode == "F"))
    grey = np.empty(deep.shape, np.uint8)
    rows = _rows_a_strip(image)
    for top in range(0, len(deep), rows):
        strip = np.nan_to_num(deep[top : top + rows].astype(np.float64) * scale, posinf=255, neginf=0)
        grey[top : top + rows] = np.clip(strip + 0.5, 0, 255)
    scaled = Image.fromarray(255 - grey if is_negative else grey)
    clear = image.info.get("transparency")
    if isinstance(clear, int):
        scaled.putalpha(Image.fromarray(np.where(deep == clear, 0, 255).astype(np.uint8)))
    return scaled


def _guessed_white(deep: np.ndarray, fractions: bool) -> float:
    """Return the value that stands for white in a picture that does not say."""
    brightest = float(np.max(deep, where=np.isfinite(deep), initial=0))
    whites = _CUSTOMARY_WHITES if fractions else _CUSTOMARY_WHITES[1:]
    return next((white for white in whites if brightest <= white), brightest)


def copy_pixels(image: Image.Image) -> Pixels:
    """Return an RGB image's pixels as a read-only array of our own."""
    width, height = image.size
    if width * height <= _SMALL_PICTURE_PIXELS:
        return np.asarray(image)
    rows = _rows_a_strip(image)
    pixels = np.empty((height, width, 3), np.uint8)
    for top in range(0, height, rows):
        bottom = min(top + rows, height)
        pixels[top:bottom] = np.asarray(image.crop((0, top, width, bottom)))
    pixels.flags.writeable = False
    return pixels


def _rows_a_strip(image: Image.Image) -> int:
    """Return how many rows to work on at a time."""
    return max(1, _STRIP_PIXELS // image.width)
