"""A bulk import beside the bare analyzer on the same pictures, and an import that is killed again and again.

    COUNTENANCE_SHARED=… python benchmarks/importing.py [--limit 500] [--rounds 3] [--pack NAME]
    COUNTENANCE_SHARED=… python benchmarks/importing.py --kill 5 [--limit 500]

The pictures are those of LFW View 1. The bare analyzer finds faces and makes templates (`faces_of_many`) and
keeps nothing; the import does that and stores all of it, encrypted, with its entries in the ledger. Both are
measured in processes of their own, in turns, so that a slow moment of the machine falls on both, and without
the time in which the models are loaded; the import's includes listing the pictures.

With ``--kill`` the command is killed (SIGKILL) at random moments and given again each time. What is in the
database then is compared with what an undisturbed import of the same database would have made: faces, their
ids, boxes and templates.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from countenance.access import machine_operator
from countenance.jobs.values import Runner
from countenance.operations.create_collection import create_collection
from countenance.operations.imports.start_import import start_import
from countenance.operations.imports.values import ImportAsked
from countenance.settings import read_settings
from countenance.wiring import build_analyzer, furnish, open_office, worker_of_command
from lfw import picture_path, pictures_of, read_pairs
from vision import cpu

if TYPE_CHECKING:
    from countenance.gallery.values import EnrolledFace, Vectors
    from countenance.jobs.values import Job
    from countenance.wiring import Office

COLLECTION = "lfw"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--limit", type=int, help="only so many pictures")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--pack", help="the pack of models")
    parser.add_argument("--kill", type=int, metavar="TIMES", help="kill an import so often, and compare")
    parser.add_argument("--seed", type=int, default=6)
    parser.add_argument("--measure", choices=("bare", "import"), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.pack is not None:
        os.environ["COUNTENANCE_PACK"] = options.pack
    if options.measure is not None:
        print(json.dumps((bare if options.measure == "bare" else imported)(options.folder)))
        return
    print(f"{cpu()}, {os.cpu_count()} processors, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory() as scratch:
        folder = linked(Path(scratch) / "pictures", options.limit)
        if options.kill is None:
            compare(folder, options.rounds)
        else:
            kill(folder, Path(scratch), options.kill, options.seed)


def linked(folder: Path, limit: int | None) -> Path:
    """Put the pictures of LFW View 1 into a folder, under names of their own; no copies where that works."""
    names = pictures_of([*read_pairs("devtrain"), *read_pairs("devtest")])[:limit]
    for name in names:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            target.hardlink_to(picture_path(name))
        except OSError:
            shutil.copyfile(picture_path(name), target)
    print(f"{len(names):,} pictures of LFW View 1")
    return folder


def compare(folder: Path, rounds: int) -> None:
    """Measure both in turns, and print the medians and their ratio."""
    speeds: dict[str, list[float]] = {"bare": [], "import": []}
    faces = 0
    for _ in range(rounds):
        for what, measured in speeds.items():
            command = [sys.executable, __file__, "--measure", what, "--folder", str(folder)]
            ended = subprocess.run(command, check=True, capture_output=True, text=True)
            record = json.loads(ended.stdout.splitlines()[-1])
            measured.append(record["pictures"] / record["seconds"])
            faces = max(faces, record["faces"])
    medians = {what: statistics.median(measured) for what, measured in speeds.items()}
    print(f"\n{faces:,} faces; medians of {rounds} rounds, pictures per second\n")
    print("| | pictures/s | each round |\n|---|---|---|")
    for what, title in (("bare", "the bare analyzer"), ("import", "`countenance import`")):
        each = ", ".join(f"{speed:.1f}" for speed in speeds[what])
        print(f"| {title} | {medians[what]:.1f} | {each} |")
    print(f"\nratio {medians['import'] / medians['bare']:.3f}")


def bare(folder: Path) -> dict[str, float]:
    """Find the faces of all pictures and make their templates."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    analyzer = build_analyzer(read_settings())
    began = time.perf_counter()
    faces = 0
    for found in analyzer.faces_of_many(paths):
        if isinstance(found, Exception):
            raise found
        faces += len(found)
    return {"pictures": len(paths), "faces": faces, "seconds": time.perf_counter() - began}


