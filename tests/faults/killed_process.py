"""Processes that do one thing to a database, each killed before another step of it, the last one not at all.

A step is a statement, a commit, a file written through to the disk or put in another's place. Run as
``python killed_process.py FOLDER TASK``; each works on a copy, ``FOLDER-0`` and so on, and how many were
killed is printed. They are forks of one process, so that what they import is imported once.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from countenance.access import machine_operator
from countenance.ledger import read_checkpoint, witness_of
from countenance.operations import delete_collection, sweep
from countenance.operations.erase_subject import erase_subject
from countenance.settings import read_settings
from countenance.wiring import Office, open_office

sys.path.append(str(Path(__file__).parents[1]))

from working_jobs import worker_of

REQUEST = "the-request"
# Longer than the task takes, so that each process does the same steps; tests say when the time is over.
HELD_SECONDS = 600


def main(folder: Path, task: str) -> None:
    for step in range(1000):
        copy = folder.with_name(f"{folder.name}-{step}")
        shutil.copytree(folder, copy)
        child = os.fork()
        if not child:
            do(copy, task, step)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            print(step)
            sys.exit(os.waitstatus_to_exitcode(status))


def do(folder: Path, task: str, killed_at: int) -> None:
    sweep._BATCH = delete_collection.BATCH = 2  # noqa: SLF001 - several batches
    steps = count_steps(killed_at)
    with open_office(read_settings(data_dir=folder)) as office:
        steps.armed = True
        TASKS[task](office, folder)
        steps.armed = False


class Steps:
    """Counts steps, and kills the process before one of them."""

    def __init__(self, killed_at: int) -> None:
        self.count = 0
        self.armed = False
        self._killed_at = killed_at

    def step(self, *_: Any, **__: Any) -> None:
        if not self.armed:
            return
        if self.count == self._killed_at:
            os.kill(os.getpid(), signal.SIGKILL)
        self.count += 1


def count_steps(killed_at: int) -> Steps:
    steps = Steps(killed_at)
    for name in ("before_cursor_execute", "commit"):
        event.listen(Engine, name, steps.step)
    for name in ("fsync", "replace", "rename"):
        setattr(os, name, stepping(getattr(os, name), steps))
    return steps


def stepping(function: Callable[..., Any], steps: Steps) -> Callable[..., Any]:
    def stepped(*arguments: Any, **options: Any) -> Any:
        steps.step()
        return function(*arguments, **options)

    return stepped


def erase(office: Office, _: Path) -> None:
    with office.register.act(machine_operator(), REQUEST) as act:
        erase_subject(office.gallery, act, "collins")


def erase_due(office: Office, _: Path) -> None:
    with office.register.act(machine_operator(), REQUEST) as act:
        sweep.sweep(office.gallery, act, timedelta(days=1))


def delete(office: Office, _: Path) -> None:
    with office.register.act(machine_operator(), REQUEST) as act:
        delete_collection.delete_collection(office.gallery, act, "staff")


def give_checkpoint(office: Office, folder: Path) -> None:
    with office.store.reading_ledger() as ledger:
        note = ledger.head().checkpoint
    witness_of(str(folder / "witness")).keep(read_checkpoint(note, office.store.verifier_key), note)


def work(office: Office, _: Path) -> None:
    with office.store.reading() as reader:
        (job,) = reader.jobs(after_key=0, most=9)
    worker_of(office, HELD_SECONDS).do_one(job.job_id)


TASKS: dict[str, Callable[[Office, Path], None]] = {
    "erase": erase,
    "sweep": erase_due,
    "delete": delete,
    "checkpoint": give_checkpoint,
    "work": work,
}

if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
