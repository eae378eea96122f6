"""An office with all that imports work with, and pictures of two people to import."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from PIL import Image

from contract.offices import BOSS, acting, create, office_on, vision
from countenance.access import AccessKey, machine_operator
from countenance.images import ImageLimits
from countenance.images.sources import LocalBuckets, PictureSources
from countenance.jobs.values import Job, JobItem, Runner
from countenance.jobs.worker import Pace, Worker
from countenance.operations.callers import caller_of
from countenance.operations.identifiers import Identifiers
from countenance.operations.imports.handler import import_faces
from countenance.operations.imports.rooms import ImportRooms
from countenance.operations.imports.start_import import start_import
from countenance.operations.imports.values import ImportAsked

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from countenance.gallery.values import EnrolledFace, Vectors
    from countenance.store import SqlStore
    from countenance.wiring import Office

COLLECTION = "archive"


@dataclass(frozen=True, slots=True)
class Desk:
    """Where imports are asked for and done."""

    office: Office
    rooms: ImportRooms
    worker: Worker

    def start(
        self, *sources: object, by: AccessKey | None = None, runner: Runner = Runner.TERMINAL, **how: Any
    ) -> Job:
        """Ask for an import into the collection."""
        with acting(self.office, by or machine_operator()) as act:
            asked = ImportAsked(tuple(map(str, sources)), **how)
            return start_import(self.rooms, act, COLLECTION, asked, runner).job

    def done(self, *sources: object, **how: Any) -> Job:
        """Import, and return the job as it is then."""
        return self.worker.do_one(self.start(*sources, **how).job_id)

    def go_on(self, job: Job) -> Job:
        """Go on with a job, whenever it may be gone on with."""
        return self.worker.do_one(job.job_id)

    def left(self, job: Job) -> list[JobItem]:
        """Return the items that are not done."""
        with self.office.store.reading() as reader:
            return reader.job_items(job, after_place=0, most=1000)

    def faces(self, collection_id: str = COLLECTION) -> list[EnrolledFace]:
        """Return the faces of a collection, in the order of their enrolment."""
        with self.office.gallery.reading() as reader:
            return reader.faces(reader.collection(collection_id), after_key=0, most=1000)

    def templates(self, collection_id: str = COLLECTION) -> Vectors:
        """Return their templates, in the same order."""
        with self.office.gallery.reading() as reader:
            keys = [face.key for face in self.faces(collection_id)]
            return reader.templates(reader.collection(collection_id), keys).vectors

    def records(self) -> dict[str, list[dict[str, Any]]]:
        """Return what pictures came with, by image id."""
        with self.office.store.reading() as reader:
            collection = reader.collection(COLLECTION)
            found = reader.picture_records(collection, after_key=0, most=1000)
        made: dict[str, list[dict[str, Any]]] = {}
        for each in found:
            made.setdefault(each.image_id, []).append(each.record.as_json())
        return made


def desk_on(store: SqlStore, buckets: Mapping[str, Path] | None = None, **policy: str) -> Desk:
    """Put a desk together on a database, and create the collection with a policy of these lines."""
    office = office_on(store)
    rooms = ImportRooms(
        vision=vision(),
        gallery=office.gallery,
        register=office.register,
        pictures=PictureSources(LocalBuckets(buckets or {}), None),
        identifiers=Identifiers(store.secret("identifiers")),
        limits=ImageLimits(),
    )
    worker = Worker(
        store,
        {"import_faces": partial(import_faces, rooms)},
        partial(caller_of, store),
        pace=Pace(lease=5.0, renewal=1.0, poll=0.05),
    )
    create(office, COLLECTION, **policy)
    return Desk(office, rooms, worker)


@dataclass(frozen=True, slots=True)
class People:
    """Makes pictures of two people, each picture with bytes of its own."""

    collins: Image.Image
    hopper: Image.Image

    @classmethod
    def of(cls, astronaut: Path, grace_hopper: Path) -> People:
        """Cut out head and shoulders, small enough to be looked at in no time."""
        with Image.open(astronaut) as first, Image.open(grace_hopper) as second:
            return cls(first.convert("RGB").crop((90, 0, 370, 300)), second.convert("RGB").resize((300, 351)))

    def picture(self, number: int) -> bytes:
        """Return a numbered picture: of Collins where it is even, else of Hopper."""
        return jpeg(self.hopper if number % 2 else self.collins, 60 + number % 35, number)

    def both(self) -> bytes:
        """Return a picture of both; Collins is larger."""
        sheet = Image.new("RGB", (700, 400), "gray")
        sheet.paste(self.collins.resize((360, 386)), (0, 0))
        sheet.paste(self.hopper.resize((240, 281)), (420, 60))
        return jpeg(sheet)

    def write(self, folder: Path, count: int) -> Path:
        """Write numbered pictures into a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(count):
            (folder / f"{number:03}.jpg").write_bytes(self.picture(number))
        return folder


def jpeg(picture: Image.Image, quality: int = 90, number: int = 0) -> bytes:
    """Return a picture as JPEG; the number makes its bytes its own."""
    into = io.BytesIO()
    picture.save(into, "JPEG", quality=quality, comment=f"{number}".encode())
    return into.getvalue()


__all__ = ["BOSS", "COLLECTION", "Desk", "People", "desk_on", "jpeg"]
