"""``countenance search``: who in a collection is like the largest face of a picture."""

from pathlib import Path
from typing import Annotated

import typer

from countenance.doors.cli.options import AsJson, DataDir, Debug, Pack, SettingsFile, utf8
from countenance.doors.cli.outcomes import told_in_one_line


def search(
    picture: Annotated[Path, typer.Argument(metavar="PICTURE", help="The picture.", show_default=False)],
    collection: Annotated[
        str, typer.Option(metavar="ID", help="The collection.", callback=utf8, show_default=False)
    ],
    most: Annotated[
        int, typer.Option(metavar="N", min=1, max=4096, help="Show so many matches at most.")
    ] = 20,
    threshold: Annotated[
        float, typer.Option(metavar="PERCENT", min=0, max=100, help="The least similarity of a match.")
    ] = 80.0,
    pack: Pack = None,
    data_dir: DataDir = None,
    settings: SettingsFile = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Find the largest face of a picture in a collection, with the articles that the matches come from."""
    with told_in_one_line(debug=debug):
        from countenance.doors.cli import searching  # noqa: PLC0415 - loads the models' libraries

        request = searching.Request(picture, collection, most, threshold, as_json)
        searching.answer(settings, {"pack": pack, "data_dir": data_dir}, request)
