"""Files that only their owner may read, and that survive a power cut once they are written."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from countenance.errors import MasterKeyInvalid

if TYPE_CHECKING:
    from pathlib import Path


def write_private(path: Path, content: bytes) -> None:
    """Write a file that is not there yet, through to the disk."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def make_durable(folder: Path) -> None:
    """Write a folder's entries through to the disk: a new name in it must survive a power cut, too."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def check_private(path: Path, what: str) -> None:
    """Do nothing where only the owner may read a file.

    Raises:
        MasterKeyInvalid: others may.
        OSError: there is no such file.
    """
    mode = path.stat().st_mode
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise MasterKeyInvalid(f"{what} {path} may be read by others than its owner; chmod 600 it")
