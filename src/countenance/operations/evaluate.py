"""Measure how accurate a target is, for whom, and at which thresholds."""

from __future__ import annotations

import enum
import platform
import re
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from countenance.errors import DataSetInvalid, TooFewSubjects
from countenance.evaluation.bias import measure_bias
from countenance.evaluation.matrix import BLOCK_BYTES
from countenance.evaluation.one_to_many import (
    CANDIDATES,
    choose_roles,
    measure_identification,
    strangers_of,
    study_thresholds,
)
from countenance.evaluation.reports.bias import bias_sections
from countenance.evaluation.reports.data import key_of
from countenance.evaluation.reports.identification import identification_sections
from countenance.evaluation.reports.thresholds import threshold_sections
from countenance.evaluation.reports.verification import verification_sections
from countenance.evaluation.samples import distinctly_named
from countenance.evaluation.targets.port import no_progress
from countenance.evaluation.threshold_study import LARGER, SIMILARITIES, StatedRates
from countenance.evaluation.verification import pairs_of, verify
from countenance.operations.reports.records import report_record
from countenance.reporting import Fact, Report, Section
from countenance.vision.calibration import false_match_rate_at

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from countenance.evaluation.samples import DataSet
    from countenance.evaluation.targets.endpoint import EndpointTarget
    from countenance.evaluation.targets.port import Progress, Target
    from countenance.evaluation.targets.pricing import PriceEstimate
    from countenance.operations.acts import Act

__all__ = ["Protocol", "Question", "card_record", "evaluate", "planned_price"]

# The data, verification, gaps, and each single attribute: joined ones would make a card too long to be read.
_ON_CARDS = re.compile(
    r"\.data$|\.verification\.|\.bias\.gaps$|\.bias\.(?!.*-and-).*\.(recognition|detection)$|^repeat$"
)


_NOT_ALLOWED = (DataSetInvalid, TooFewSubjects)


