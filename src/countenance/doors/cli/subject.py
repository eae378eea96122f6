"""``countenance subject …``: what there is to do with somebody who is enrolled."""

from datetime import datetime
from typing import Annotated

import typer

from countenance.doors.cli.options import DataDir, Debug, SettingsFile, moment, utf8
from countenance.doors.cli.outcomes import told_in_one_line

subject = typer.Typer(name="subject", help="Note what there was to do with a subject.")


@subject.callback()
def _group() -> None:
    """Note what there was to do with a subject."""


@subject.command()
def interaction(
    subject: Annotated[
        str,
        typer.Argument(
            metavar="SUBJECT",
            help="The ExternalImageId or UserId under which somebody is enrolled.",
            callback=utf8,
            show_default=False,
        ),
    ],
    at: Annotated[
        datetime | None,
        typer.Option(metavar="TIME", help="When it was. [default: now]", parser=moment, show_default=False),
    ] = None,
    data_dir: DataDir = None,
    settings: SettingsFile = None,
    debug: Debug = False,
) -> None:
    """Note that there was something to do with a subject: retention counts from the last time on."""
    with told_in_one_line(debug=debug):
        from countenance.doors.cli import retaining  # noqa: PLC0415 - loads the database's libraries

        retaining.note_interaction(settings, data_dir, subject, at)
