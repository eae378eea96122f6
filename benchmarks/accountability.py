"""What policy and ledger cost: IndexFaces and SearchFaces with them and without, in turns in one run.

    python benchmarks/accountability.py [--rounds 150] [--entries 1000000]

Two stores and two sets of rooms live in this process. In one, nothing is asked and nothing written; in the
other the collection requires consent, of which there is one for each of its subjects, and has two limits of
retention, so that each face that is found is looked at, and every operation is recorded. The operations are
called directly, so that HTTP hides nothing. Also times searches that find 80 people, and the verification of
a ledger of a million entries. Prints what docs/benchmarks.md says.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import tempfile
import time
import uuid
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from countenance.access import machine_operator
from countenance.gallery import Gallery
from countenance.governance import ConsentMethod, Template
from countenance.images import ImageLimits, open_image
from countenance.operations.acts import Act, Register
from countenance.operations.create_collection import create_collection
from countenance.operations.identifiers import Identifiers
from countenance.operations.index_faces import index_faces
from countenance.operations.keep_consents import NewConsent, record_consent
from countenance.operations.look_into_ledger import verify
from countenance.operations.search_faces import search_faces
from countenance.store.ledger_log import append_entries
from countenance.vision import FaceAnalyzer
from galleries import open_store
from servers import numbered, one_face_jpeg
from vision import cpu

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from countenance.gallery import Change
    from countenance.store import SqlStore

COLLECTION = "people"
ENTRIES = 1_000_000


POLICY = {
    "countenance:purpose": "access",
    "countenance:consent": "required",
    "countenance:retention": "P1Y",
    "countenance:last-interaction": "P90D",
}


class UnrecordedAct(Act):
    """An act that nobody is asked about, and of which nothing is written."""

    def subjects(self, reader: object, collection: object, faces: list[object]) -> list[str]:  # noqa: ARG002
        """Return no pseudonyms: they would be for the entry."""
        return [""] * len(faces)

    @contextmanager
    def changing(self, gallery: Gallery) -> Iterator[Change]:
        """Open a change without an entry."""
        with gallery.changing() as change:
            yield change


class Rooms:
    """A store, its gallery, and what an operation is called with."""

    def __init__(self, folder: Path, vision: FaceAnalyzer, *, recorded: bool) -> None:
        folder.mkdir()
        self.store = open_store(folder)
        self.gallery = Gallery(self.store, 10**9)
        self.vision = vision
        self.identifiers = Identifiers(self.store.secret("identifiers"))
        secret = self.store.secret("pseudonyms")
        self._register = Register(self.store, self.store, secret, Template()) if recorded else None
        with self.act() as act:
            create_collection(vision, self.gallery, act, COLLECTION, POLICY)

    @contextmanager
    def act(self) -> Iterator[Act]:
        """Open an act, recorded or not."""
        if self._register is None:
            yield UnrecordedAct(machine_operator(), str(uuid.uuid4()), None)
            return
        with self._register.act(machine_operator(), str(uuid.uuid4())) as act:
            yield act

    def consent(self, subject: str) -> None:
        """Record a consent, where consents are asked for."""
        if self._register is not None:
            with self.act() as act:
                method = ConsentMethod.WRITTEN_RELEASE
                record_consent(act, NewConsent(subject, "access", "1", "May we?", method))

    def index(self, picture: bytes, subject: str) -> str:
        """Enrol a picture's face and return its id."""
        with self.act() as act:
            indexed = index_faces(
                self.vision,
                self.gallery,
                self.identifiers,
                act,
                COLLECTION,
                partial(open_image, picture, ImageLimits()),
                external_image_id=subject,
            )
        return indexed.enrolled[0][0].face_id

    def search(self, face_id: str, most: int) -> object:
        """Search for so many faces like an enrolled one."""
        with self.act() as act:
            return search_faces(
                self.vision, self.gallery, act, COLLECTION, face_id, most=most, least_similarity=80.0
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=150, help="calls of each kind")
    parser.add_argument("--entries", type=int, default=ENTRIES, help="entries that are verified")
    options = parser.parse_args()
    console = Console(width=120)
    console.print(f"{cpu()}, {os.cpu_count()} processors, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory() as name:
        console.print(cost_table(Path(name), options.rounds))
    with tempfile.TemporaryDirectory() as name:
        console.print(verification_line(Path(name), options.entries))


def cost_table(folder: Path, rounds: int) -> Table:
    vision, picture = FaceAnalyzer.load(), one_face_jpeg()
    without = Rooms(folder / "without", vision, recorded=False)
    with_it = Rooms(folder / "with", vision, recorded=True)
    indexed: dict[Rooms, list[float]] = {without: [], with_it: []}
    searched: dict[int, dict[Rooms, list[float]]] = {most: {without: [], with_it: []} for most in (1, 80)}
    for number in range(rounds):
        for rooms in (without, with_it) if number % 2 else (with_it, without):
            rooms.consent(f"person-{number}")
            seconds, face_id = timed(rooms.index, numbered(picture, number), f"person-{number}")
            indexed[rooms].append(seconds)
            if number % 10 == 0:  # the gallery stays small: what is measured is not the search
                for most, times in searched.items():
                    times[rooms] += [timed(rooms.search, face_id, most)[0] for _ in range(10)]
    table = Table("median ms", "without policy and ledger", "with both", "difference")
    rows = [("IndexFaces", indexed), *((f"SearchFaces, {most} found", of) for most, of in searched.items())]
    for name, times in rows:
        plain, recorded = (1e3 * statistics.median(times[rooms]) for rooms in (without, with_it))
        difference = f"{recorded - plain:.2f} ms, {100 * (recorded / plain - 1):.0f} %"
        table.add_row(name, f"{plain:.2f}", f"{recorded:.2f}", difference)
    return table


def verification_line(folder: Path, entries: int) -> str:
    store = open_store(folder)
    fill_ledger(store, entries)
    started = time.perf_counter()
    with store.reading_ledger() as ledger:
        found = verify(ledger, str(store.verifier_key))
    return f"{found.size:,} entries verified in {time.perf_counter() - started:.1f} s"


def fill_ledger(store: SqlStore, entries: int) -> None:
    """Write entries as searches leave them, many in a transaction."""
    for start in range(0, entries, 10_000):
        records: list[dict[str, Any]] = [
            {
                "v": 1,
                "request": str(uuid.UUID(int=number)),
                "key": "CTNC",
                "outcome": "done",
                "operation": "search_faces_by_image",
                "collection": COLLECTION,
                "pictures": ["0" * 32],
                "results": [["0" * 32, "99.93"]],
                "threshold": "80.00",
            }
            for number in range(start, min(start + 10_000, entries))
        ]
        with store.writing() as writer:
            append_entries(writer._connection, writer._signing_key, records)  # noqa: SLF001


def timed(call: Callable[..., Any], *arguments: object) -> tuple[float, Any]:
    started = time.perf_counter()
    answer = call(*arguments)
    return time.perf_counter() - started, answer


if __name__ == "__main__":
    main()
