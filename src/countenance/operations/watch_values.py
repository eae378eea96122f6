"""What watching works with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

    from countenance.access import AccessKey
    from countenance.gallery import Gallery
    from countenance.operations.acts import Register
    from countenance.operations.watch_events import WatchEvent
    from countenance.video.live_sources import LiveSource
    from countenance.video.live_values import Looked
    from countenance.vision import FaceAnalyzer


@dataclass(frozen=True, slots=True)
class Watched:
    """What is to be watched.

    Attributes:
        source: the camera or file.
        collection_id: whom faces are compared with.
        least_similarity: from which similarity on somebody counts as recognised, 0–100.
        max_pixels: the largest picture.
        fast: whether a file is looked at as fast as possible, instead of as if it were taken just now.
        monitor_id: the monitor that watches, if it is one.
    """

    source: LiveSource
    collection_id: str
    least_similarity: float
    max_pixels: int
    fast: bool = False
    monitor_id: str | None = None


@dataclass(frozen=True, slots=True)
class Watchers:
    """Who gets what: events, and pictures with the faces in them, which nobody may keep.

    ``stopping`` ends watching from outside.
    """

    tell: Callable[[WatchEvent], None]
    show: Callable[[Looked], None]
    stopping: threading.Event


@dataclass(frozen=True, slots=True)
class WatchRooms:
    """What watching needs of the house; ``caller`` finds who asks, as their key is now, or NotPermitted."""

    vision: FaceAnalyzer
    gallery: Gallery
    register: Register
    caller: Callable[[], AccessKey]
