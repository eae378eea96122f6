"""Of identification: rates at thresholds and ranks, and how they move with the size of the gallery."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countenance.evaluation.plots.lines import AtSize, BySize, gallery_plot
from countenance.evaluation.reports.data import key_of
from countenance.reporting import Fact, Section, Table, columns

if TYPE_CHECKING:
    from countenance.evaluation.one_to_many import Identified
    from countenance.reporting import Estimate, Figure, Value


def identification_sections(measured: Identified) -> tuple[Section, ...]:
    """Return what a measurement of identification shows."""
    sections = [_open_set(measured)]
    mated = measured.rates.mated > 0
    if mated:
        sections.append(_ranks(measured))
    if measured.sizes is not None:
        sections.append(_sizes(measured))
        if mated:
            sections.append(_misses(measured))
    return tuple(sections)


def _open_set(measured: Identified) -> Section:
    rates, similarity = measured.rates, measured.scale.similarity
    facts = (
        Fact("gallery", "Subjects in the gallery", rates.gallery),
        Fact("not_enrolled", "of whom no template could be made", rates.not_enrolled),
        Fact("mated", "Searches for somebody who is in it", rates.mated),
        Fact("mated_failures", "of whose probe no template could be made", rates.mated_failures),
        Fact("non_mated", "Searches for somebody who is not", rates.non_mated),
        Fact("non_mated_failures", "of whose probe no template could be made", rates.non_mated_failures),
    )
    heads = columns(
        threshold="Threshold",
        similarity="Similarity",
        fpir="FPIR",
        fnir="FNIR",
        well_supported="Well supported",
    )
    rows: list[tuple[Value, ...]] = [
        (f"similarity {like:.4g}", like, at.fpir, at.fnir, None)
        for at in rates.at_thresholds
        for like in [float(similarity(at.threshold))]
    ]
    rows += [
        (
            f"FPIR {at.fpir:g}",
            None if at.threshold is None else float(similarity(at.threshold)),
            at.fpir,
            at.fnir,
            at.thirty_errors,
        )
        for at in rates.at_fpir
    ]
    text = (
        "Open-set identification: of those who are not in the gallery, how many searches return anybody at "
        "the threshold or above (FPIR); of those who are, how many do not return them first (FNIR). "
        "Failures count as searches that return nobody."
    )
    return Section(
        f"{key_of(measured.data.name)}.identification",
        f"{measured.data.name}: identification",
        "ISO/IEC 19795-1",
        text,
        facts,
        Table("Error rates by threshold", heads, tuple(rows)),
    )


def _ranks(measured: Identified) -> Section:
    heads = columns(rank="Rank", identified="Identified within it")
    rows = tuple((each.rank, each.identified) for each in measured.rates.ranks)
    text = "Closed-set identification, whatever the score: how many mates are among the best candidates."
    name = measured.data.name
    return Section(
        f"{key_of(name)}.identification.ranks",
        f"{name}: rank",
        "ISO/IEC 19795-1",
        text,
        (),
        Table("Identification rate by rank", heads, rows),
    )


def _sizes(measured: Identified) -> Section:
    assert measured.sizes is not None  # noqa: S101 - the caller has looked
    heads = columns(
        similarity="Similarity",
        gallery="Subjects in the gallery",
        measured="FPIR measured",
        independent="FPIR if comparisons were independent",
        trend="FPIR by the measured trend",
    )
    rows = tuple(
        (
            float(measured.scale.similarity(each.threshold)),
            each.gallery,
            _known(each.measured),
            _known(each.independent),
            _known(each.trend),
        )
        for each in measured.sizes.false_positives
    )
    text = (
        "How false positives grow with the gallery. Up to the size that there is the rate is measured; "
        "beyond it two extrapolations are given: 1 − (1 − FMR)^N, as if each comparison were a draw of its "
        "own, and the trend from a tenth of the gallery to the whole. They differ because comparisons are "
        "not independent: some people resemble many. Whether the trend goes on no data of this size can "
        "say."
    )
    name = measured.data.name
    return Section(
        f"{key_of(name)}.identification.gallery-size",
        f"{name}: larger and smaller galleries",
        "NIST FRTE 1:N",
        text,
        (),
        Table("False positives by size of the gallery", heads, rows),
        (_by_size(measured),),
    )


def _by_size(measured: Identified) -> Figure:
    assert measured.sizes is not None  # noqa: S101 - the caller has looked
    found: dict[float, list[AtSize]] = {}
    for each in measured.sizes.false_positives:
        at = AtSize(each.gallery, _known(each.measured), _known(each.independent), _known(each.trend))
        found.setdefault(float(measured.scale.similarity(each.threshold)), []).append(at)
    lines = [BySize(f"similarity {similarity:.4g}", tuple(sizes)) for similarity, sizes in found.items()]
    return gallery_plot(lines, caption=f"False positives by size of the gallery: {measured.data.name}")


def _misses(measured: Identified) -> Section:
    assert measured.sizes is not None  # noqa: S101 - the caller has looked
    heads = columns(gallery="Subjects in the gallery", identified="Rank-1", fpir="FPIR", fnir="FNIR there")
    rows = tuple(
        (each.gallery, each.identified, at.fpir, _known(at.fnir))
        for each in measured.sizes.misses
        for at in each.at_fpir
    )
    name = measured.data.name
    return Section(
        f"{key_of(name)}.identification.misses",
        f"{name}: mates found, by size of the gallery",
        "NIST FRTE 1:N",
        "Each size has thresholds of its own, at which FPIR is as stated.",
        (),
        Table("Mates found by size of the gallery", heads, rows),
    )


def _known(estimate: Estimate) -> Estimate | None:
    return estimate if estimate.value is not None else None
