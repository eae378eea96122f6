"""The questions of a 1:N evaluation: IndexFaces for the gallery, SearchFacesByImage for the probes."""

from __future__ import annotations

import hashlib
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from countenance.evaluation.targets.endpoint_calls import MOST_MATCHES, NOT_TOLD
from countenance.evaluation.targets.port import SearchAnswers
from countenance.evaluation.targets.questioning import Steps, content
from countenance.evaluation.targets.refusals import missing_files, reasons

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from countenance.evaluation.samples import DataSet
    from countenance.evaluation.targets.answer_cache import Answer
    from countenance.evaluation.targets.port import Progress
    from countenance.evaluation.targets.questioning import Questioning


class SearchQuestions:
    """Probes that an endpoint is to search for in a gallery; equal pictures are one question."""

    def __init__(
        self,
        questioning: Questioning,
        data: DataSet,
        gallery: Sequence[int],
        probes: Sequence[int],
        most: int,
    ) -> None:
        self._questioning = questioning
        self._data = data
        self._gallery = gallery
        self._probes = probes
        self._most = most
        self._names = tuple(sorted({sample.subject for sample in data.samples}))
        numbers = {name: number for number, name in enumerate(self._names)}
        self._subjects = [numbers[sample.subject] for sample in data.samples]
        pictures_each = Counter(self._subjects[number] for number in gallery)
        self._matches = min(MOST_MATCHES, max(1, most * max(pictures_each.values(), default=1)))
        self._keys = self._probe_keys()
        self._gallery_keys = {
            number: questioning.key("IndexFaces", data.sha256[number])
            for number in gallery
            if data.sha256[number]
        }

    @property
    def calls(self) -> int:
        """How many calls, to be paid for, ``ask`` will make."""
        missing = len(self._missing())
        return missing + len(self._enrollable()) if missing else 0

    def ask(self, progress: Progress) -> None:
        """Enrol the gallery and search it for the probes that are not answered yet, if there are any."""
        missing, total = self._missing(), len(set(self._keys.values()))
        if not missing:
            Steps(progress, total, total)
            return
        enrollable = self._enrollable()
        steps = Steps(progress, total + len(enrollable), total - len(missing))
        with self._questioning.collection() as collection:
            # Not by key: a picture is enrolled for each of its subjects, if it has more than one.
            self._questioning.ask(
                [
                    (self._gallery_keys[number], partial(self._index, collection, number))
                    for number in enrollable
                ],
                steps,
            )
            self._questioning.ask(
                [(key, partial(self._search, collection, probe)) for key, probe in missing.items()], steps
            )

    def answers(self) -> SearchAnswers:
        """Return the answers to all probes; to find out why probes were refused, they are looked at."""
        cache, troubles, refused = self._questioning.cache, {}, []
        scores = np.full((len(self._probes), self._most), np.nan)
        subjects = np.full((len(self._probes), self._most), -1, np.int32)
        for row, probe in enumerate(self._probes):
            answer = cache[self._keys[probe]] if probe in self._keys else None
            if answer is None:
                continue
            scores[row, : len(answer.similarities)] = answer.similarities
            subjects[row, : len(answer.subjects)] = answer.subjects
            if answer.trouble == NOT_TOLD:
                refused.append((probe,))
            elif answer.trouble:
                troubles[probe] = answer.trouble
        failures = (
            missing_files(self._data, (*self._gallery, *self._probes))
            | self._not_enrolled()
            | troubles
            | reasons(self._questioning, self._data, refused)
        )
        return SearchAnswers(scores, subjects, self._names, dict(sorted(failures.items())))

    def _missing(self) -> dict[str, int]:
        """Return the probes that are not answered yet, by key."""
        return {key: probe for probe, key in self._keys.items() if key not in self._questioning.cache}

    def _search(self, collection: str, probe: int) -> Answer:
        picture = content(self._data, probe)
        return self._questioning.calls.search(collection, picture, self._matches, self._most)

    def _index(self, collection: str, number: int) -> Answer:
        picture = content(self._data, number)
        return self._questioning.calls.index(collection, self._subjects[number], picture)

    def _enrollable(self) -> list[int]:
        """Return the gallery's samples but for those of which it is known that they cannot be enrolled."""
        refused = self._not_enrolled()
        entries = {
            (self._data.sha256[number], self._subjects[number]): number
            for number in self._gallery_keys
            if number not in refused
        }
        return list(entries.values())

    def _not_enrolled(self) -> dict[int, str]:
        cache = self._questioning.cache
        return {
            number: cache[key].trouble
            for number, key in self._gallery_keys.items()
            if key in cache and cache[key].trouble
        }

    def _probe_keys(self) -> dict[int, str]:
        """Return the keys of the probes that have files; they depend on the whole gallery."""
        entries = sorted(f"{self._data.sha256[number]} {self._subjects[number]}" for number in self._gallery)
        gallery = hashlib.sha256("\n".join(entries).encode()).hexdigest()
        limits: Mapping[str, str | int] = {
            "gallery": gallery,
            "matches": self._matches,
            "subjects": self._most,
        }
        return {
            probe: self._questioning.key("SearchFacesByImage", self._data.sha256[probe], **limits)
            for probe in self._probes
            if self._data.sha256[probe]
        }
