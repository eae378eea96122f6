"""Of windows on the same face the surest stays."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.vision.detection.suppression import suppress

BOX = st.tuples(*[st.integers(0, 20)] * 2, *[st.integers(1, 15)] * 2)


def slow_twin(
    boxes: npt.NDArray[np.float64], scores: npt.NDArray[np.float64], limit: float, measure: str
) -> list[int]:
    def area(box: npt.NDArray[np.float64]) -> float:
        return float((box[2] - box[0]) * (box[3] - box[1]))

    kept: list[int] = []
    for index in sorted(range(len(boxes)), key=lambda index: -scores[index]):
        for other in kept:
            one, two = boxes[index], boxes[other]
            width = min(one[2], two[2]) - max(one[0], two[0])
            height = min(one[3], two[3]) - max(one[1], two[1])
            shared = max(width, 0) * max(height, 0)
            whole = area(one) + area(two) - shared if measure == "union" else min(area(one), area(two))
            if shared > limit * whole:
                break
        else:
            kept.append(index)
    return kept


@given(st.lists(BOX, max_size=12), st.sampled_from(["union", "smaller"]))
def test_it_keeps_what_a_slow_twin_keeps(
    corners: list[tuple[int, ...]], measure: Literal["union", "smaller"]
) -> None:
    boxes = np.array([(x, y, x + width, y + height) for x, y, width, height in corners], float).reshape(-1, 4)
    scores = np.linspace(1, 0, len(boxes))[::-1]
    # A limit that no quotient of such small whole numbers equals keeps rounding out of the comparison.
    assert suppress(boxes, scores, 0.4567, measure).tolist() == slow_twin(boxes, scores, 0.4567, measure)


def test_nothing_remains_of_nothing() -> None:
    assert len(suppress(np.empty((0, 4)), np.empty(0), 0.5)) == 0


@pytest.mark.parametrize(("measure", "kept"), [("union", [0, 1]), ("smaller", [0])])
def test_a_box_inside_another_goes_only_by_the_smaller(
    measure: Literal["union", "smaller"], kept: list[int]
) -> None:
    boxes = np.array([[0, 0, 10, 10], [4, 4, 6, 6]], float)
    assert suppress(boxes, np.array([0.9, 0.8]), 0.5, measure).tolist() == kept
