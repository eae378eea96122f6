"""Of a threshold study: how many people who are not in the gallery are matched to somebody in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countenance.evaluation.plots.lines import MatchedAt, MatchedBy, threshold_plot
from countenance.evaluation.reports.data import key_of
from countenance.reporting import Fact, Section, Table, columns

if TYPE_CHECKING:
    from countenance.evaluation.one_to_many import Studied
    from countenance.evaluation.threshold_study import Matched
    from countenance.reporting import Column, Figure, Value


def threshold_sections(measured: Studied) -> tuple[Section, ...]:
    """Return what a threshold study shows: of all people, then of each group."""
    study, choice, name = measured.study, measured.choice, measured.data.name
    facts = (
        Fact("people", "People searched for, none of whom is in the gallery", study.people),
        Fact("failures", "of whose probe no template could be made", study.failures),
        Fact("gallery", "Subjects in the gallery", study.gallery),
        Fact("not_enrolled", "of whom no template could be made", study.not_enrolled),
        Fact("stated_by", "Who states the false match rates", study.stated_by or None),
        Fact("attribute", "Groups are told apart by", choice.attribute),
        Fact(
            "groups",
            "People of each group searched for, and in the gallery",
            tuple(
                f"{each.name or 'not stated'}: {each.probes:,}, {each.gallery:,}" for each in choice.chosen
            ),
        ),
        Fact("seed", "Seed of the choice", choice.seed),
    )
    text = (
        "The experiment that the American Civil Liberties Union made in 2018 with 535 members of Congress: "
        "search for people who are not there, and count who is matched. Expected numbers are people × (1 − "
        "(1 − FMR)^N); those for larger galleries are extrapolated, from the stated FMR and from the one "
        "observed."
    )
    prefix = f"{key_of(name)}.thresholds"
    heads = _heads(study.overall)
    sections = [
        Section(
            prefix,
            f"{name}: people falsely matched",
            None,
            text,
            facts,
            Table("People falsely matched, by threshold", heads, tuple(map(_row, study.overall))),
            (_figure(measured),),
        )
    ]
    if study.groups:
        grouped = columns(group="Group") + heads
        rows = tuple((each.group, *_row(each)) for each in study.groups)
        sections.append(
            Section(
                f"{prefix}.groups",
                f"{name}: people falsely matched, by {choice.attribute}",
                None,
                "The same by group of the people who were searched for.",
                (),
                Table("People falsely matched, by group", grouped, rows),
            )
        )
    return tuple(sections)


def _figure(measured: Studied) -> Figure:
    study = measured.study
    by_name: dict[str, list[MatchedAt]] = {}
    for each in (*study.overall, *study.groups):
        share = each.expected / each.people if each.expected is not None and each.people else None
        by_name.setdefault(each.group or "all", []).append(MatchedAt(each.similarity, each.observed, share))
    lines = [MatchedBy(name, tuple(at)) for name, at in by_name.items()]
    return threshold_plot(lines, caption=f"People falsely matched, by threshold: {measured.data.name}")


def _heads(study: tuple[Matched, ...]) -> tuple[Column, ...]:
    larger = [each.gallery for each in study[0].elsewhere] if study else []
    return columns(
        similarity="Similarity",
        people="People",
        observed="Observed",
        share="Share",
        expected="Expected",
        implied_fmr="FMR implied",
        stated_fmr="FMR stated",
        **{
            key: label
            for size in larger
            for key, label in (
                (f"stated_in_{size}", f"Expected in {size:,}, as stated"),
                (f"observed_in_{size}", f"Expected in {size:,}, as observed"),
            )
        },
    )


def _row(each: Matched) -> tuple[Value, ...]:
    elsewhere = [value for one in each.elsewhere for value in (one.by_stated, one.by_observed)]
    return (
        each.similarity,
        each.people,
        each.observed.errors,
        each.observed,
        each.expected,
        each.implied_fmr,
        each.stated_fmr,
        *elsewhere,
    )
