"""What an evaluation needs of the system that it measures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    import numpy.typing as npt

    from countenance.evaluation.comparisons import Scale
    from countenance.evaluation.samples import DataSet, Pair

Progress = Callable[[int, int], None]
"""Told how many of how many steps are done."""


NO_FACE = "no face"
"""Why a sample could not be used in which no face was found."""


def no_progress(done: int, total: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True, eq=False)
class PairAnswers:
    """What a target says of pairs.

    Attributes:
        scores: (n,) by pair, the comparison score; NaN where none could be made.
        failures: by sample number, why it could not be used, such as "no face".
    """

    scores: npt.NDArray[np.float64]
    failures: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class SearchAnswers:
    """What a target says of probes that were searched for in a gallery of subjects.

    Attributes:
        scores: (probes, most) the best scores of different subjects, highest first; NaN where there is none.
        subjects: (probes, most) whose they are, as numbers of the names in ``names``; −1 where there is none.
        names: the subjects of the data set, by number.
        failures: by sample number, of gallery or probes, why it could not be used.
    """

    scores: npt.NDArray[np.float64]
    subjects: npt.NDArray[np.int32]
    names: tuple[str, ...]
    failures: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Templates:
    """The templates of a data set's samples.

    Attributes:
        vectors: (samples, d) float32, L2-normalised; zeros where there is none.
        found: (samples,) whether there is one.
        failures: by sample number, why there is none.
    """

    vectors: npt.NDArray[np.float32]
    found: npt.NDArray[np.bool_]
    failures: dict[int, str]


class Target(Protocol):
    """A face recognition system under test."""

    @property
    def name(self) -> str:
        """What reports call it, such as "pack dlib-cc0, in process"."""

    @property
    def scale(self) -> Scale:
        """What its scores mean."""

    def compare(self, data: DataSet, pairs: Sequence[Pair], progress: Progress = no_progress) -> PairAnswers:
        """Compare the subjects of pairs of samples."""

    def search(
        self,
        data: DataSet,
        gallery: Sequence[int],
        probes: Sequence[int],
        most: int,
        progress: Progress = no_progress,
    ) -> SearchAnswers:
        """Enrol the samples of a gallery, by their subjects, and search it for each probe.

        ``gallery`` and ``probes`` are numbers of samples; ``most`` is how many subjects are wanted of each.
        """


@runtime_checkable
class TemplateTarget(Target, Protocol):
    """A system under test that gives its templates, so that each two pictures can be compared."""

    def templates(self, data: DataSet, progress: Progress = no_progress) -> Templates:
        """Return the template of each sample's subject."""