class Protocol(enum.StrEnum):
    """What can be measured."""

    VERIFY = "verify"
    IDENTIFY = "identify"
    BIAS = "bias"
    THRESHOLDS = "thresholds"


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be measured.

    Attributes:
        protocols: what, in this order.
        seed: from which weights and choices are drawn.
        block_bytes: how large a block of comparisons may be.
        larger: sizes of galleries to extrapolate to.
        people: how many people a threshold study searches for; None for a third of those that there are.
        attribute: by which it tells groups apart; None for the first that the data set has.
        states_rates: whether the target promises what similarities mean, as Countenance does.
        command: what was typed, so that another can type it.
    """

    protocols: tuple[Protocol, ...]
    seed: int = 0
    block_bytes: int = BLOCK_BYTES
    larger: tuple[int, ...] = LARGER
    people: int | None = None
    attribute: str | None = None
    states_rates: bool = True
    command: str = ""


def evaluate(
    act: Act, target: Target, data: Sequence[DataSet], question: Question, progress: Progress = no_progress
) -> Report:
    """Measure a target with data sets and return the report.

    Where several protocols are asked for, one that a data set does not allow is told in the report.

    Raises:
        NotPermitted: the caller's key does not allow it.
        DataSetInvalid: a data set does not have what the only protocol needs.
        TooFewSubjects: a data set has too few people for the only protocol.
        EndpointUnusable: the endpoint under test cannot be asked.
    """
    act.permit("evaluate")
    act.note(target=target.name, data=[each.digest() for each in data])
    started = datetime.now(UTC)
    data = distinctly_named(data)
    sections = [
        section
        for each in data
        for protocol in question.protocols
        for section in _measured(protocol, target, each, question, progress)
    ]
    names = ", ".join(each.name for each in data)
    introduction = (
        f"What was measured: {target.name}. With: {names}. Intervals are 95 % and come from a bootstrap over "
        "subjects, for comparisons that share a person are not independent."
    )
    return Report(
        "evaluation",
        f"Evaluation of {target.name}",
        introduction,
        datetime.now(UTC),
        act.request_id or None,
        None,
        (*sections, repeating(question.command, question.seed, started)),
    )


def _measured(
    protocol: Protocol, target: Target, data: DataSet, question: Question, progress: Progress
) -> tuple[Section, ...]:
    try:
        return _PROTOCOLS[protocol](target, data, question, progress)
    except _NOT_ALLOWED as error:
        if len(question.protocols) == 1:
            raise
        heading = f"{data.name}: {protocol} was not measured"
        return (Section(f"{key_of(data.name)}.{protocol}.not-measured", heading, None, f"{error}."),)


def planned_price(target: EndpointTarget, data: Sequence[DataSet], question: Question) -> PriceEstimate:
    """Return what measuring an endpoint will take, without asking it anything."""
    calls = 0
    for each in data:
        for protocol in question.protocols:
            with suppress(*_NOT_ALLOWED):  # what is not measured costs nothing
                calls += _price(target, each, protocol, question).calls
    return target.price(calls)


def _price(target: EndpointTarget, data: DataSet, protocol: Protocol, question: Question) -> PriceEstimate:
    if protocol is Protocol.IDENTIFY:
        roles = choose_roles(data, question.seed)
        return target.price_of_searches(data, roles.gallery, roles.probes, CANDIDATES)
    if protocol is Protocol.THRESHOLDS:
        choice = strangers_of(data, question.people, _attribute(data, question), question.seed)
        return target.price_of_searches(data, choice.gallery, choice.probes, 1)
    return target.price_of_pairs(data, pairs_of(data, question.seed))


def _verification(
    target: Target, data: DataSet, question: Question, progress: Progress
) -> tuple[Section, ...]:
    return verification_sections(
        verify(target, data, seed=question.seed, block_bytes=question.block_bytes, progress=progress)
    )


def _identification(
    target: Target, data: DataSet, question: Question, progress: Progress
) -> tuple[Section, ...]:
    measured = measure_identification(
        target,
        data,
        seed=question.seed,
        larger=question.larger,
        block_bytes=question.block_bytes,
        progress=progress,
    )
    return identification_sections(measured)


def _bias(target: Target, data: DataSet, question: Question, progress: Progress) -> tuple[Section, ...]:
    return bias_sections(
        measure_bias(target, data, seed=question.seed, block_bytes=question.block_bytes, progress=progress)
    )


def _thresholds(target: Target, data: DataSet, question: Question, progress: Progress) -> tuple[Section, ...]:
    stated = None
    if question.states_rates:
        rates = tuple(false_match_rate_at(similarity) for similarity in SIMILARITIES)
        stated = StatedRates("the calibration behind similarity", rates)
    studied = study_thresholds(
        target,
        data,
        stated=stated,
        people=question.people,
        attribute=_attribute(data, question),
        seed=question.seed,
        larger=question.larger,
        progress=progress,
    )
    return threshold_sections(studied)


def _attribute(data: DataSet, question: Question) -> str | None:
    return question.attribute or next(iter(data.attributes), None)


_PROTOCOLS: dict[Protocol, Callable[[Target, DataSet, Question, Progress], tuple[Section, ...]]] = {
    Protocol.VERIFY: _verification,
    Protocol.IDENTIFY: _identification,
    Protocol.BIAS: _bias,
    Protocol.THRESHOLDS: _thresholds,
}


def repeating(command: str, seed: int, started: datetime) -> Section:
    """Return what another needs to make the same report."""
    facts = (
        Fact("command", "Command", command or None),
        Fact("version", "Countenance", version("countenance")),
        Fact("python", "Python", platform.python_version()),
        Fact("libraries", "Libraries", tuple(f"{name} {version(name)}" for name in ("numpy", "onnxruntime"))),
        Fact("seed", "Seed", seed),
        Fact("seconds", "Seconds", (datetime.now(UTC) - started).total_seconds()),
    )
    text = (
        "The same command on data with the same SHA-256 gives the same figures, but for roundings between "
        "machines."
    )
    return Section("repeat", "How to repeat this", None, text, facts)


def card_record(report: Report, command: str) -> dict[str, Any]:
    """Return what a model card shows of a report of a pack, as JSON: the file that `models card` reads."""
    sections = [section for section in report.sections if _ON_CARDS.search(section.key)]
    shown = [replace(section, figures=()) for section in sections]
    record = report_record(replace(report, sections=tuple(shown)))
    for kept, section in zip(record["sections"], shown, strict=True):
        kept["labels"] = {fact.key: fact.label for fact in section.facts}
        if section.table is not None:
            kept["table"]["empty"] = section.table.empty
    return {
        "introduction": report.introduction,
        "command": command,
        "generated_at": record["generated_at"],
        "sections": record["sections"],
    }
