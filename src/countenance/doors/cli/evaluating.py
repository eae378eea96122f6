"""The work of ``countenance evaluate``."""

from __future__ import annotations

import contextlib
import shlex
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from countenance.doors.cli.composition import build_analyzer, image_limits, loading
from countenance.doors.cli.files import check_target
from countenance.doors.cli.outcomes import WrongUsage, tell
from countenance.doors.cli.progress_shown import showing_progress
from countenance.doors.cli.reports_written import write_json, write_report
from countenance.evaluation.datasets.opening import open_data_set
from countenance.evaluation.datasets.tables import TableColumns
from countenance.evaluation.targets.engine import EngineTarget, FaceRule
from countenance.operations.acts import unrecorded_act
from countenance.operations.evaluate import Protocol, Question, card_record, evaluate, planned_price
from countenance.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from countenance.evaluation.samples import DataSet
    from countenance.evaluation.targets.endpoint import EndpointTarget
    from countenance.evaluation.targets.port import Target

_AMAZON = "aws"
_ALL = "all"
_LEAST_COLUMNS = 2
_MOST_PROBLEMS = 10


@dataclass(frozen=True, slots=True)
class Sources:
    """Which data sets."""

    names: tuple[str, ...]
    images: Path | None
    groups: Path | None
    columns: str | None
    download: bool


@dataclass(frozen=True, slots=True)
class EngineAsked:
    """Which pack, in this process, which face it looks at, and the file of settings."""

    pack: str | None
    face: str | None
    settings: Path | None


@dataclass(frozen=True, slots=True)
class EndpointAsked:
    """Which endpoint, and how it is asked."""

    url: str
    region: str | None
    requests_per_second: float | None
    concurrency: int
    cache: Path | None
    tags: tuple[str, ...]
    agreed: bool


@dataclass(frozen=True, slots=True)
class Request:
    """What the user asks for."""

    what: tuple[str, ...]
    sources: Sources
    engine: EngineAsked
    endpoint: EndpointAsked | None
    larger: tuple[int, ...]
    people: int | None
    attribute: str | None
    seed: int
    block_bytes: int
    html: Path | None
    into: Path | None
    card: Path | None


def answer(request: Request) -> None:
    """Measure, and write the report.

    Raises:
        CountenanceError: a data set cannot be used, the target cannot be asked, or a file not written.
    """
    for file in (request.html, request.into, request.card):
        if file is not None:
            check_target(file)
    data = open_data_sets(request.sources)
    question = Question(
        protocols=tuple(Protocol) if _ALL in request.what else tuple(map(Protocol, request.what)),
        seed=request.seed,
        block_bytes=request.block_bytes,
        larger=request.larger,
        people=request.people,
        attribute=request.attribute,
        states_rates=request.endpoint is None or request.endpoint.url != _AMAZON,
        command=shlex.join(["countenance", *sys.argv[1:]]),
    )
    with _target(request, data, question) as target, showing_progress() as progress:
        report = evaluate(unrecorded_act(), target, data, question, progress)
    if request.card is not None:
        write_json(card_record(report, question.command), request.card)
    if request.card is None or request.html is not None or request.into is not None:
        write_report(report, request.html, request.into)


def open_data_sets(sources: Sources) -> list[DataSet]:
    """Read data sets, and say what is wrong with them.

    Raises:
        DataSetInvalid: one cannot be read.
        WrongUsage: the columns of a table are not named as they should be.
    """
    columns = None
    if sources.columns is not None:
        names = sources.columns.split(",")
        if len(names) < _LEAST_COLUMNS or not all(names):
            raise WrongUsage("name the columns as FILE,SUBJECT or FILE,SUBJECT,GROUP,…")
        columns = TableColumns(names[0], names[1], tuple(names[2:]))
    data = [
        open_data_set(
            name, images=sources.images, groups=sources.groups, columns=columns, download=sources.download
        )
        for name in sources.names
    ]
    for each in data:
        _warn(each)
    return data


def _warn(data: DataSet) -> None:
    for problem in data.problems[:_MOST_PROBLEMS]:
        rows = ", ".join(problem.rows[:_MOST_PROBLEMS])
        more = len(problem.rows) - _MOST_PROBLEMS
        where = f" ({rows}{f' and {more:,} more' if more > 0 else ''})" if rows else ""
        tell(f"{data.name}: {problem.kind}{where}: {problem.text}")
    if len(data.problems) > _MOST_PROBLEMS:
        tell(f"{data.name}: {len(data.problems) - _MOST_PROBLEMS:,} more problems; the report has all")


@contextlib.contextmanager
def _target(request: Request, data: list[DataSet], question: Question) -> Iterator[Target]:
    if request.endpoint is None:
        yield engine_of(request.engine)
        return
    if request.engine.face not in (None, FaceRule.LARGEST):
        raise WrongUsage("an endpoint looks at the largest face; --face central is for packs")
    if request.engine.pack is not None:
        raise WrongUsage("either a pack or an endpoint is measured")
    # Amazon's libraries take half a second to load; who measures a pack needs none of them.
    from countenance.evaluation.targets.endpoint import EndpointTarget  # noqa: PLC0415

    asked = request.endpoint
    with EndpointTarget(
        None if asked.url == _AMAZON else asked.url,
        region=asked.region,
        requests_per_second=asked.requests_per_second,
        concurrency=asked.concurrency,
        cache=asked.cache,
        tags=_tags(asked.tags),
    ) as target:
        _agree_on_price(target, data, question, asked)
        yield target


def _tags(named: tuple[str, ...]) -> dict[str, str]:
    pairs = [tag.partition("=") for tag in named]
    if not all(name and equals for name, equals, _ in pairs):
        raise WrongUsage("name a tag as NAME=VALUE")
    return {name: value for name, _, value in pairs}


def _agree_on_price(
    target: EndpointTarget, data: list[DataSet], question: Question, asked: EndpointAsked
) -> None:
    price = planned_price(target, data, question)
    cost = "" if price.usd is None else f", about {price.usd:,.2f} USD"
    time = "" if price.seconds is None else f", {price.seconds / 60:,.1f} minutes at least"
    kept = f"; {target.remembered:,} answers are in {asked.cache} already" if asked.cache is not None else ""
    tell(f"{price.calls:,} requests to {target.url}{cost}{time}; {price.basis}{kept}")
    if not price.usd or asked.agreed:
        return
    if not sys.stdin.isatty():
        raise WrongUsage("this costs money: agree with --yes")
    if input("Go on? [y/N] ").strip().lower() not in ("y", "yes"):
        raise WrongUsage("nothing was asked")


def engine_of(asked: EngineAsked) -> EngineTarget:
    """Load a pack to be measured.

    Raises:
        WrongUsage: there is no such rule of which face counts.
        PackError: the pack is unknown, not installed or damaged.
        SettingsInvalid: a setting's value is not allowed.
    """
    settings = read_settings(asked.settings)
    # What fair calibration changes is measured by `countenance calibrate --fair`, against this one.
    settings = settings.model_copy(update={"calibration": "global", "pack": asked.pack or settings.pack})
    rule = FaceRule.LARGEST
    if asked.face is not None:
        rules = {str(rule): rule for rule in FaceRule}
        if asked.face not in rules:
            raise WrongUsage(f"--face is {' or '.join(rules)}, not {asked.face!r}")
        rule = rules[asked.face]
    with loading(settings):
        return EngineTarget(build_analyzer(settings), rule, image_limits(settings))
