"""What operations on monitors work with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from countenance.notices import Channels
    from countenance.operations.monitors.ports import MonitorStore


@dataclass(frozen=True, slots=True)
class MonitorRooms:
    """The records of monitors, and what a server lets them do.

    Attributes:
        store: where they are kept.
        channels: who can be told.
        sources: patterns of what may be watched; with none nothing may.
        most: how many may run at a time.
    """

    store: MonitorStore
    channels: Channels
    sources: tuple[str, ...]
    most: int
