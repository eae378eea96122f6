"""A worker in a process of its own, which does jobs when it is told to, until it is told to end, or killed.

Usage: python working_process.py URL KEY_FILE SUBJECT_KEY_FILE. It says that it is ready, waits for a line,
and does jobs until the next.
"""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))

from contract.offices import office_on
from countenance.store import FileKeyring, SqlStore
from working_jobs import worker_of


def main(url: str, key_file: str, subject_key_file: str) -> None:
    """Do jobs."""
    store = SqlStore.open(url, FileKeyring(Path(key_file)), Path(subject_key_file))
    worker = worker_of(office_on(store))
    print("ready", flush=True)
    sys.stdin.readline()
    with closing(store), worker.going_on(1):
        sys.stdin.readline()


if __name__ == "__main__":
    main(*sys.argv[1:])
