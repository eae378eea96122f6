"""The work of ``countenance erase``.

1. See what is meant, and that the receipt can be written where it is wanted.
2. Erase, and say how much that was: from here on it is done, whatever fails.
3. Write the receipt.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from countenance.access import machine_operator
from countenance.doors.cli.erasure_progress import showing_progress
from countenance.doors.cli.files import check_target
from countenance.doors.cli.outcomes import WrongUsage
from countenance.doors.cli.proving import write_receipt
from countenance.doors.cli.records import json_line
from countenance.doors.cli.tables import print_facts
from countenance.doors.cli.words import printable
from countenance.doors.cli.work import opened_office, receipt_of
from countenance.errors import CountenanceError
from countenance.operations.erase_everything import erase_everything
from countenance.operations.erase_subject import erase_subject
from countenance.settings import read_settings

if TYPE_CHECKING:
    from pathlib import Path

    from countenance.operations.acts import Act
    from countenance.settings import Settings
    from countenance.wiring import Office

_AGREED = "erase everything"


class NotConfirmed(CountenanceError):
    """Whoever was asked whether everything is meant did not say so."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user wants to be erased: a subject, or everything where that is None."""

    subject: str | None
    everything: bool
    confirmed: bool
    receipt: Path | None


def erase(file: Path | None, data_dir: Path | None, wish: Wish, *, as_json: bool) -> None:
    """Erase a subject or everything, and print how much that was.

    Raises:
        WrongUsage: it is not said which of both, or nobody can be asked whether everything is meant.
        NotConfirmed: everything is not meant.
    """
    # 1
    if wish.everything == (wish.subject is not None):
        raise WrongUsage("say whom to erase with --subject, or that all are meant with --everything")
    if wish.receipt is not None:
        check_target(wish.receipt)
    if wish.everything and not wish.confirmed:
        _ask(read_settings(file, data_dir=data_dir))
    with opened_office(file, data_dir) as office:
        # 2
        with office.register.act(machine_operator()) as act:
            erased = (
                _erase_all(office, act) if wish.subject is None else _erase_one(office, act, wish.subject)
            )
        if as_json:
            print(json_line({**erased, "request_id": act.request_id}), flush=True)
        else:
            facts = {name.replace("_", " "): f"{value:,}" for name, value in erased.items()}
            print_facts({**facts, "request": act.request_id})
        # 3
        if wish.receipt is not None:
            write_receipt(wish.receipt, receipt_of(office, act.request_id))


def _erase_one(office: Office, act: Act, subject: str) -> dict[str, int]:
    erased = erase_subject(office.gallery, act, subject)
    return {
        "faces_erased": erased.faces,
        "users_erased": erased.users,
        "consents_ended": erased.consents_ended,
    }


def _erase_all(office: Office, act: Act) -> dict[str, int]:
    with showing_progress() as progress:
        faces = erase_everything(office.gallery, act, progress.begun, progress.erased)
    return {"faces_erased": faces}


def _ask(settings: Settings) -> None:
    if not sys.stdin.isatty():
        raise WrongUsage("--everything needs --yes where nobody can be asked")
    place = "the database" if settings.database_url is not None else printable(settings.data_dir)
    print(
        f'This erases every collection, face and user in {place}, for good.\nType "{_AGREED}" to go on: ',
        end="",
        file=sys.stderr,
        flush=True,
    )
    if sys.stdin.readline().strip() != _AGREED:
        raise NotConfirmed("nothing was erased")
