"""Films made of real photographs: who is in the picture, from when to when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import av
import cv2
import numpy as np

from countenance.images import open_image

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from countenance.faces import Pixels

WIDTH, HEIGHT, RATE = 640, 480, 20


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture, or none, for some seconds; ``step_px`` is how far it moves to the right each second."""

    seconds: float
    photograph: Path | None = None
    step_px: float = 12.0


def frames(scenes: Sequence[Scene]) -> list[Pixels]:
    """Return the pictures of a film, height × width × 3."""
    made = []
    for scene in scenes:
        portrait = _portrait(scene.photograph) if scene.photograph is not None else None
        for number in range(round(scene.seconds * RATE)):
            picture = np.full((HEIGHT, WIDTH, 3), 96, np.uint8)
            if portrait is not None:
                left = 60 + int(number / RATE * scene.step_px) % 200
                picture[40 : 40 + portrait.shape[0], left : left + portrait.shape[1]] = portrait
            made.append(picture)
    return made


def film(path: Path, *scenes: Scene, **options: Any) -> Path:
    """Write a film."""
    with av.open(str(path), "w", **options) as container:
        stream = container.add_stream("libx264", rate=RATE, options={"preset": "ultrafast", "crf": "20"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for picture in frames(scenes):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        container.mux(stream.encode())
    return path


def _portrait(photograph: Path) -> Pixels:
    pixels = open_image(photograph).decode().pixels
    return np.asarray(
        cv2.resize(pixels, (360, round(360 * pixels.shape[0] / pixels.shape[1])))[:400], np.uint8
    )
