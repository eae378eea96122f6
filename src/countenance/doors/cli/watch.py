"""``countenance watch``: says who of a collection comes before a camera."""

from typing import Annotated

import typer

from countenance.doors.cli.options import DataDir, Debug, Pack, SettingsFile, utf8
from countenance.doors.cli.outcomes import told_in_one_line


def watch(
    source: Annotated[
        str,
        typer.Argument(
            metavar="SOURCE",
            help="rtsp://…, rtsps://…, /dev/video0 or a file; - reads it from the standard input.",
            callback=utf8,
            show_default=False,
        ),
    ],
    collection: Annotated[
        str,
        typer.Option(
            metavar="ID", help="Compare faces with this collection.", callback=utf8, show_default=False
        ),
    ],
    threshold: Annotated[
        float,
        typer.Option(metavar="PERCENT", min=0, max=100, help="Recognise from this similarity on."),
    ] = 99.0,
    fast: Annotated[
        bool, typer.Option("--fast", help="Look at a file as fast as possible, not as if it were live.")
    ] = False,
    webhook: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Post events to this webhook of the settings, too.",
            callback=utf8,
            show_default=False,
        ),
    ] = None,
    pack: Pack = None,
    data_dir: DataDir = None,
    settings: SettingsFile = None,
    debug: Debug = False,
) -> None:
    """Watch a camera or a file, and print who comes and goes, one JSON object per line, until stopped.

    A collection may be watched only if its policy allows it and says for which purpose.
    """
    with told_in_one_line(debug=debug):
        from countenance.doors.cli import watching  # noqa: PLC0415 - loads the models' libraries

        given = {"pack": pack, "data_dir": data_dir}
        watching.watch_source(
            settings, given, watching.Wanted(source, collection, threshold, fast=fast, webhook=webhook)
        )
