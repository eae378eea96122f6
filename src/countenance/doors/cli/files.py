"""Files that a user names: read up to a limit, and written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
from typing import TYPE_CHECKING, BinaryIO

from countenance.doors.cli.outcomes import WrongUsage
from countenance.errors import CountenanceError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_OWNER_ONLY, _ANYBODY = 0o600, 0o666


class FileNotWritten(CountenanceError):
    """A file could not be written."""


def read_content(path: Path, most_bytes: int) -> bytes:
    """Return what a file holds.

    Raises:
        WrongUsage: it cannot be read, or is larger.
    """
    try:
        with path.open("rb") as file:
            content = file.read(most_bytes + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise WrongUsage(f"{path} cannot be read: {reason}") from None
    if len(content) > most_bytes:
        raise WrongUsage(f"{path} is too large; the limit is {most_bytes:,} bytes")
    return content


def read_words(path: Path, most_bytes: int) -> str:
    """Return the text that a file holds.

    Raises:
        WrongUsage: it cannot be read, is larger or is not UTF-8.
    """
    try:
        return read_content(path, most_bytes).decode("utf-8")
    except UnicodeDecodeError:
        raise WrongUsage(f"{path} is not UTF-8 text") from None


def check_target(target: Path) -> None:
    """Refuse a place where no file can be written, before there is anything to lose.

    Raises:
        WrongUsage: its folder is not there or may not be written to, or something else has that name.
    """
    if target.exists() and not target.is_file():
        raise WrongUsage(f"{target} is no file; choose another name")
    if not target.parent.is_dir() or not os.access(target.parent, os.W_OK):
        raise WrongUsage(f"there is no folder {target.parent} that can be written to")


def write_content(target: Path, content: bytes, *, private: bool = False) -> None:
    """Write a file; one of that name is replaced once the new one is complete.

    Args:
        target: where.
        content: what.
        private: whether nobody but its owner may read it.

    Raises:
        WrongUsage: no file can be there.
        FileNotWritten: it could not be written.
    """
    check_target(target)
    try:
        with whole_file(target, private=private) as file:
            file.write(content)
    except OSError as error:
        raise FileNotWritten(f"{target} cannot be written: {error.strerror or error}") from None


@contextlib.contextmanager
def whole_file(target: Path, *, private: bool = False) -> Iterator[BinaryIO]:
    """Open a file that takes the place of the target when the block ends well."""
    unfinished = target.with_name(f".{target.name[:80]}.{secrets.token_hex(4)}")
    mode = _OWNER_ONLY if private else _ANYBODY
    try:
        opened = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
        with open(opened, "wb") as file:  # noqa: PTH123 - a descriptor has no path
            yield file
        unfinished.replace(target)
    finally:
        with contextlib.suppress(OSError):
            unfinished.unlink()
