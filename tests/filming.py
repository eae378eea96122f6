"""Videos made of pictures, for tests: any times, sizes and codecs."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import av
import cv2
import numpy as np

from countenance.images import open_image

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from countenance.faces import Pixels

WIDTH_PX, HEIGHT_PX = 640, 360
_MILLISECOND, _FRAME = Fraction(1, 1000), Fraction(1, 25)


@dataclass(frozen=True, slots=True)
class Cutout:
    """Somebody's picture, so tall, with its left edge there at the beginning, moving so far a second."""

    picture: Path
    left_px: float
    tall_px: int = 300
    right_px_per_second: float = 0.0
    top_px: int = 30


def scene(
    seconds: float, *cutouts: Cutout, rate: int = 25, grey: int = 96, start_ms: int = 0
) -> list[tuple[int, Pixels]]:
    """Return the frames of a scene, each with its time in milliseconds; the last named stands in front."""
    portraits = [_portrait(each) for each in cutouts]
    frames = []
    for number in range(round(seconds * rate)):
        pixels = np.full((HEIGHT_PX, WIDTH_PX, 3), grey, np.uint8)
        for cutout, portrait in zip(cutouts, portraits, strict=True):
            _paste(
                pixels,
                portrait,
                round(cutout.left_px + cutout.right_px_per_second * number / rate),
                cutout.top_px,
            )
        frames.append((start_ms + round(1000 * number / rate), pixels))
    return frames


def one_after_another(*scenes: Sequence[tuple[int, Pixels]], rate: int = 25) -> list[tuple[int, Pixels]]:
    """Return scenes joined by hard cuts."""
    joined: list[tuple[int, Pixels]] = []
    for frames in scenes:
        start_ms = joined[-1][0] + round(1000 / rate) if joined else 0
        joined += [(start_ms + timestamp_ms, pixels) for timestamp_ms, pixels in frames]
    return joined


def write_film(
    path: Path,
    frames: Iterable[tuple[int, Pixels]],
    *,
    codec: str = "libx264",
    rotation_degrees: int = 0,
    from_ms: int = 0,
) -> Path:
    """Write frames at their times, the first of them at ``from_ms``."""
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream(codec, rate=25)
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        stream.codec_context.gop_size = 10
        if codec == "libx264":  # other codecs have only times that their rate can express
            stream.codec_context.time_base = _MILLISECOND
            stream.options = {"preset": "ultrafast", "crf": "20"}
        if rotation_degrees:
            stream.set_display_rotation(rotation_degrees)
        for number, (timestamp_ms, pixels) in enumerate(frames):
            if number == 0:
                stream.width, stream.height = pixels.shape[1], pixels.shape[0]
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), "rgb24")
            frame.time_base = _MILLISECOND if codec == "libx264" else _FRAME
            frame.pts = round((from_ms + timestamp_ms) * _MILLISECOND / frame.time_base)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def _portrait(cutout: Cutout) -> Pixels:
    pixels = open_image(cutout.picture).decode().pixels
    width = round(pixels.shape[1] * cutout.tall_px / pixels.shape[0])
    return np.asarray(cv2.resize(pixels, (width, cutout.tall_px), interpolation=cv2.INTER_AREA), np.uint8)


def _paste(pixels: Pixels, portrait: Pixels, left: int, top: int) -> None:
    begin, end = max(0, left), min(pixels.shape[1], left + portrait.shape[1])
    bottom = min(pixels.shape[0], top + portrait.shape[0])
    if begin < end and top < bottom:
        pixels[top:bottom, begin:end] = portrait[: bottom - top, begin - left : end - left]
