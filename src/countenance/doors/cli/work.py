"""The database as a command opens it, and the act of whoever runs the command; beside a server or without."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

import structlog

from countenance.access import machine_operator
from countenance.doors.cli.outcomes import tell
from countenance.operations.look_into_ledger import show_receipt
from countenance.settings import read_settings
from countenance.wiring import open_office

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from countenance.operations.acts import Act
    from countenance.wiring import Office


@dataclass(frozen=True, slots=True)
class Work:
    """What a command hands to its one operation."""

    office: Office
    act: Act


@contextmanager
def opened_office(file: Path | None, data_dir: Path | None) -> Iterator[Office]:
    """Open the database that the settings name.

    Args:
        file: the file of settings that was named, if any.
        data_dir: the folder of data that was named, if any.
    """
    warn_in_lines()
    with open_office(read_settings(file, data_dir=data_dir)) as office:
        yield office


@contextmanager
def at_work(file: Path | None, data_dir: Path | None) -> Iterator[Work]:
    """Open the database that the settings name, and an act of the machine's operator."""
    with opened_office(file, data_dir) as office, office.register.act(machine_operator()) as act:
        yield Work(office, act)


def receipt_of(office: Office, request_id: str) -> dict[str, Any]:
    """Return the receipt of a request that has ended, in an act of its own."""
    with office.register.act(machine_operator()) as act, office.store.reading_ledger() as ledger:
        return show_receipt(ledger, act, request_id)


def warn_in_lines() -> None:
    """Write what rooms log to stderr, from warnings on: stdout is for what was asked for."""
    structlog.configure(
        processors=[_tell], wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING)
    )


def _tell(_: object, __: str, event: structlog.types.EventDict) -> NoReturn:
    what = event.pop("event")
    tell(", ".join((f"{what}", *(f"{name.replace('_', ' ')}: {fact}" for name, fact in event.items()))))
    raise structlog.DropEvent
