"""The pack of models that a server uses, with what was measured of how wrong it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from countenance.errors import PackError
from countenance.operations.overview.values import GroupErrors, MeasuredError, PackInUse
from countenance.vision import packs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_ALL_PICTURES = ".verification.all-pictures-with-each-other"
_GAPS = ".bias.gaps"
_MORE = "more errors"
_THRESHOLDS = (80, 90, 99)


def pack_in_use(name: str) -> PackInUse | None:
    """Return a pack, named or described in a file; None where it is not described on this machine."""
    try:
        description = packs.find_pack(name).description
    except PackError:
        return None
    # Of a file's pack nothing is known, though it may have the name of one that was measured.
    report = packs.measured_report(name)
    sections = report["sections"] if report is not None else []
    of_gaps = [section for section in sections if section["key"].endswith(_GAPS)]
    worse = [row for section in of_gaps for row in _rows(section) if row["verdict"] == _MORE]
    worst = max(worse, key=lambda row: float(row["ratio"]), default=None)
    return PackInUse(
        name=description.name,
        version=description.version,
        licence=description.licence.spdx,
        errors=tuple(each for section in sections for each in measured_errors(section)),
        groups_with_more_errors=len(worse) if of_gaps else None,
        most_errors=_group(worst) if worst is not None else None,
    )


def measured_errors(section: Mapping[str, Any]) -> Iterator[MeasuredError]:
    """Yield what was measured where all pictures of a data set were compared with each other."""
    if not section["key"].endswith(_ALL_PICTURES):
        return
    for row in _rows(section):
        matches, misses = row["false_match_rate"], row["false_non_match_rate"]
        if round(row["similarity"], 6) not in _THRESHOLDS or matches is None or misses is None:
            continue
        yield MeasuredError(
            data=str(section["heading"]).partition(":")[0],
            similarity=round(row["similarity"], 6),
            false_match_rate=matches["value"],
            false_match_range=(matches["low"], matches["high"]),
            false_non_match_rate=misses["value"],
            false_non_match_range=(misses["low"], misses["high"]),
        )


def _group(row: Mapping[str, Any]) -> GroupErrors:
    return GroupErrors(str(row["attribute"]), str(row["group"]), float(row["ratio"]))


def _rows(section: Mapping[str, Any]) -> list[dict[str, Any]]:
    return section["table"]["rows"] if section["table"] is not None else []
