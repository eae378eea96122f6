"""The questions of a 1:1 evaluation: CompareFaces for each pair of pictures."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from countenance.evaluation.targets.port import PairAnswers
from countenance.evaluation.targets.questioning import Steps, content
from countenance.evaluation.targets.refusals import missing_files, reasons

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from countenance.evaluation.samples import DataSet, Pair
    from countenance.evaluation.targets.answer_cache import Answer
    from countenance.evaluation.targets.port import Progress
    from countenance.evaluation.targets.questioning import Questioning


class PairQuestions:
    """Pairs of samples that an endpoint is to compare; equal pairs of pictures are one question."""

    def __init__(self, questioning: Questioning, data: DataSet, pairs: Sequence[Pair]) -> None:
        self._questioning = questioning
        self._data = data
        self._pairs = pairs
        self._keys = [self._key(pair) for pair in pairs]

    def unanswered(self) -> dict[str, Callable[[], Answer]]:
        """Return what is to be asked yet, by key."""
        asked = {
            key: partial(self._compare, pair)
            for key, pair in zip(self._keys, self._pairs, strict=True)
            if key is not None
        }
        return self._questioning.unanswered(asked)

    def ask(self, progress: Progress) -> None:
        """Ask it."""
        unanswered = self.unanswered()
        total = len(set(self._keys) - {None})
        self._questioning.ask(unanswered.items(), Steps(progress, total, total - len(unanswered)))

    def answers(self) -> PairAnswers:
        """Return the answers to all pairs; to find out why pictures were refused, they are looked at."""
        cache, refused = self._questioning.cache, []
        scores = np.full(len(self._pairs), np.nan)
        for place, (key, pair) in enumerate(zip(self._keys, self._pairs, strict=True)):
            if key is None:
                continue
            if cache[key].similarities:
                scores[place] = cache[key].similarities[0]
            else:
                refused.append((pair.first, pair.second))
        used = {number for pair in self._pairs for number in (pair.first, pair.second)}
        failures = reasons(self._questioning, self._data, refused) | missing_files(self._data, used)
        return PairAnswers(scores, dict(sorted(failures.items())))

    def _key(self, pair: Pair) -> str | None:
        """Return the key of a pair's question; None where a picture has no file."""
        first, second = self._data.sha256[pair.first], self._data.sha256[pair.second]
        return self._questioning.key("CompareFaces", first, second) if first and second else None

    def _compare(self, pair: Pair) -> Answer:
        source, target = content(self._data, pair.first), content(self._data, pair.second)
        return self._questioning.calls.compare(source, target)
