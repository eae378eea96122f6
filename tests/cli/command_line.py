"""Runs commands in the test's own process, on a data folder, as if they had been typed."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from unittest import mock

from contract.grouping import Album
from countenance.doors.cli import main
from countenance.settings import read_settings
from countenance.store import open_ledger
from countenance.wiring import open_office
from new_faces import PACK, face_id, new_face
from new_jobs import waiting_with_a_failure
from new_monitors import stopped_monitor

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from countenance.wiring import Office


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str

    @property
    def record(self) -> dict[str, Any]:
        """The one JSON object that was printed."""
        (record,) = self.records
        return record

    @property
    def records(self) -> list[dict[str, Any]]:
        """The JSON objects that were printed, a line each."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def facts(self) -> dict[str, str]:
        """The names and values that were printed, a line each."""
        pairs = (line.split("  ", 1) for line in self.out.splitlines() if "  " in line.strip())
        return {name: value.strip() for name, value in pairs}


@dataclass(frozen=True, slots=True)
class CommandLine:
    """``countenance …`` on one data folder."""

    data_dir: Path

    def __call__(self, *arguments: object, **variables: str) -> Ended:
        """Run a command and return how it ended."""
        out, err = io.StringIO(), io.StringIO()
        with (
            mock.patch.dict(os.environ, {"COUNTENANCE_DATA_DIR": str(self.data_dir), **variables}),
            mock.patch.object(sys, "stdin", io.StringIO()),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            code = main([str(argument) for argument in arguments])
        return Ended(code, out.getvalue(), err.getvalue())

    def done(self, *arguments: object, **variables: str) -> Ended:
        """Run a command that must succeed."""
        ended = self(*arguments, **variables)
        assert ended.code == 0, (arguments, ended)
        return ended

    def office(self) -> contextlib.AbstractContextManager[Office]:
        """Open the database."""
        return open_office(read_settings(data_dir=self.data_dir))

    def fill(self, collection_id: str, tags: Mapping[str, str], *faces: tuple[int, str]) -> None:
        """Make a collection with numbered faces of people."""
        with self.office() as office, office.gallery.changing() as change:
            collection = change.writer.create_collection(collection_id, PACK, tags)
            change.enrol(collection, [new_face(number, person) for number, person in faces])

    def album(self, collection_id: str, tags: Mapping[str, str]) -> dict[str, str]:
        """Make a collection with three suggested groups of two; returns their ids and two faces'."""
        with self.office() as office:
            with office.gallery.changing() as change:
                collection = change.writer.create_collection(collection_id, PACK, tags)
            album = Album(office, collection)
            album.enrol(*range(31, 38))
            album.suggest([31, 32], [33, 34], [35, 36])
            ids = [group.group_id for group in album.groups()]
        named = dict(zip(("group", "other_group", "third_group"), ids, strict=True))
        return {**named, "face": face_id(31), "free_face": face_id(37)}

    def queued_job(self, collection_id: str | None = None) -> str:
        """Queue a job with two items, one of which failed, and return its id."""
        with self.office() as office:
            return waiting_with_a_failure(office.store, collection_id=collection_id).job_id

    def monitor(self, collection_id: str, source: str) -> str:
        """Make a monitor that is stopped, and return its id."""
        monitor = stopped_monitor(collection_id, source)
        with self.office() as office, office.store.writing() as writer:
            writer.add_monitor(monitor)
        return monitor.monitor_id

    def count_faces(self, collection_id: str) -> int:
        """Return how many faces a collection has."""
        with self.office() as office, office.gallery.reading() as reader:
            return reader.count_faces(reader.collection(collection_id))

    def entries(self, after: int = 0) -> list[dict[str, Any]]:
        """Return the ledger's entries from a place on."""
        with open_ledger(f"sqlite:///{self.data_dir / 'countenance.sqlite'}") as ledger:
            return [json.loads(entry) for place, entry in ledger.entries() if place >= after]


@contextlib.contextmanager
def without_variables() -> Iterator[None]:
    """Hide the settings of whoever runs the tests."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("COUNTENANCE_") or name == "COUNTENANCE_CACHE_DIR"
    }
    with mock.patch.dict(os.environ, kept, clear=True):
        yield
