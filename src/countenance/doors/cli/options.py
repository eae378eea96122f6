"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

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
