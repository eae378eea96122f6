"""``countenance compare``: how alike two faces are, and how often strangers look that alike."""

from pathlib import Path
from typing import Annotated

import typer

from countenance.doors.cli.options import Debug, Pack
from countenance.doors.cli.outcomes import told_in_one_line


def compare(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="SOURCE", help="The picture whose largest face is compared.", show_default=False
        ),
    ],
    target: Annotated[
        Path,
        typer.Argument(
            metavar="TARGET", help="The picture each of whose faces it is compared with.", show_default=False
        ),
    ],
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of a table.")] = False,
    draw: Annotated[
        Path | None,
        typer.Option(
            metavar="OUT",
            help="Draw the faces side by side into this file (.jpg, .png, .webp).",
            show_default=False,
        ),
    ] = None,
    pack: Pack = None,
    debug: Debug = False,
) -> None:
    """Compare the largest face of one picture with each face of another.

    Similarity is calibrated: 80 means that 1 in 1,000 pairs of strangers look at least this alike, 99 that
    1 in 100,000 do.
    """
    with told_in_one_line(debug=debug):
        from countenance.doors.cli import comparing  # noqa: PLC0415 - loads the networks' libraries

        comparing.answer(comparing.Request(source, target, draw, pack, as_json=json))
