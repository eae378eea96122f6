"""How many false matches to expect of a search, from the size of the gallery and the threshold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countenance.reporting import Table, columns
from countenance.vision.calibration import false_match_rate_at

if TYPE_CHECKING:
    from collections.abc import Iterable

    from countenance.operations.reports.described import DescribedCollection

THRESHOLDS = (80, 90, 95, 99)
"""The similarities at which reports tell error rates."""


def error_rates(collections: Iterable[tuple[DescribedCollection, int]]) -> Table:
    """Return, for collections given with their numbers of faces, what to expect at each threshold."""
    heads = columns(
        collection="Collection",
        purpose="Purpose",
        pack="Pack",
        gallery="Faces",
        threshold="Similarity",
        false_match_rate="False match rate",
        expected_false_matches="Expected false matches of a search",
    )
    rows = tuple(
        (
            described.collection_id,
            described.purpose,
            described.collection.pack,
            faces,
            threshold,
            float(f"{false_match_rate_at(threshold):.3g}"),
            float(f"{false_match_rate_at(threshold) * faces:.3g}"),
        )
        for described, faces in collections
        for threshold in THRESHOLDS
    )
    return Table("False matches to expect of one search", heads, rows, "There are no collections.")
