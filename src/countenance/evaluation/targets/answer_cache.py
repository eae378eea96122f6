"""The answers that an endpoint gave, kept in a file, so that an evaluation goes on where it was interrupted.

A file of JSON lines that only grows: a heading, then a line for each answer and for each collection that was
made and deleted. Only the owner may read it. It holds similarities, numbers of subjects and SHA-256 values,
no picture, template or name. A line is written with one call and is in the operating system's hands when
``put`` returns, so that ``kill -9`` loses at most the line that was being written.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from countenance.errors import AnswerCacheUnusable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_HEADING = b'{"countenance": "answers of an endpoint", "version": 1}\n'


@dataclass(frozen=True, slots=True)
class Answer:
    """What an endpoint said to one question.

    Attributes:
        similarities: 0–100, highest first; one for a pair, one by subject for a probe.
        subjects: of a probe, whose similarities they are, as numbers.
        trouble: why there is no answer; empty where there is one.
    """

    similarities: tuple[float, ...] = ()
    subjects: tuple[int, ...] = ()
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """Everything that an answer depends on.

    Attributes:
        place: the endpoint's address and region.
        operation: the name of Amazon's operation.
        pictures: the SHA-256 of each picture that is sent.
        parameters: what else is sent, and a SHA-256 of what was enrolled before.
    """

    place: str
    operation: str
    pictures: tuple[str, ...]
    parameters: Mapping[str, str | int | float]

    def key(self) -> str:
        """Return a SHA-256, in hexadecimal."""
        parts = [self.place, self.operation, self.pictures, self.parameters]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


class AnswerCache:
    """Answers by the key of their question. Safe for threads; a file is one process's at a time.

    Args:
        file: where they are kept; None for nowhere but in memory.

    Raises:
        AnswerCacheUnusable: the file is something else, is damaged, is in use or cannot be opened.
    """

    def __init__(self, file: Path | None) -> None:
        self._lock = threading.Lock()
        self._answers: dict[str, Answer] = {}
        self._collections: dict[str, str] = {}
        self._path = file
        self._file = None if file is None else _opened(file)
        if self._file is not None:
            try:
                self._load(self._file)
            except BaseException:
                self._file.close()
                raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()

    def __contains__(self, key: str) -> bool:
        return key in self._answers

    def __len__(self) -> int:
        return len(self._answers)

    def __getitem__(self, key: str) -> Answer:
        return self._answers[key]

    def put(self, key: str, answer: Answer) -> None:
        """Keep an answer.

        Raises:
            AnswerCacheUnusable: the file cannot be written.
        """
        line = {
            "key": key,
            "similarities": answer.similarities,
            "subjects": answer.subjects,
            "trouble": answer.trouble,
        }
        with self._lock:
            self._write({name: value for name, value in line.items() if value or name == "key"})
            self._answers[key] = answer

    def note_opened(self, collection: str, place: str) -> None:
        """Note that a collection is about to be made, so that a later run can delete it after a kill."""
        with self._lock:
            self._write({"opened": collection, "place": place})
            self._collections[collection] = place

    def note_closed(self, collection: str) -> None:
        """Note that a collection is deleted."""
        with self._lock:
            self._write({"closed": collection})
            self._collections.pop(collection, None)

    def left_behind(self, place: str) -> tuple[str, ...]:
        """Return the collections of a place that were opened and not closed."""
        return tuple(name for name, where in self._collections.items() if where == place)

    def _write(self, line: Mapping[str, object]) -> None:
        if self._file is None:
            return
        start = self._file.tell()
        left = json.dumps(line).encode() + b"\n"
        try:
            while left:
                left = left[self._file.write(left) :]
        except OSError as error:
            with suppress(OSError):
                self._file.seek(start)
                self._file.truncate()
            raise AnswerCacheUnusable(f"the answers cannot be kept in {self._path}: {error}") from None

    def _load(self, file: io.FileIO) -> None:
        """Read all whole lines; a last one without its end was torn and is cut off."""
        reader = io.BufferedReader(file)
        heading = reader.readline()
        new = heading != _HEADING and _HEADING.startswith(heading)
        if heading != _HEADING and not new:
            raise AnswerCacheUnusable(
                f"{self._path} is no file of an endpoint's answers of this version; name another file"
            )
        whole = 0 if new else len(heading)
        for number, line in enumerate(reader, 2):
            if not line.endswith(b"\n"):
                break
            self._take(line, number)
            whole += len(line)
        reader.detach()
        file.seek(whole)
        file.truncate()
        if new:
            file.write(_HEADING)
        if sys.platform != "win32":
            os.fchmod(file.fileno(), 0o600)

    def _take(self, line: bytes, number: int) -> None:
        try:
            read = json.loads(line)
            if "key" in read:
                self._answers[str(read["key"])] = _answer(read)
            elif "opened" in read:
                self._collections[str(read["opened"])] = str(read["place"])
            else:
                self._collections.pop(str(read["closed"]), None)
        except (KeyError, OverflowError, RecursionError, TypeError, ValueError):
            raise AnswerCacheUnusable(
                f"{self._path}, line {number}, is damaged; delete that line, and what it said is asked again"
            ) from None


def _answer(read: Mapping[str, Sequence[float]]) -> Answer:
    similarities = tuple(float(value) for value in read.get("similarities", ()))
    subjects = tuple(int(value) for value in read.get("subjects", ()))
    trouble = str(read.get("trouble", ""))
    if not all(0 <= value <= 100 for value in similarities) or (trouble and similarities):
        raise ValueError
    if subjects and len(subjects) != len(similarities):
        raise ValueError
    return Answer(similarities, subjects, trouble)


def _opened(path: Path) -> io.FileIO:
    """Open a file for this process alone, made where it is not there, readable for its owner only."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise AnswerCacheUnusable(f"the answers cannot be kept in {path}: {error.strerror}") from None
    file = io.FileIO(descriptor, "r+")
    if sys.platform != "win32":
        import fcntl  # noqa: PLC0415 - Windows has none

        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            raise AnswerCacheUnusable(
                f"another evaluation keeps its answers in {path}; wait for its end, or name another file"
            ) from None
    return file
