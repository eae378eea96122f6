"""``countenance export``: a collection with its templates, to move it to another server."""

from pathlib import Path
from typing import Annotated

import typer

from countenance.doors.cli.options import AsJson, DataDir, Debug, SettingsFile, utf8
from countenance.doors.cli.outcomes import told_in_one_line


def export(
    collection: Annotated[
        str, typer.Option(metavar="ID", help="The collection.", callback=utf8, show_default=False)
    ],
    out: Annotated[
        Path, typer.Option(metavar="FOLDER", help="Write it here; the folder is made.", show_default=False)
    ],
    data_dir: DataDir = None,
    settings: SettingsFile = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Write a collection's faces, templates, users and records as Parquet, for `countenance import`.

    Templates lie open in there: keep it on an encrypted disk, and delete it when it is imported.
    """
    with told_in_one_line(debug=debug):
        from countenance.doors.cli import exporting  # noqa: PLC0415 - loads the database's libraries

        exporting.answer(settings, data_dir, collection, out, as_json=as_json)
