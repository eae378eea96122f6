"""A worker of video jobs in a process of its own, which tests kill.

Usage: python watching_process.py URL KEY_FILE SUBJECT_KEY_FILE FOLDER. The folder is the bucket ``clips``.
"""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))

from contract.offices import office_on
from contract.videos import rooms_of, worker_of
from countenance.store import FileKeyring, SqlStore


def main(url: str, key_file: str, subject_key_file: str, folder: str) -> None:
    """Get ready, and from the first line on do jobs, until the second."""
    store = SqlStore.open(url, FileKeyring(Path(key_file)), Path(subject_key_file))
    rooms = rooms_of(office_on(store), Path(folder))
    print("ready", flush=True)
    sys.stdin.readline()
    with closing(store), worker_of(rooms).going_on(1):
        sys.stdin.readline()


if __name__ == "__main__":
    main(*sys.argv[1:])
