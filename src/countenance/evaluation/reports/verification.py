"""Of verification: error rates at thresholds, the DET curve, the scores."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countenance.evaluation.datasets.checking import unreadable
from countenance.evaluation.plots.curves import NamedCurve, det_plot
from countenance.evaluation.plots.groups import NamedScores, score_histograms
from countenance.evaluation.plots.scales import tick
from countenance.evaluation.recognition import SIMILARITIES
from countenance.evaluation.reports.data import data_section, key_of
from countenance.reporting import Fact, Section, Table, columns

if TYPE_CHECKING:
    from countenance.evaluation.recognition import AtThreshold, Recognition
    from countenance.evaluation.verification import Verification
    from countenance.reporting import Figure, Value

CONSTANT = (
    "All answers are the same: this target does not compare pictures at all. The rates below say nothing of "
    "recognition."
)


def verification_sections(measured: Verification) -> tuple[Section, ...]:
    """Return what a verification shows."""
    data = measured.data.with_problems(unreadable(measured.data, measured.failures))
    return (
        data_section(data, measured.failures, measured.failures_to_enrol),
        *(_section(measured, each) for each in measured.sets),
    )


def _section(measured: Verification, found: Recognition) -> Section:
    name = measured.data.name
    facts = [
        Fact("mated", "Mated comparisons", found.mated.total),
        Fact("mated_failed", "Mated pairs that could not be compared", found.mated.failures),
        Fact("non_mated", "Non-mated comparisons", found.non_mated.total),
        Fact("non_mated_failed", "Non-mated pairs that could not be compared", found.non_mated.failures),
        Fact("subjects", "Subjects", measured.subjects),
        Fact("equal_error_rate", "Equal error rate", found.equal_error_rate),
        Fact("area_under_curve", "Area under the ROC curve", found.area_under_curve),
    ]
    if measured.folds is not None and found is measured.sets[0]:
        folds = measured.folds
        facts += [
            Fact("folds", "Folds", folds.folds),
            Fact("fold_accuracy", "Mean accuracy over the folds", folds.mean),
            Fact("fold_accuracy_standard_error", "Its standard error", folds.standard_error),
        ]
    text = (
        "FNMR at a false match rate is told down to where three false matches are to be expected (rule of "
        "3). A threshold is well supported where 30 are behind it (rule of 30)."
    )
    if measured.constant:
        text = f"{CONSTANT} {text}"
    heads = columns(
        threshold="Threshold",
        similarity="Similarity",
        score=measured.scale.name.capitalize(),
        false_match_rate="FMR",
        false_non_match_rate="FNMR",
        fnmr_with_failures="FNMR, failures counted",
        well_supported="Well supported",
    )
    rows = tuple(_row(each) for each in (*found.at_similarities, *found.at_fmrs))
    return Section(
        f"{key_of(name)}.verification.{key_of(found.name)}",
        f"{name}: verification, {found.name}",
        "ISO/IEC 19795-1",
        text,
        tuple(facts),
        Table("Error rates by threshold", heads, rows),
        _figures(measured, found),
    )


def _figures(measured: Verification, found: Recognition) -> tuple[Figure, ...]:
    title = f"{measured.data.name}, {found.name}"
    curve = NamedCurve(found.name, found.curve, found.non_mated.total, found.at_fmrs)
    scores = (
        NamedScores("comparisons", found.mated, mated=True),
        NamedScores("comparisons", found.non_mated, mated=False),
    )
    return (
        det_plot([curve], caption=f"Detection error trade-off: {title}"),
        score_histograms(scores, measured.scale, SIMILARITIES, caption=f"Scores: {title}"),
    )


def _row(at: AtThreshold) -> tuple[Value, ...]:
    # The blanks do not break, so that a threshold stays on one line.
    chosen = f"similarity\N{NO-BREAK SPACE}{at.similarity:g}"
    if at.wanted_fmr is not None:
        chosen = f"FMR\N{NO-BREAK SPACE}{tick(at.wanted_fmr)}"
    return (
        chosen,
        at.similarity,
        at.score,
        at.fmr,
        at.fnmr,
        at.fnmr_with_failures,
        at.well_supported,
    )
