"""Which groups have more errors than the others, beyond what chance explains.

Each group's rate is set against the geometric mean of the others', on the logarithm's scale, in units of its
own bootstrap spread. All groups are judged together: the greatest deviation that the replicates show in any
group is what a group must exceed (a max-t test, Westfall and Young 1993). So of equal groups none is accused
in 95 of 100 evaluations, however many groups there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from countenance.evaluation.estimates import LEVEL, students_quantile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from countenance.evaluation.comparisons import Floats
    from countenance.evaluation.differentials import GroupRates

LEAST_SUBJECTS = 20
"""Groups of fewer people are shown but not judged."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A group whose rate differs from the others'.

    Attributes:
        group: which one.
        ratio: its rate over the geometric mean of the others'.
        low: the lower end of the ratio's interval, which holds for all groups at once.
        high: its upper end.
    """

    group: str
    ratio: float
    low: float
    high: float

    @property
    def worse(self) -> bool:
        """Whether the group has more errors than the others, not fewer."""
        return self.ratio > 1


def gaps(
    groups: Sequence[str],
    rates: GroupRates,
    degrees_of_freedom: Sequence[float],
    families: int = 1,
) -> tuple[Gap, ...]:
    """Return the groups that differ, worst first.

    Args:
        groups: their names.
        rates: one error rate of each, with replicates.
        degrees_of_freedom: of each group's replicates.
        families: how many such questions are asked in all; each is asked the more strictly.
    """
    judged: list[int] = np.flatnonzero((rates.trials > 0) & (rates.subjects >= LEAST_SUBJECTS)).tolist()
    if len(judged) < 2 or not rates.errors[judged].any():
        return ()
    trials = rates.trials[judged]
    # Half an error more, so that a group without errors has a logarithm.
    measured = np.log(rates.errors[judged] / trials + 0.5 / trials)
    replicates = np.log(rates.replicates[:, judged] + 0.5 / trials)
    deviations, spread = _against_others(measured), _against_others(replicates)
    # Few errors, or none, have the noise of chance at least: that of a Poisson count, and half an error.
    units = np.maximum(spread.std(axis=0, ddof=1), np.sqrt(1 / (rates.errors[judged] + 0.5)))
    greatest = np.abs((spread - spread.mean(axis=0)) / units).max(axis=1)
    edge = float(np.quantile(greatest, 1 - (1 - LEVEL) / families))
    longer = [students_quantile(degrees_of_freedom[group]) / students_quantile(np.inf) for group in judged]
    reaches = edge * np.array(longer) * units
    found = [
        Gap(groups[group], *(float(np.exp(deviation + side * reach)) for side in (0, -1, 1)))
        for group, deviation, reach in zip(judged, deviations, reaches, strict=True)
        if abs(deviation) > reach
    ]
    return tuple(sorted(found, key=lambda gap: -gap.ratio))


def _against_others(logarithms: Floats) -> Floats:
    """Return each group's logarithm less the mean of the others', along the last axis."""
    count = logarithms.shape[-1]
    others = (logarithms.sum(axis=-1, keepdims=True) - logarithms) / (count - 1)
    return np.asarray(logarithms - others)
