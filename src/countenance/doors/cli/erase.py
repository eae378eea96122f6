"""``countenance erase``: everything that is held of somebody, or of everybody."""

from pathlib import Path
from typing import Annotated

import typer

from countenance.doors.cli.options import AsJson, DataDir, Debug, SettingsFile, utf8
from countenance.doors.cli.outcomes import told_in_one_line


def erase(
    subject: Annotated[
        str | None,
        typer.Option(
            metavar="SUBJECT",
            help="Erase the faces and users of this ExternalImageId or UserId, in all collections.",
            callback=utf8,
            show_default=False,
        ),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--everything", help="Erase every collection with all that is in it.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether everything is meant.")] = False,
    receipt: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the signed receipt into this file.", show_default=False),
    ] = None,
    data_dir: DataDir = None,
    settings: SettingsFile = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Erase a subject, or everything, for good.

    Rows, search indexes, what reviewers saw and the keys of the templates go, so that backups cannot be read.
    """
    with told_in_one_line(debug=debug):
        from countenance.doors.cli import erasing  # noqa: PLC0415 - loads the database's libraries

        wish = erasing.Wish(subject, everything, yes, receipt)
        erasing.erase(settings, data_dir, wish, as_json=as_json)
