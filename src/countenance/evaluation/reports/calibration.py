"""Of a calibration: what scores mean, whether that is true of others, and what fair calibration changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countenance.evaluation.plots.lines import StatedAndSeen, reliability_plot
from countenance.evaluation.reports.data import key_of
from countenance.reporting import Fact, Section, Table, columns

if TYPE_CHECKING:
    from countenance.evaluation.calibrating import CalibrationResult, Check
    from countenance.evaluation.fairness import FairCalibrationResult
    from countenance.evaluation.fairness_gain import FairnessGain
    from countenance.reporting import Figure, Value
    from countenance.vision import Calibration


def calibration_sections(result: CalibrationResult) -> tuple[Section, ...]:
    """Return what was fitted, and how it holds of the half of the subjects that was kept apart."""
    ladder = result.calibration
    facts = (
        Fact("data", "Fitted on", ladder.source),
        Fact("non_mated", "Non-mated comparisons", ladder.non_mated_comparisons),
        Fact("method", "Probabilities fitted by", result.method if ladder.probabilities else None),
    )
    text = (
        "The false match rate of each score, as far down as 30 false matches stand behind it, and the "
        "similarity that users see. Between the rungs the rate's logarithm is interpolated."
    )
    return (
        Section("calibration.ladder", "Scores and what they mean", None, text, facts, _ladder(ladder)),
        check_section(result.check),
    )


def check_section(check: Check) -> Section:
    """Return how a calibration holds of people whom it was not fitted on."""
    facts = [
        Fact("data", "Checked on", check.data),
        Fact("subjects", "Subjects", check.subjects),
        Fact("non_mated", "Non-mated comparisons", check.non_mated_comparisons),
        Fact("mated", "Mated comparisons", check.mated_comparisons),
    ]
    figures: tuple[Figure, ...] = ()
    if check.reliability is not None:
        facts += [
            Fact("brier", "Brier score (0.25 for who always says one half)", check.reliability.brier),
            Fact(
                "calibration_error",
                "Expected calibration error",
                check.reliability.expected_calibration_error,
            ),
        ]
        bins = [
            StatedAndSeen(each.stated, each.seen, each.comparisons)
            for each in check.reliability.bins
            if each.stated is not None and each.seen is not None
        ]
        figures = (reliability_plot(bins, caption=f"Reliability of probabilities: {check.data}"),)
    heads = columns(
        similarity="Similarity",
        score="Comparison score",
        stated="FMR stated",
        seen="FMR seen, with its interval",
    )
    rows = tuple((rate.similarity_percent, rate.score, rate.stated, rate.seen) for rate in check.rates)
    return Section(
        f"calibration.check.{key_of(check.data)}",
        f"Does it hold of others? {check.data}",
        "ISO/IEC 19795-1",
        "A calibration made without these people, held against them.",
        tuple(facts),
        Table("Stated and seen false match rates", heads, rows),
        figures,
    )


def fair_section(result: FairCalibrationResult) -> Section:
    """Return what regions of template space were made."""
    regions = result.calibration.regions
    facts = (
        Fact("regions", "Regions", len(regions.people)),
        Fact("people", "People", result.people),
        Fact("templates", "Templates", result.templates),
        Fact("fewest", "People of the smallest region", min(regions.people)),
        Fact(
            "typical_distance",
            "Typical distance of a template from the people of its region",
            regions.typical_distance,
        ),
        Fact("exponent", "Exponent", regions.exponent),
    )
    text = (
        "Fair calibration knows no demographic group. People are put into regions of template space by "
        "k-means; where the people of a region lie close together, strangers resemble each other more, and "
        "scores are adjusted."
    )
    table = _ladder(result.calibration.ladder)
    return Section("calibration.fair", "Fair calibration: the regions", None, text, facts, table)


def gain_section(name: str, attribute: str, gain: FairnessGain) -> Section:
    """Return what fair calibration changes between the groups of an attribute."""
    heads = columns(
        rate="FMR of all comparisons",
        figure="Figure",
        under_global="Global calibration",
        under_fair="Fair calibration",
        change="Change, with its interval",
    )
    rows: list[tuple[Value, ...]] = []
    for at in gain.at_rates:
        before, after = at.under_global, at.under_fair
        rows += [
            (at.overall_rate, "max/min", before.max_over_min, after.max_over_min, at.max_over_min_ratio),
            (at.overall_rate, "Gini", before.gini, after.gini, at.gini_change),
            (at.overall_rate, "TAR", before.tar, after.tar, at.tar_change),
        ]
        rows += [
            (at.overall_rate, f"FMR within {group}", one, other, None)
            for group, one, other in zip(gain.groups, before.within_groups, after.within_groups, strict=True)
        ]
    facts = (
        Fact(
            "groups",
            "People by group",
            tuple(f"{group}: {count:,}" for group, count in zip(gain.groups, gain.subjects, strict=True)),
        ),
        Fact("non_mated", "Non-mated comparisons", gain.non_mated_comparisons),
        Fact("mated", "Mated comparisons", gain.mated_comparisons),
        Fact("verdict", "Verdict", verdict(gain)),
    )
    text = (
        "False match rates within groups where each calibration lets through the same share of all "
        "non-mated comparisons. The change of max/min is a ratio, below 1 is fairer; that of Gini and TAR "
        "a difference, for which below 0 is fairer, and a loss."
    )
    title = f"Fair calibration: {name}, by {attribute}"
    key = f"calibration.fair.{key_of(name)}.{key_of(attribute)}"
    return Section(key, title, "ISO/IEC 19795-10", text, facts, Table("Before and after", heads, tuple(rows)))


def verdict(gain: FairnessGain) -> str:
    """Return in words whether groups came closer together, as surely as intervals can say."""
    parts = []
    for at in gain.at_rates:
        low, high = at.gini_change.low, at.gini_change.high
        if low is None or high is None:
            said = "cannot be told"
        elif high < 0:
            said = "smaller"
        elif low > 0:
            said = "larger"
        else:
            said = "not surely changed"
        parts.append(f"at FMR {at.overall_rate:g} the spread between groups is {said}")
        loss = at.tar_change
        if loss.high is not None and loss.high < 0:
            parts.append("and fewer mates match")
        elif loss.value is not None and loss.low is not None:
            parts.append(
                "and no fewer mates match, as far as can be told" if loss.low <= 0 else "and more mates match"
            )
    return "; ".join(parts)


def _ladder(ladder: Calibration) -> Table:
    heads = columns(
        score="Comparison score", fmr="FMR", similarity="Similarity", probability="Probability of one person"
    )
    percents, _ = ladder.similarities(ladder.scores)
    known = ladder.probabilities
    rows = tuple(
        (score, rate, float(percent), float(known.probability(score)) if known is not None else None)
        for score, rate, percent in zip(ladder.scores, ladder.false_match_rates, percents, strict=True)
    )
    return Table("Scores, false match rates and similarities", heads, rows)
