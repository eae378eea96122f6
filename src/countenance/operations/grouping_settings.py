"""How alike faces must be to be of one person, derived from what a pack's scores mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countenance.gallery.grouping import GroupingSettings

if TYPE_CHECKING:
    from countenance.vision import FaceAnalyzer

SAME_PERSON_PERCENT = 90.0
STRANGERS_PERCENT = 62.0


def grouping_settings(vision: FaceAnalyzer) -> GroupingSettings:
    """Return the settings for templates of an analyzer's pack.

    Where the pack has regions of template space, they are used whatever similarities rest on otherwise: with
    one ladder for all, children and others whom the pack hardly tells apart would be grouped by dozens
    (docs/decisions/0031-grouping.md).

    Raises:
        PackNotCalibrated: nobody knows what the pack's scores mean.
    """
    regional = vision.regional_calibration
    ladder = vision.calibration if regional is None else regional.ladder
    return GroupingSettings(
        same_person=ladder.score_at(SAME_PERSON_PERCENT),
        strangers=ladder.score_at(STRANGERS_PERCENT),
        surroundings=None if regional is None else regional.regions,
    )
