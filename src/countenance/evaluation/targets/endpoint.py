"""Any endpoint that speaks Rekognition's API, measured by what it answers: Amazon's own, or another.

Pictures are sent, and numbers in place of names. Answers are kept in a file, if one is named, so that an
evaluation that was interrupted asks nothing again. A file is about one state of an endpoint: where its model
is changed, start another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from countenance.evaluation.comparisons import SIMILARITY
from countenance.evaluation.targets.answer_cache import AnswerCache
from countenance.evaluation.targets.endpoint_client import EndpointClient, Manners
from countenance.evaluation.targets.endpoint_pairs import PairQuestions
from countenance.evaluation.targets.endpoint_searches import SearchQuestions
from countenance.evaluation.targets.port import no_progress
from countenance.evaluation.targets.pricing import estimate
from countenance.evaluation.targets.questioning import Questioning

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from countenance.evaluation.comparisons import Scale
    from countenance.evaluation.samples import DataSet, Pair
    from countenance.evaluation.targets.port import PairAnswers, Progress, SearchAnswers
    from countenance.evaluation.targets.pricing import PriceEstimate

_PURPOSE = {"countenance:purpose": "testing"}
"""A Countenance server sets its rules for a collection by this; to others it says what it is for."""


class EndpointTarget:
    """An endpoint under test. Credentials come from the usual AWS chain: environment, files, role.

    Args:
        endpoint_url: its address; None for what the AWS chain names, in the end Amazon's own.
        region: the region; None for what the AWS chain names.
        requests_per_second: at most so many, tries included; None for no limit.
        concurrency: how many requests may be under way at once.
        cache: the file that keeps its answers, made where it is not there; None for none.
        tags: of the collections that are made there, beside the one that says that they are for testing.
        attempts: how often botocore tries a request that is throttled or fails on the way.
        patience_seconds: for how long a question is asked again that is throttled or answered incompletely.

    Raises:
        EndpointUnusable: the address is none, or no region is named where one is needed.
        AnswerCacheUnusable: the file is something else, is damaged, is in use or cannot be opened.
    """

    def __init__(
        self,
        endpoint_url: str | None,
        *,
        region: str | None = None,
        requests_per_second: float | None = None,
        concurrency: int = 4,
        cache: Path | None = None,
        tags: Mapping[str, str] | None = None,
        attempts: int = 5,
        patience_seconds: float = 120.0,
    ) -> None:
        manners = Manners(requests_per_second, concurrency, attempts, patience_seconds)
        self._client = EndpointClient(endpoint_url, region, manners)
        self._cache = AnswerCache(cache)
        self._questioning = Questioning(self._client, self._cache, concurrency, {**_PURPOSE, **(tags or {})})
        self._requests_per_second = requests_per_second

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file of answers and of connections."""
        self._cache.close()
        self._client.close()

    @property
    def url(self) -> str:
        """The address that is asked."""
        return self._client.url

    @property
    def name(self) -> str:
        """What reports call it, such as "endpoint rekognition.us-east-1.amazonaws.com"."""
        return f"endpoint {urlsplit(self.url).netloc.rpartition('@')[2]}"

    @property
    def scale(self) -> Scale:
        """Similarities, 0–100."""
        return SIMILARITY

    @property
    def remembered(self) -> int:
        """How many answers are in the file already."""
        return len(self._cache)

    def price_of_pairs(self, data: DataSet, pairs: Sequence[Pair]) -> PriceEstimate:
        """Return what ``compare`` will take, without asking anything.

        One more call asks why, of each picture in a comparison that is refused, such as one without a face.
        """
        return self.price(len(PairQuestions(self._questioning, data, pairs).unanswered()))

    def price_of_searches(
        self, data: DataSet, gallery: Sequence[int], probes: Sequence[int], most: int
    ) -> PriceEstimate:
        """Return what ``search`` will take, without asking anything.

        One more call asks why, of each probe that is refused; to make and delete a collection costs nothing.
        """
        return self.price(SearchQuestions(self._questioning, data, gallery, probes, most).calls)

    def compare(self, data: DataSet, pairs: Sequence[Pair], progress: Progress = no_progress) -> PairAnswers:
        """Compare the largest faces of pairs of samples.

        Raises:
            EndpointUnusable: the endpoint cannot be asked; what it answered before is kept.
            ImageNotReadable: a picture changed after the data set was read.
            AnswerCacheUnusable: an answer cannot be kept.
        """
        questions = PairQuestions(self._questioning, data, pairs)
        questions.ask(progress)
        return questions.answers()

    def search(
        self,
        data: DataSet,
        gallery: Sequence[int],
        probes: Sequence[int],
        most: int,
        progress: Progress = no_progress,
    ) -> SearchAnswers:
        """Enrol the largest faces of a gallery's samples in a collection and search it for those of probes.

        A search returns at most 4,096 faces, so that of galleries with many pictures of a subject fewer
        subjects than ``most`` may be found. Collections that a killed run with the same file left are deleted
        first.

        Raises:
            CollectionLeftBehind: a collection could not be deleted.
            EndpointUnusable: the endpoint cannot be asked; what it answered before is kept.
            ImageNotReadable: a picture changed after the data set was read.
            AnswerCacheUnusable: an answer cannot be kept.
        """
        questions = SearchQuestions(self._questioning, data, gallery, probes, most)
        self._questioning.delete_left_behind()
        questions.ask(progress)
        return questions.answers()

    def price(self, calls: int) -> PriceEstimate:
        """Return what so many calls take."""
        return estimate(calls, self.url, self._requests_per_second)
