"""``countenance calibrate``: what a pack's comparison scores mean."""

import enum
from pathlib import Path
from typing import Annotated

import typer

from countenance.doors.cli.evaluate import (
    Columns,
    DataSets,
    Download,
    Face,
    Groups,
    HtmlFile,
    Images,
    JsonFile,
    Seed,
)
from countenance.doors.cli.options import Debug, Pack, SettingsFile
from countenance.doors.cli.outcomes import told_in_one_line


class Method(enum.StrEnum):
    """How probabilities are fitted."""

    ISOTONIC = "isotonic"
    LOGISTIC = "logistic"


Checks = Annotated[
    list[str],
    typer.Option(
        "--check",
        metavar="KIND:PATH",
        help="Check it with this data set of other people, beside half of the first; may be repeated.",
        show_default=False,
    ),
]
Fair = Annotated[
    bool, typer.Option("--fair", help="Make regions of template space, for the setting calibration = fair.")
]
How = Annotated[Method, typer.Option("--method", help="How probabilities are fitted.")]
TomlFile = Annotated[
    Path | None,
    typer.Option("--toml", metavar="FILE", help="Write the part of a pack.toml.", show_default=False),
]


def calibrate(
    dataset: DataSets,
    check: Checks = [],  # noqa: B006 - typer copies it
    fair: Fair = False,
    method: How = Method.ISOTONIC,
    pack: Pack = None,
    face: Face = None,
    images: Images = None,
    groups: Groups = None,
    columns: Columns = None,
    download: Download = False,
    seed: Seed = 0,
    toml: TomlFile = None,
    html: HtmlFile = None,
    json: JsonFile = None,
    settings: SettingsFile = None,
    debug: Debug = False,
) -> None:
    """Fit what a pack's comparison scores mean: false match rate, similarity, probability."""
    with told_in_one_line(debug=debug):
        from countenance.doors.cli import calibrating, evaluating  # noqa: PLC0415 - loads the networks' libraries

        calibrating.answer(
            calibrating.Request(
                sources=evaluating.Sources(tuple(dataset), images, groups, columns, download=download),
                checks=tuple(check),
                fair=fair,
                method=method,
                engine=evaluating.EngineAsked(pack, face, settings),
                seed=seed,
                toml=toml,
                html=html,
                into=json,
            )
        )
