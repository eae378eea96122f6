"""``countenance group``: who is in pictures again and again, without knowing who that is."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from countenance.doors.cli.options import DataDir, Debug, Pack, SettingsFile, utf8
from countenance.doors.cli.outcomes import ExitCode, WrongUsage, told_in_one_line

Level = Literal["none", "low", "medium", "high", "auto"]


def group(
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PATHS", help="Folders of pictures, pictures and quoted globs.", show_default=False
        ),
    ] = None,
    collection: Annotated[
        str | None,
        typer.Option(
            metavar="ID",
            help="Group the faces of this collection instead, and keep the groups as suggestions.",
            callback=utf8,
            show_default=False,
        ),
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object per person and line instead of a table.")
    ] = False,
    html: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Write a page that shows the faces of each person; only its owner may read it.",
            show_default=False,
        ),
    ] = None,
    quality: Annotated[Level, typer.Option(help="Leave out faces below this quality.")] = "low",
    pack: Pack = None,
    data_dir: DataDir = None,
    settings: SettingsFile = None,
    debug: Debug = False,
) -> None:
    """Group the faces in pictures into people whom nobody has named; nothing is kept.

    The faces of one picture are different people. When in doubt two groups are not made one.

    With --collection its faces are grouped, where its policy allows that; the groups are kept as suggestions,
    which countenance groups shows and corrects.
    """
    with told_in_one_line(debug=debug):
        if collection is None:
            code = _of_pictures(paths or [], html, quality.upper(), pack, as_json=json)
        elif paths:
            raise WrongUsage("name pictures or a --collection, not both")
        else:
            from countenance.doors.cli import grouping_collection  # noqa: PLC0415 - loads the networks

            wanted = grouping_collection.CollectionRequest(collection, html, as_json=json)
            code = grouping_collection.answer(settings, data_dir, pack, wanted)
    if code:
        raise typer.Exit(code)


def _of_pictures(
    paths: list[str], html: Path | None, level: str, pack: str | None, *, as_json: bool
) -> ExitCode:
    if not paths:
        raise WrongUsage("name folders, pictures or globs, or a --collection")
    from countenance.doors.cli import grouping  # noqa: PLC0415 - loads the networks' libraries

    all_seen = grouping.answer(grouping.Request(tuple(paths), html, level, pack, as_json=as_json))
    return ExitCode.DONE if all_seen else ExitCode.FAILED
