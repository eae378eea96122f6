"""Of a data set: what is in it, what is wrong with it, and by what another knows that theirs is the same."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from countenance.reporting import Fact, Section, Table, columns

if TYPE_CHECKING:
    from collections.abc import Mapping

    from countenance.evaluation.estimates import Estimate
    from countenance.evaluation.samples import DataSet, Problem

_MOST_ROWS = 20


def key_of(name: str) -> str:
    """Return a name as part of a key: lower case, words joined by hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def data_section(data: DataSet, failures: Mapping[int, str], failed: Estimate) -> Section:
    """Return what a data set is, and what could not be used of it.

    Args:
        data: the data set.
        failures: by sample number, why no template could be made.
        failed: the share of samples of which none could be made.
    """
    subjects = {sample.subject for sample in data.samples}
    facts = (
        Fact("name", "Data set", data.name),
        Fact("samples", "Pictures", len(data.samples)),
        Fact("subjects", "Subjects", len(subjects)),
        Fact("pairs", "Pairs that its protocol lists", len(data.pairs) if data.pairs is not None else None),
        Fact("attributes", "Demographic attributes", data.attributes),
        Fact("failure_to_enrol", "Failure to enrol: pictures without a template", failed),
        Fact("reasons", "Reasons", _reasons(failures)),
        Fact("data_sha256", "SHA-256 of pictures, subjects, groups and pairs", data.digest()),
    )
    heads = columns(kind="What", rows="Rows", text="What was done about it")
    rows = tuple((str(problem.kind), _rows(problem), problem.text) for problem in data.problems)
    table = Table("What is wrong with the data", heads, rows, "Nothing was found to be wrong.")
    text = "Nothing is left out silently: each row that could not be used as it stands is named below."
    return Section(f"{key_of(data.name)}.data", f"{data.name}: the data", None, text, facts, table)


def _reasons(failures: Mapping[int, str]) -> tuple[str, ...]:
    counted: dict[str, int] = {}
    for reason in failures.values():
        counted[reason] = counted.get(reason, 0) + 1
    ranked = sorted(counted.items(), key=lambda item: -item[1])
    shown = [f"{reason}: {count:,}" for reason, count in ranked[:_MOST_ROWS]]
    rest = sum(count for _, count in ranked[_MOST_ROWS:])
    return (*shown, *((f"other reasons: {rest:,}",) if rest else ()))


def _rows(problem: Problem) -> tuple[str, ...]:
    more = len(problem.rows) - _MOST_ROWS
    return (*problem.rows[:_MOST_ROWS], *((f"and {more:,} more",) if more > 0 else ()))
