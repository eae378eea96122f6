"""A process of its own that opens a store, as a server or a command does; tests start it and may kill it.

Usage: python opening_process.py URL KEY_FILE SUBJECT_KEY_FILE [claim]. It waits for a line, opens, says how
that went, waits for another line and closes.
"""

from __future__ import annotations

import sys
from pathlib import Path

from countenance.errors import CountenanceError
from countenance.store import FileKeyring, SqlStore


def main(url: str, key_file: str, subject_key_file: str, *claim: str) -> None:
    """Open the store when told to, and keep it open until told to close it."""
    print("ready", flush=True)
    sys.stdin.readline()
    try:
        store = SqlStore.open(url, FileKeyring(Path(key_file)), Path(subject_key_file))
        if claim:
            store.claim()
    except CountenanceError as error:
        print(f"{type(error).__name__}: {error}", flush=True)
        return
    print("open", flush=True)
    sys.stdin.readline()
    store.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
