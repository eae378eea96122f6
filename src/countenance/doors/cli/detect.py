"""``countenance detect``: the faces in pictures, as tables, JSON Lines and drawings."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from countenance.doors.cli.options import Debug, Pack
from countenance.doors.cli.outcomes import ExitCode, told_in_one_line

Level = Literal["none", "low", "medium", "high", "auto"]


def detect(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATHS", help="Pictures, folders of pictures and quoted globs.", show_default=False
        ),
    ],
    json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object per picture and line instead of tables.")
    ] = False,
    draw: Annotated[
        Path | None,
        typer.Option(
            metavar="OUT",
            help="Draw the faces: into this file (.jpg, .png, .webp) for one picture, else into this folder.",
            show_default=False,
        ),
    ] = None,
    quality: Annotated[Level, typer.Option(help="Set aside faces below this quality, and say why.")] = "none",
    min_face: Annotated[
        float | None,
        typer.Option(
            metavar="PX",
            min=1,
            help="Find faces from this size on, in pixels. [default: 1/48 of the longer side, at least 20]",
            show_default=False,
        ),
    ] = None,
    pack: Pack = None,
    debug: Debug = False,
) -> None:
    """Find and measure the faces in pictures.

    For each face: its box, how sure the detector is, where the head points and how good the view of it is.
    """
    with told_in_one_line(debug=debug):
        from countenance.doors.cli import detecting  # noqa: PLC0415 - loads the networks' libraries

        request = detecting.Request(tuple(paths), draw, quality.upper(), min_face, pack, as_json=json)
        all_seen = detecting.answer(request)
    if not all_seen:
        raise typer.Exit(ExitCode.FAILED)
