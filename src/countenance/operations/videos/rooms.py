"""What video jobs work with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from countenance.gallery import Gallery
    from countenance.images.sources import VideoSources
    from countenance.notices import Channels
    from countenance.operations.acts import Register
    from countenance.operations.videos.ports import VideoStore
    from countenance.vision import FaceAnalyzer


@dataclass(frozen=True, slots=True)
class VideoRooms:
    """The rooms that operations on videos put to work; ``store`` is the gallery's own database."""

    vision: FaceAnalyzer
    gallery: Gallery
    store: VideoStore
    register: Register
    sources: VideoSources
    channels: Channels
