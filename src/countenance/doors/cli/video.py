"""``countenance video``: who is seen in a video, and when."""

from pathlib import Path
from typing import Annotated

import typer

from countenance.doors.cli.options import AsJson, DataDir, Debug, Pack, SettingsFile, utf8
from countenance.doors.cli.outcomes import told_in_one_line


def video(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The video.", show_default=False)],
    collection: Annotated[
        str | None,
        typer.Option(metavar="ID", help="Name people by this collection.", callback=utf8, show_default=False),
    ] = None,
    reference: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=PICTURE",
            help="Name whoever is like the largest face of this picture; may be repeated.",
            show_default=False,
        ),
    ] = None,
    threshold: Annotated[
        float, typer.Option(metavar="PERCENT", min=0, max=100, help="The least similarity of a name.")
    ] = 80.0,
    draw: Annotated[
        Path | None,
        typer.Option(
            metavar="OUT",
            help="Write a copy of the video with the faces and names drawn on it (.mp4, .m4v, .mov, .mkv).",
            show_default=False,
        ),
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option(
            metavar="OUT",
            help="Write a page with the timeline and the faces; only its owner may read it.",
            show_default=False,
        ),
    ] = None,
    pack: Pack = None,
    data_dir: DataDir = None,
    settings: SettingsFile = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Find out who is seen in a video and when: people of a collection, or of pictures that you name.

    Faces are followed from frame to frame, and each person is looked for once. Who is not known is told apart
    from others as person 1, person 2 and so on; nothing is kept of anybody.
    """
    with told_in_one_line(debug=debug):
        from countenance.doors.cli import filming  # noqa: PLC0415 - loads the models' libraries

        request = filming.Request(
            file, collection, tuple(reference or ()), threshold, draw, html, as_json=as_json
        )
        filming.answer(settings, {"pack": pack, "data_dir": data_dir}, request)
