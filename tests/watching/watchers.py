"""Watches films, to their end or until something ends that, and notes what is told."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from contract.offices import (
    CLERK,
    create,
    enrol,
    entries,
    vision,
)
from countenance.access import AccessKey
from countenance.operations.watch import Watched, Watchers, WatchRooms, watch
from countenance.operations.watch_events import (
    WatchEvent,
)
from countenance.video.live_sources import LiveSource
from new_faces import new_face

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from countenance.faces import Vector
    from countenance.wiring import Office


@dataclass
class Heard:
    """What was told while something was watched."""

    events: list[WatchEvent] = field(default_factory=list)
    pictures: int = 0
    stopping: threading.Event = field(default_factory=threading.Event)

    @property
    def names(self) -> list[str]:
        return [event.name for event in self.events]

    def wait(self, name: str, seconds: float = 60.0) -> None:
        deadline = time.monotonic() + seconds
        while name not in self.names:
            assert time.monotonic() < deadline, self.names
            time.sleep(0.02)


def watched(
    office: Office,
    source: Path,
    heard: Heard,
    caller: Callable[[], AccessKey] = lambda: CLERK,
    *,
    fast: bool = True,
    least_similarity: float = 99.0,
) -> str:
    """Watch a film, to its end if nothing stops that."""

    def show(_: object) -> None:
        heard.pictures += 1

    rooms = WatchRooms(vision(), office.gallery, office.register, caller)
    asked = Watched(LiveSource.parse(str(source)), "staff", least_similarity, 10**6, fast=fast)
    return watch(rooms, asked, Watchers(heard.events.append, show, heard.stopping))


@contextmanager
def watching(
    office: Office, source: Path, caller: Callable[[], AccessKey] = lambda: CLERK
) -> Iterator[tuple[Heard, list[BaseException]]]:
    """Watch a film in real time, in a thread, until the block ends; it begins when nobody is searched for."""
    heard, ended_by = Heard(), list[BaseException]()

    def go() -> None:
        try:
            watched(office, source, heard, caller, fast=False)
        except BaseException as error:
            ended_by.append(error)

    thread = threading.Thread(target=go)
    thread.start()
    try:
        heard.wait("recognised")
        while len(entries(office, operation="search_live")) < 2:
            time.sleep(0.05)
        yield heard, ended_by
    finally:
        heard.stopping.set()
        thread.join(10)


def enrol_collins(office: Office, vector: Vector, **policy: str) -> None:
    """Make a collection in which Eileen Collins is enrolled, and Bob."""
    collection = create(office, "staff", **policy)
    enrol(office, collection, replace(new_face(1, "eileen"), vector=vector), new_face(2, "bob"))
