"""What imports work with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from countenance.gallery import Gallery
    from countenance.images import ImageLimits
    from countenance.images.sources import PictureSources
    from countenance.operations.acts import Register
    from countenance.operations.identifiers import Identifiers
    from countenance.vision import FaceAnalyzer


@dataclass(frozen=True, slots=True)
class ImportRooms:
    """The rooms that imports put to work."""

    vision: FaceAnalyzer
    gallery: Gallery
    register: Register
    pictures: PictureSources
    identifiers: Identifiers
    limits: ImageLimits
