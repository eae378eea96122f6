"""``countenance demo``: what Countenance does, shown on two real photographs in the public domain."""

from pathlib import Path
from typing import Annotated

import typer

from countenance.doors.cli.options import Debug
from countenance.doors.cli.outcomes import told_in_one_line


def demo(
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="Write the pictures into this folder.")] = Path(
        "demo"
    ),
    debug: Debug = False,
) -> None:
    """Find and compare faces in two real photographs, and draw what was found.

    The photographs come with scikit-image and matplotlib: pip install "countenance[demo]".
    """
    with told_in_one_line(debug=debug):
        from countenance.doors.cli import demonstrating  # noqa: PLC0415 - loads the networks' libraries

        demonstrating.demonstrate(out)