def imported(folder: Path) -> dict[str, float]:
    """Import all pictures into a new database."""
    with tempfile.TemporaryDirectory() as data, open_office(read_settings(data_dir=Path(data))) as office:
        rooms = furnish(read_settings(data_dir=Path(data)), office)
        with office.register.act(machine_operator()) as act:
            create_collection(rooms.vision, office.gallery, act, COLLECTION, {})
        began = time.perf_counter()
        with office.register.act(machine_operator()) as act:
            started = start_import(
                rooms.imports, act, COLLECTION, ImportAsked((str(folder),)), Runner.TERMINAL
            )
        job = worker_of_command(rooms).do_one(started.job.job_id)
        seconds = time.perf_counter() - began
    counts = job.progress.counts
    faces = counts["faces"] + counts.get("faces_set_aside", 0)
    return {"pictures": job.progress.settled, "faces": faces, "seconds": seconds}


def kill(folder: Path, scratch: Path, times: int, seed: int) -> None:
    """Kill an import so often at random moments, and compare what it comes to with an undisturbed one."""
    first, second = scratch / "killed", scratch / "undisturbed"
    with open_office(read_settings(data_dir=first)) as office:
        rooms = furnish(read_settings(data_dir=first), office)
        with office.register.act(machine_operator()) as act:
            create_collection(rooms.vision, office.gallery, act, COLLECTION, {})
    shutil.copytree(first, second)  # with its secrets, so that ids are the same
    count = sum(1 for path in folder.rglob("*") if path.is_file())
    moments = sorted(random.Random(seed).sample(range(1, count), times))  # noqa: S311 - no secret
    for number, moment in enumerate(moments, start=1):
        process = begun(first, folder)
        until_settled(first, moment, process)
        process.kill()
        process.wait()
        print(f"killed {number}: {settled(first):,} of {count:,} settled")
    for data in (first, second):
        began = time.perf_counter()
        if begun(data, folder).wait() not in (0, 1):
            sys.exit("the import failed")
        print(f"{data.name}: ended after {time.perf_counter() - began:.1f} s more, {settled(data):,} settled")
    (faces, templates), (others, their_templates) = content(first), content(second)
    same = [told(face) for face in faces] == [told(face) for face in others]
    apart = float(np.abs(templates - their_templates).max()) if same else float("nan")
    equal = int((templates == their_templates).all(axis=1).sum()) if same else 0
    print(f"\n{len(faces):,} and {len(others):,} faces; the same ids, pictures, boxes and qualities: {same}")
    print(f"templates: {equal:,} equal to the last bit, the greatest difference of a number {apart:.1e}")
    print(f"ledger entries of imports: {entries(first)} and {entries(second)}")
    if not same or apart > 1e-5:
        sys.exit("the result is not that of an undisturbed import")


def begun(data: Path, folder: Path) -> subprocess.Popen[bytes]:
    """Give the command."""
    arguments = [sys.executable, "-m", "countenance", "import", "--collection", COLLECTION, str(folder)]
    variables = {**os.environ, "COUNTENANCE_DATA_DIR": str(data)}
    return subprocess.Popen(arguments, env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def until_settled(data: Path, count: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until so many items are settled, and a random moment more."""
    with open_office(read_settings(data_dir=data)) as office:
        while process.poll() is None and progress(office) < count:
            time.sleep(0.01)
    time.sleep(random.random() * 0.5)  # noqa: S311 - no secret


def settled(data: Path) -> int:
    with open_office(read_settings(data_dir=data)) as office:
        return progress(office)


def progress(office: Office) -> int:
    jobs: list[Job] = []
    with office.store.reading() as reader:
        jobs = reader.jobs(after_key=0, most=10)
    return jobs[-1].progress.settled if jobs else 0


def content(data: Path) -> tuple[list[EnrolledFace], Vectors]:
    """Return the faces by id, and their templates."""
    with open_office(read_settings(data_dir=data)) as office, office.gallery.reading() as reader:
        collection = reader.collection(COLLECTION)
        faces = reader.faces(collection, after_key=0, most=1_000_000)
        block = reader.templates(collection, [face.key for face in faces])
    order = sorted(range(len(faces)), key=lambda place: faces[place].face_id)
    return [faces[place] for place in order], block.vectors[order]


def told(face: EnrolledFace) -> tuple[object, ...]:
    return face.face_id, face.image_id, face.external_image_id, face.box, round(face.quality, 6)


def entries(data: Path) -> int:
    with open_office(read_settings(data_dir=data)) as office, office.store.reading_ledger() as ledger:
        return sum(b'"import_faces"' in content for _, content in ledger.entries())


if __name__ == "__main__":
    main()
