"""The work of ``countenance watch``.

1. Read the settings and what to watch, and take signals: the first one ends watching.
2. Open the store, beside a server or without one, load the models and put the rooms together.
3. Follow what other processes change, and watch.
"""

from __future__ import annotations

import sys
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from countenance.access import machine_operator
from countenance.doors.cli.composition import loading
from countenance.doors.cli.outcomes import WrongUsage, tell
from countenance.doors.cli.records import json_line
from countenance.doors.cli.stopping import when_stopped
from countenance.doors.cli.work import warn_in_lines
from countenance.operations.monitors.delivery import Delivery
from countenance.operations.monitors.feed import Feed
from countenance.operations.watch import Watched, Watchers, WatchRooms, watch
from countenance.operations.watch_events import event_record
from countenance.settings import read_settings
from countenance.video.live_sources import LiveSource, SourceKind, require_file
from countenance.wiring import furnish, open_office

if TYPE_CHECKING:
    from pathlib import Path

    from countenance.operations.watch_events import WatchEvent

FROM_STDIN = "-"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be watched, as the user gives it."""

    source: str
    collection_id: str
    least_similarity: float
    fast: bool
    webhook: str | None


def watch_source(file: Path | None, given: dict[str, Any], wanted: Wanted) -> None:
    """Watch until stopped, or until a file ends; prints events.

    Raises:
        CountenanceError: it is not permitted or cannot be read, or a setting, the database or the models
            cannot be used.
    """
    # 1
    warn_in_lines()
    settings = read_settings(file, **given)
    source = LiveSource.parse(address_of(wanted.source))
    if source.kind is SourceKind.FILE:
        require_file(source)
    elif wanted.fast:
        raise WrongUsage("only a file can be looked at as fast as possible; leave out --fast")
    stopping = when_stopped()
    # 2
    with open_office(settings) as office:
        with loading(settings):
            rooms = furnish(settings, office)
        delivery = None
        if wanted.webhook is not None:
            channels = rooms.monitors.rooms.channels
            channels.require(wanted.webhook)
            delivery = Delivery(channels, wanted.webhook, None)
        watched = Watched(
            source, wanted.collection_id, wanted.least_similarity, settings.image_max_pixels, fast=wanted.fast
        )
        watchers = Watchers(_Printer(delivery).tell, lambda _: None, stopping)
        # 3
        watch_rooms = WatchRooms(rooms.vision, office.gallery, office.register, machine_operator)
        with rooms.upkeep.following(), delivery.going_on() if delivery is not None else nullcontext():
            reason = watch(watch_rooms, watched, watchers)
    tell(f"{source.shown}: {reason}")


class _Printer:
    def __init__(self, delivery: Delivery | None) -> None:
        self._delivery = delivery
        self._feed = Feed()

    def tell(self, event: WatchEvent) -> None:
        print(json_line(event_record(event)), flush=True)
        if self._delivery is not None:
            self._delivery.add(self._feed.add(event))


def address_of(source: str) -> str:
    """Return what was given, or the line that comes in: an argument is seen by everybody on the machine."""
    if source != FROM_STDIN:
        return source
    line = sys.stdin.readline().strip()
    if not line:
        raise WrongUsage("no source came in on the standard input")
    return line
