"""The engine of this process as a target: each picture is seen once, then templates are multiplied."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from countenance.errors import CountenanceError
from countenance.evaluation.comparisons import Scale
from countenance.evaluation.targets.port import NO_FACE, PairAnswers, SearchAnswers, Templates, no_progress
from countenance.images import open_image
from countenance.vision.calibration import SIMILARITY_ANCHORS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from countenance.evaluation.samples import DataSet, Pair
    from countenance.evaluation.targets.port import Progress
    from countenance.faces import Face
    from countenance.images import ImageLimits, Photograph
    from countenance.vision import Calibration, FaceAnalyzer

_SEARCHED_AT_ONCE = 512


class FaceRule(enum.StrEnum):
    """Which of several faces in a picture is its subject."""

    LARGEST = "largest"
    """The largest, as Rekognition has it."""
    CENTRAL = "central"
    """The one nearest to the picture's centre, where data sets such as LFW have put their subjects."""


class EngineTarget:
    """A pack of this process.

    Args:
        analyzer: the pack, loaded.
        rule: which face of a picture is its subject.
        limits: the largest pictures to accept.
    """

    def __init__(self, analyzer: FaceAnalyzer, rule: FaceRule, limits: ImageLimits) -> None:
        self._analyzer = analyzer
        self._rule = rule
        self._limits = limits
        self._scale = scale_of(analyzer.calibration)
        self._seen: tuple[DataSet, Templates] | None = None

    @property
    def name(self) -> str:
        """What reports call it."""
        return f"pack {self._analyzer.pack}, in process, {self._rule} face"

    @property
    def scale(self) -> Scale:
        """Comparison scores and their similarities by the pack's calibration."""
        return self._scale

    def templates(self, data: DataSet, progress: Progress = no_progress) -> Templates:
        """Return the template of each sample's subject; those of the data set seen last are kept."""
        if self._seen is None or self._seen[0] is not data:
            self._seen = data, self._look(data, progress)
        return self._seen[1]

    def compare(self, data: DataSet, pairs: Sequence[Pair], progress: Progress = no_progress) -> PairAnswers:
        """Compare the subjects of pairs of samples."""
        templates = self.templates(data, progress)
        first = np.array([pair.first for pair in pairs], np.intp)
        second = np.array([pair.second for pair in pairs], np.intp)
        scores = np.einsum("ij,ij->i", templates.vectors[first], templates.vectors[second]).astype(np.float64)
        scores[~(templates.found[first] & templates.found[second])] = np.nan
        return PairAnswers(scores, templates.failures)

    def search(
        self,
        data: DataSet,
        gallery: Sequence[int],
        probes: Sequence[int],
        most: int,
        progress: Progress = no_progress,
    ) -> SearchAnswers:
        """Search a gallery for each probe; a subject scores what the best of its references does."""
        templates = self.templates(data, progress)
        names, subjects = np.unique([sample.subject for sample in data.samples], return_inverse=True)
        enrolled = np.array([sample for sample in gallery if templates.found[sample]], np.intp)
        enrolled = enrolled[np.argsort(subjects[enrolled], kind="stable")]
        people, starts = np.unique(subjects[enrolled], return_index=True)
        scores = np.full((len(probes), most), np.nan)
        found = np.full((len(probes), most), -1, np.int32)
        kept = min(most, len(people))
        for start in range(0, len(probes) if kept else 0, _SEARCHED_AT_ONCE):
            rows = np.asarray(probes[start : start + _SEARCHED_AT_ONCE], np.intp)
            similarities = templates.vectors[rows] @ templates.vectors[enrolled].T
            best = np.maximum.reduceat(similarities, starts, axis=1)
            order = np.argsort(-best, axis=1, kind="stable")[:, :kept]
            part = slice(start, start + len(rows))
            scores[part, :kept] = np.take_along_axis(best, order, axis=1)
            found[part, :kept] = people[order]
            unseen = ~templates.found[rows]
            scores[part][unseen], found[part][unseen] = np.nan, -1
        return SearchAnswers(scores, found, tuple(map(str, names)), templates.failures)

    def _look(self, data: DataSet, progress: Progress) -> Templates:
        vectors: list[npt.NDArray[np.float32] | None] = [None] * len(data.samples)
        failures: dict[int, str] = {}
        opened: list[tuple[int, Photograph]] = []

        def pictures() -> Iterator[Photograph]:
            for number, sample in enumerate(data.samples):
                try:
                    photograph = self._open(sample.file)
                except CountenanceError as error:
                    failures[number] = str(error)
                    continue
                opened.append((number, photograph))
                yield photograph

        for faces in self._analyzer.faces_of_many(pictures()):
            number, photograph = opened.pop(0)
            if isinstance(faces, CountenanceError):
                failures[number] = str(faces)
            else:
                face = self._subject(faces, photograph)
                if face is None or face.template is None:
                    failures[number] = NO_FACE
                else:
                    vectors[number] = face.template.vector
            progress(number + 1, len(data.samples))
        found = np.array([vector is not None for vector in vectors], np.bool_)
        known = next((vector for vector in vectors if vector is not None), np.zeros(0, np.float32))
        nothing = np.zeros_like(known)
        stacked = np.array([nothing if vector is None else vector for vector in vectors], np.float32)
        return Templates(stacked.reshape(len(vectors), len(known)), found, dict(sorted(failures.items())))

    def _open(self, file: Path) -> Photograph:
        return open_image(file, self._limits)

    def _subject(self, faces: list[Face], photograph: Photograph) -> Face | None:
        if self._rule is FaceRule.LARGEST or not faces:
            return faces[0] if faces else None

        def distance(face: Face) -> float:
            x, y = face.box.left + face.box.width / 2, face.box.top + face.box.height / 2
            return float(np.hypot(x - photograph.width_px / 2, y - photograph.height_px / 2))

        return min(faces, key=distance)


def scale_of(calibration: Calibration) -> Scale:
    """Return the scale of a pack's comparison scores."""
    corners = [calibration.score_at(percent) for _, percent in SIMILARITY_ANCHORS]
    scores = np.unique([-1.0, *calibration.scores, *corners, 1.0])
    similarities, _ = calibration.similarities(scores)
    return Scale("comparison score", tuple(map(float, scores)), tuple(float(value) for value in similarities))
