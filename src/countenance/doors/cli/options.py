"""Options that several commands share."""

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
