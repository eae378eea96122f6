"""The only place where rooms are put together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countenance.images import ImageLimits
from countenance.vision import FaceAnalyzer
from countenance.vision.runtime import Runtime

if TYPE_CHECKING:
    from countenance.settings import Settings


def image_limits(settings: Settings) -> ImageLimits:
    """Return how large a picture may be."""
    return ImageLimits(
        max_bytes=settings.image_max_bytes,
        max_pixels=settings.image_max_pixels,
        max_side_px=settings.image_max_side_px,
    )


def build_analyzer(settings: Settings) -> FaceAnalyzer:
    """Load the pack that the settings name."""
    return FaceAnalyzer.load(
        settings.pack,
        runtime=Runtime(provider=settings.provider, threads=settings.threads),
        limits=image_limits(settings),
        precision=settings.precision,
        cache_dir=settings.cache_dir,
    )
