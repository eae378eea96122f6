"""``countenance import``: many pictures into a collection, or what another server exported."""

import enum
from pathlib import Path
from typing import Annotated

import typer

from countenance.doors.cli.options import AsJson, DataDir, Debug, Pack, SettingsFile, utf8
from countenance.doors.cli.outcomes import told_in_one_line


class ExternalId(enum.StrEnum):
    """The words of `archive.values.ExternalIds`, which takes long to load."""

    NONE = "none"
    STEM = "stem"
    FOLDER = "folder"


class Quality(enum.StrEnum):
    """The words of `vision.filtering.QualityLevel`, which takes long to load."""

    NONE = "NONE"
    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"
    AUTO = "AUTO"


Sources = Annotated[
    list[str],
    typer.Argument(
        metavar="SOURCE…",
        help="A folder, a picture, a manifest (.csv, .jsonl, .parquet), an article with front matter, "
        "s3://bucket/prefix, or an exported folder.",
        callback=lambda sources: [utf8(source) for source in sources],
        show_default=False,
    ),
]
Collection = Annotated[
    str,
    typer.Option(metavar="ID", help="The collection.", callback=utf8, show_default=False),
]


def import_(
    sources: Sources,
    collection: Collection,
    create: Annotated[
        bool, typer.Option("--create", help="Create the collection if it is not there.")
    ] = False,
    tag: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUE",
            help="With --create: a tag, such as countenance:purpose=archive; may be repeated.",
            show_default=False,
        ),
    ] = None,
    external_id: Annotated[
        ExternalId,
        typer.Option(help="Take external image ids from file names (stem), from folders' names, or none."),
    ] = ExternalId.NONE,
    source: Annotated[
        str | None,
        typer.Option(
            metavar="SOURCE",
            help="Where the pictures come from, such as licensed. [default: as the collection's policy says]",
            callback=utf8,
            show_default=False,
        ),
    ] = None,
    quality: Annotated[
        Quality, typer.Option(help="The quality that faces must have to be enrolled.")
    ] = Quality.AUTO,
    max_faces: Annotated[
        int | None,
        typer.Option(
            metavar="N", min=1, max=100, help="Enrol so many faces of a picture at most.", show_default=False
        ),
    ] = None,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(
            metavar="HOST",
            help="Fetch pictures from here; *.example.org for all below it; may be repeated.",
            show_default=False,
        ),
    ] = None,
    allow_private_host: Annotated[
        list[str] | None,
        typer.Option(
            metavar="HOST",
            help="Fetch pictures from this host of your own network; may be repeated.",
            show_default=False,
        ),
    ] = None,
    background: Annotated[
        bool, typer.Option("--background", help="Only queue it, for a server or a worker; from buckets only.")
    ] = False,
    report: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write all that was skipped or failed here, JSON Lines.", show_default=False
        ),
    ] = None,
    pack: Pack = None,
    data_dir: DataDir = None,
    settings: SettingsFile = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Enrol the faces of many pictures; the same command goes on where it was stopped or killed."""
    with told_in_one_line(debug=debug):
        from countenance.doors.cli import importing  # noqa: PLC0415 - loads the models' libraries

        request = importing.Request(
            sources=tuple(sources),
            collection_id=collection,
            creates=create,
            tags=tuple(tag or ()),
            external_ids=external_id.value,
            source=source,
            level=quality.value,
            most=max_faces,
            hosts=tuple(allow_host or ()),
            private_hosts=tuple(allow_private_host or ()),
            background=background,
            report=report,
            as_json=as_json,
        )
        code = importing.answer(settings, {"pack": pack, "data_dir": data_dir}, request)
    if code:
        raise typer.Exit(code)
