"""Of error by demographic group: the gaps first, then each group, each two, and how far all lie apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countenance.evaluation.bias import EQUAL_FMR, SIMILARITIES, WANTED_FMR
from countenance.evaluation.gaps import LEAST_SUBJECTS
from countenance.evaluation.plots.groups import NamedScores, forest_plot, heat_map, score_histograms
from countenance.evaluation.reports.data import key_of
from countenance.reporting import Section, Table, columns

if TYPE_CHECKING:
    from countenance.evaluation.bias import AtOneThreshold, AttributeBias, Bias
    from countenance.evaluation.comparisons import Scale
    from countenance.evaluation.gaps import Gap
    from countenance.reporting import Figure, Value

_MOST_LINES = 8


def bias_sections(measured: Bias) -> tuple[Section, ...]:
    """Return what a measurement of bias shows: all gaps, then each attribute."""
    sections = [_gaps(measured)]
    for each in measured.attributes:
        prefix = f"{key_of(measured.data.name)}.bias.{key_of(each.attribute)}"
        title = f"{measured.data.name}, by {each.attribute}"
        sections += [
            _recognition(prefix, title, each, measured.scale),
            _cells(prefix, title, each),
            _differentials(prefix, title, each),
            _detection(prefix, title, each),
        ]
    return tuple(sections)


def _gaps(measured: Bias) -> Section:
    heads = columns(
        attribute="Attribute",
        group="Group",
        measure="Rate",
        verdict="Verdict",
        ratio="Against the others",
        low="Interval from",
        high="to",
    )
    found: list[tuple[str, str, Gap]] = []
    for each in measured.attributes:
        found += [(each.attribute, "false match rate", gap) for gap in each.false_match_gaps]
        found += [(each.attribute, "false non-match rate", gap) for gap in each.non_match_gaps]
        found += [(each.attribute, "failure to enrol", gap) for gap in each.failure_gaps]
    found.sort(key=lambda item: -item[2].ratio)
    rows: tuple[tuple[Value, ...], ...] = tuple(
        (
            attribute,
            gap.group,
            rate,
            "more errors" if gap.worse else "fewer errors",
            gap.ratio,
            gap.low,
            gap.high,
        )
        for attribute, rate, gap in found
    )
    text = (
        "Groups that differ from the others by more than chance explains, worst first. Rates are compared "
        f"where the false match rate of all comparisons is {WANTED_FMR:g}; the ratio is to the geometric "
        "mean of the other groups, and its interval holds for all groups at once, so that equal groups are "
        f"accused in no more than 5 % of evaluations. Groups of fewer than {LEAST_SUBJECTS} people are "
        "shown but not judged."
    )
    empty = (
        "No group differs from the others by more than chance explains. Small groups could still hide a gap."
    )
    table = Table("Gaps between groups", heads, rows, empty)
    name = measured.data.name
    return Section(
        f"{key_of(name)}.bias.gaps", f"{name}: gaps between groups", "ISO/IEC 19795-10", text, (), table
    )


def _recognition(prefix: str, title: str, each: AttributeBias, scale: Scale) -> Section:
    heads = columns(
        group="Group",
        samples="Pictures",
        subjects="People",
        threshold="Similarity",
        chosen="Threshold",
        false_match_rate="FMR within the group",
        false_non_match_rate="FNMR",
        similarity_at_equal_fmr=f"Similarity for FMR {EQUAL_FMR:g}",
        fnmr_at_equal_fmr="FNMR there",
    )
    everybody = sum(group.samples for group in each.groups)
    rows: list[tuple[Value, ...]] = [
        (
            "everybody",
            everybody,
            at.overall_fmr.subjects,
            at.similarity,
            at.chosen,
            at.overall_fmr,
            *(None,) * 3,
        )
        for at in each.thresholds
    ]
    for number, group in enumerate(each.groups):
        own = each.at_equal_fmr[number]
        rows += [
            (
                group.name,
                group.samples,
                group.subjects,
                at.similarity,
                at.chosen,
                at.fmr[number, number],
                at.fnmr[number],
                own.similarity,
                own.fnmr,
            )
            for at in each.thresholds
        ]
    text = (
        "Recognition, at thresholds that are the same for all groups: false matches between people of one "
        "group (of everybody, between any two), and false non-matches. The last columns say what threshold "
        "would give each group the same false match rate."
    )
    if each.not_stated:
        text += f" Of {each.not_stated:,} pictures the data set does not say the group; they are left out."
    table = Table("Error rates by group", heads, tuple(rows))
    return Section(
        f"{prefix}.recognition",
        f"{title}: recognition",
        "ISO/IEC 19795-10",
        text,
        (),
        table,
        _rates_by_group(title, each) + _scores_by_group(title, each, scale),
    )


def _rates_by_group(title: str, each: AttributeBias) -> tuple[Figure, ...]:
    at, names = each.thresholds[-1], [group.name for group in each.groups]
    where = f"at similarity {at.similarity:.2f}: {title}"
    figures = [
        forest_plot(
            names,
            [at.fmr[number, number] for number in range(len(names))],
            overall=at.overall_fmr,
            label="false match rate within the group",
            caption=f"False match rate {where}",
        )
    ]
    if any(estimate.trials for estimate in at.fnmr):
        figures.append(
            forest_plot(
                names,
                at.fnmr,
                overall=None,
                label="false non-match rate",
                caption=f"False non-match rate {where}",
            )
        )
    return tuple(figures)


def _scores_by_group(title: str, each: AttributeBias, scale: Scale) -> tuple[Figure, ...]:
    if len(each.groups) > _MOST_LINES:
        return ()
    sets = [
        NamedScores(group.name, comparisons, mated=mated)
        for number, group in enumerate(each.groups)
        for comparisons, mated in (
            (each.cells.mated[number], True),
            (each.cells.non_mated[number, number], False),
        )
    ]
    return (score_histograms(sets, scale, SIMILARITIES, caption=f"Scores within groups: {title}"),)


def _cells(prefix: str, title: str, each: AttributeBias) -> Section:
    at = each.thresholds[-1]
    heads = columns(
        first="Group",
        second="With group",
        false_match_rate="FMR",
        false_matches="False matches",
        comparisons="Comparisons",
        subjects="People",
    )
    ranked = sorted(at.fmr.items(), key=lambda item: -(item[1].value or 0.0))
    rows: tuple[tuple[Value, ...], ...] = tuple(
        (
            each.groups[one].name,
            each.groups[other].name,
            estimate,
            estimate.errors,
            estimate.trials,
            estimate.subjects,
        )
        for (one, other), estimate in ranked
        if estimate.trials
    )
    text = (
        f"False matches between each two groups at similarity {at.similarity:.2f} ({at.chosen}), highest "
        "first."
    )
    table = Table("False match rate between groups", heads, rows)
    figure = heat_map(
        [group.name for group in each.groups],
        at.fmr,
        label="false match rate",
        caption=f"False match rate between groups: {title}",
    )
    key, heading = f"{prefix}.between-groups", f"{title}: between groups"
    return Section(key, heading, "NIST FRTE part 8", text, (), table, (figure,))


def _differentials(prefix: str, title: str, each: AttributeBias) -> Section:
    heads = columns(
        similarity="Similarity",
        chosen="Threshold",
        figure="Figure",
        false_match_rate="Of FMR",
        false_non_match_rate="Of FNMR",
        both="Of both",
    )
    rows = [row for at in each.thresholds for row in _figures(at)]
    text = (
        "How far groups lie apart, with intervals: 1 is equal for ratios, the inequity rate and FDR, 0 is "
        "equal for the Gini coefficient and GARBE. A smallest rate of zero says that too few comparisons "
        "were made: ratios are not estimable then. Both rates are weighed alike (α = β = ½)."
    )
    table = Table("Differentials", heads, tuple(rows))
    return Section(f"{prefix}.differentials", f"{title}: differentials", "ISO/IEC 19795-10", text, (), table)


def _figures(at: AtOneThreshold) -> list[tuple[Value, ...]]:
    apart = at.differentials
    first, second = apart.false_match, apart.non_match
    named = (
        ("max/min", first.max_over_min, second.max_over_min, None),
        ("max/geometric mean", first.max_over_geometric_mean, second.max_over_geometric_mean, None),
        ("Gini", first.gini, second.gini, None),
        ("GARBE", None, None, apart.garbe),
        ("inequity rate", None, None, apart.inequity_rate),
        ("FDR", None, None, apart.fairness_discrepancy_rate),
    )
    return [(at.similarity, at.chosen, *row) for row in named]


def _detection(prefix: str, title: str, each: AttributeBias) -> Section:
    heads = columns(group="Group", samples="Pictures", subjects="People", failure_to_enrol="Failure to enrol")
    rows: tuple[tuple[Value, ...], ...] = tuple(
        (group.name, group.samples, group.subjects, group.failures)
        for group in sorted(each.groups, key=lambda group: -(group.failures.value or 0.0))
    )
    text = (
        "Face analysis, apart from recognition: pictures in which no face was found, or that were unreadable."
    )
    table = Table("Failures by group, worst first", heads, rows)
    figure = forest_plot(
        [group.name for group in each.groups],
        [group.failures for group in each.groups],
        overall=None,
        label="failure to enrol",
        caption=f"Failure to enrol: {title}",
    )
    key, heading = f"{prefix}.detection", f"{title}: faces not found"
    return Section(key, heading, None, text, (), table, (figure,))
