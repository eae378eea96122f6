"""``countenance evaluate …``: how accurate a pack or an endpoint is, for whom, and at which thresholds."""

import enum
from pathlib import Path
from typing import Annotated

import typer

from countenance.doors.cli.options import Debug, Pack, SettingsFile
from countenance.doors.cli.outcomes import told_in_one_line


class What(enum.StrEnum):
    """What can be measured: the words of `operations.evaluate.Protocol`, which takes long to load."""

    VERIFY = "verify"
    IDENTIFY = "identify"
    BIAS = "bias"
    THRESHOLDS = "thresholds"
    ALL = "all"


Protocols = Annotated[
    list[What],
    typer.Argument(
        metavar="WHAT…",
        help="verify: 1:1. identify: 1:N. bias: by demographic group. thresholds: how many strangers are "
        "matched. all: each of these.",
        show_default=False,
    ),
]
DataSets = Annotated[
    list[str],
    typer.Option(
        "--dataset",
        metavar="KIND:PATH",
        help="Measure with this data set, such as lfw:FOLDER:devtest or pairs:FILE.csv; may be repeated.",
        show_default=False,
    ),
]
Images = Annotated[
    Path | None,
    typer.Option(
        metavar="FOLDER", help="The folder that a list's file names start from.", show_default=False
    ),
]
Groups = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help="A CSV that adds demographic groups: file, and attributes.", show_default=False
    ),
]
Columns = Annotated[
    str | None,
    typer.Option(
        metavar="FILE,SUBJECT[,GROUP…]",
        help="The columns of a table. [default: file,subject]",
        show_default=False,
    ),
]
Download = Annotated[bool, typer.Option("--download", help="sklearn-lfw may download what is missing.")]
Face = Annotated[
    str | None,
    typer.Option(
        metavar="WHICH",
        help="Which of several faces is the subject: largest, as in Rekognition, or central. "
        "[default: largest]",
        show_default=False,
    ),
]
Endpoint = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help="Measure this endpoint, through boto3, and not a pack; aws is Amazon's own.",
        show_default=False,
    ),
]
Region = Annotated[
    str | None, typer.Option(metavar="NAME", help="The endpoint's region.", show_default=False)
]
Rate = Annotated[
    float | None,
    typer.Option(
        "--requests-per-second", metavar="NUMBER", help="Ask the endpoint no faster.", show_default=False
    ),
]
Concurrency = Annotated[
    int, typer.Option(metavar="NUMBER", help="Requests under way at a time.", min=1, max=64)
]
Cache = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Keep the endpoint's answers in here, and go on where a run was interrupted.",
        show_default=False,
    ),
]
Tags = Annotated[
    list[str],
    typer.Option(
        metavar="NAME=VALUE",
        help="Give the endpoint's collections this tag, where its policy wants one; may be repeated.",
        show_default=False,
    ),
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask whether to pay the estimated price.")]
Seed = Annotated[int, typer.Option(metavar="NUMBER", help="What is drawn is drawn from this.")]
Memory = Annotated[
    int,
    typer.Option(
        "--memory-mb", metavar="MEGABYTES", help="How large a block of comparisons may be.", min=1, max=4096
    ),
]
Larger = Annotated[
    list[int],
    typer.Option("--gallery", metavar="SUBJECTS", help="Extrapolate to galleries of this size.", min=1),
]
People = Annotated[
    int | None,
    typer.Option(
        metavar="NUMBER",
        help="Search for so many people. [default: a third of those there are]",
        min=1,
        show_default=False,
    ),
]
By = Annotated[
    str | None,
    typer.Option(
        metavar="ATTRIBUTE", help="Tell groups apart by this. [default: the first]", show_default=False
    ),
]
HtmlFile = Annotated[
    Path | None, typer.Option("--html", metavar="FILE", help="Write a page for people.", show_default=False)
]
JsonFile = Annotated[
    Path | None,
    typer.Option(
        "--json", metavar="FILE", help="Write JSON. [default: print it, unless --html]", show_default=False
    ),
]

CardFile = Annotated[
    Path | None,
    typer.Option(
        "--card", metavar="FILE", help="Write what a pack's model card shows of it.", show_default=False
    ),
]


def evaluate(
    what: Protocols,
    dataset: DataSets,
    pack: Pack = None,
    endpoint: Endpoint = None,
    face: Face = None,
    images: Images = None,
    groups: Groups = None,
    columns: Columns = None,
    download: Download = False,
    gallery: Larger = [25_000, 1_000_000],  # noqa: B006 - typer copies it
    people: People = None,
    by: By = None,
    region: Region = None,
    requests_per_second: Rate = None,
    concurrency: Concurrency = 4,
    cache: Cache = None,
    tag: Tags = [],  # noqa: B006 - typer copies it
    yes: Yes = False,
    seed: Seed = 0,
    memory_mb: Memory = 16,
    html: HtmlFile = None,
    json: JsonFile = None,
    card: CardFile = None,
    settings: SettingsFile = None,
    debug: Debug = False,
) -> None:
    """Measure how accurate a pack is, or any Rekognition-compatible endpoint, and for whom."""
    with told_in_one_line(debug=debug):
        from countenance.doors.cli import evaluating  # noqa: PLC0415 - loads the networks' libraries

        evaluating.answer(
            evaluating.Request(
                what=tuple(dict.fromkeys(map(str, what))),
                sources=evaluating.Sources(tuple(dataset), images, groups, columns, download=download),
                engine=evaluating.EngineAsked(pack, face, settings),
                endpoint=evaluating.EndpointAsked(
                    endpoint, region, requests_per_second, concurrency, cache, tuple(tag), agreed=yes
                )
                if endpoint is not None
                else None,
                larger=tuple(gallery),
                people=people,
                attribute=by,
                seed=seed,
                block_bytes=memory_mb * 2**20,
                html=html,
                into=json,
                card=card,
            )
        )
