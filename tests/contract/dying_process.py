"""A process that deletes a face and dies as soon as that is committed, before the key is destroyed.

Usage: python dying_process.py URL KEY_FILE SUBJECT_KEY_FILE FACE_ID.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from unittest.mock import patch

from countenance.store import FileKeyring, SqlStore

DIED = 9
REQUEST = "the last one"


def main(url: str, key_file: str, subject_key_file: str, face_id: str) -> None:
    """Delete the face and die."""
    store = SqlStore.open(url, FileKeyring(Path(key_file)), Path(subject_key_file))
    dying = patch("countenance.store.sql_store.destroy_keys", lambda *_: os._exit(DIED))
    with dying, store.writing() as writer:
        staff = writer.collection("staff")
        writer.delete_faces(staff, [writer.face(staff, face_id).key])
        writer.append_entry({"v": 1, "request": REQUEST, "operation": "delete_faces", "outcome": "done"})


if __name__ == "__main__":
    main(*sys.argv[1:])
