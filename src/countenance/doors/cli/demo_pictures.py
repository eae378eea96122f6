"""The demo's photographs, found in two other packages without importing them, and the changes to them."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, ImageEnhance, ImageOps

from countenance.errors import ImageNotReadable

if TYPE_CHECKING:
    from collections.abc import Callable

    from countenance.faces import Box

_CROP_MARGIN = 0.25


@dataclass(frozen=True, slots=True)
class Portrait:
    """A photograph in the public domain, and the package that brings it."""

    person: str
    credit: str
    file_name: str
    package: str
    path_in_package: str

    def find(self) -> Path:
        """Return where the photograph is.

        Raises:
            ImageNotReadable: the package is not installed, or brings no such photograph.
        """
        spec = importlib.util.find_spec(self.package)
        for place in (spec and spec.submodule_search_locations) or []:
            path = Path(place, self.path_in_package)
            if path.is_file():
                return path
        raise ImageNotReadable(
            f"the demo's photograph {self.path_in_package} of the package {self.package} is not here; "
            'install it: pip install "countenance[demo]"'
        )


@dataclass(frozen=True, slots=True)
class Change:
    """Something that happens to photographs; ``make`` is given the picture and the face's box."""

    name: str
    file_ending: str
    make: Callable[[Image.Image, Box], Image.Image]
    jpeg_quality: int | None = None

    def file_name(self, original: Path) -> str:
        """Return the name of the changed photograph's file."""
        return f"{original.stem}-{self.file_ending}"

    def write(self, original: Path, box: Box, folder: Path) -> Path:
        """Write the changed photograph into the folder and return its path."""
        with Image.open(original) as opened:
            changed = self.make(opened.convert("RGB"), box)
        path = folder / self.file_name(original)
        if self.jpeg_quality is None:
            changed.save(path)
        else:
            changed.save(path, quality=self.jpeg_quality)
        return path


PORTRAITS = (
    Portrait("Eileen Collins", "NASA, public domain", "eileen-collins.png", "skimage", "data/astronaut.png"),
    Portrait(
        "Grace Hopper",
        "US Navy, public domain",
        "grace-hopper.jpg",
        "matplotlib",
        "mpl-data/sample_data/grace_hopper.jpg",
    ),
)

CHANGES = (
    Change("cropped", "cropped.png", lambda picture, box: picture.crop(_around(box, picture.size))),
    Change("rotated 15°", "rotated.png", lambda picture, _: picture.rotate(15, Image.Resampling.BICUBIC)),
    Change("JPEG quality 20", "jpeg-20.jpg", lambda picture, _: picture, jpeg_quality=20),
    Change("40 % as bright", "dark.png", lambda picture, _: ImageEnhance.Brightness(picture).enhance(0.4)),
    Change("half the size", "half.png", lambda picture, _: ImageOps.scale(picture, 0.5)),
    Change("mirrored", "mirrored.png", lambda picture, _: ImageOps.mirror(picture)),
)


def _around(box: Box, size: tuple[int, int]) -> tuple[int, int, int, int]:
    margin = _CROP_MARGIN * max(box.width, box.height)
    left, top = max(0, round(box.left - margin)), max(0, round(box.top - margin))
    return left, top, min(size[0], round(box.right + margin)), min(size[1], round(box.bottom + margin))
