"""Options that several commands share."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

_YEARS = range(1900, 3000)


def utf8(text: str | None) -> str | None:
    """Refuse what is not UTF-8: no database could keep it, and the ledger could not record it."""
    if text is not None and not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise typer.BadParameter("it is not UTF-8 text") from None
    return text


def moment(text: str) -> datetime:
    """Read an ISO 8601 day or time; one without a zone is UTC."""
    try:
        found = datetime.fromisoformat(text)
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise typer.BadParameter("a time is ISO 8601, such as 2027-01-31T12:00:00Z") from None
    if found.year not in _YEARS:
        raise typer.BadParameter(f"a time is in the years {_YEARS[0]} to {_YEARS[-1]}")
    return found


def day(text: str) -> date:
    """Read an ISO 8601 day."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("a day is ISO 8601, such as 2027-01-31") from None


Pack = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Use this pack of models: a name or a pack.toml. [default: COUNTENANCE_PACK or dlib-cc0]",
        show_default=False,
    ),
]
Debug = Annotated[bool, typer.Option("--debug", help="Show the trace of an error.")]
SettingsFile = Annotated[
    Path | None,
    typer.Option(
        "--settings",
        metavar="FILE",
        help="Read settings from this file. [default: COUNTENANCE_SETTINGS or ./countenance.toml]",
        show_default=False,
    ),
]
DataDir = Annotated[
    Path | None,
    typer.Option(metavar="FOLDER", help="Use the database and the master key in here.", show_default=False),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Subject = Annotated[
    str,
    typer.Option(
        metavar="SUBJECT",
        help="The ExternalImageId or UserId under which somebody is enrolled.",
        callback=utf8,
        show_default=False,
    ),
]
Id = Annotated[str, typer.Argument(metavar="ID", help="Its id.", callback=utf8, show_default=False)]
RequestId = Annotated[
    str, typer.Argument(metavar="REQUEST", help="The request's id.", callback=utf8, show_default=False)
]
