"""What is counted of searches whose answers people review: how often they were right, from the ledger.

Values only. `operations.accuracy` reads them out of ledger entries and makes rates of them; `store` keeps
the sums. None of them names anybody.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from countenance.governance.review import Candidate, ReviewState


@dataclass(frozen=True, slots=True)
class SearchesOfDay:
    """Searches of one collection on one day (``2026-01-31``, UTC), with and without candidates.

    Attributes:
        collection_id: where was searched.
        day: when.
        searches: how many searches there were.
        comparisons: how many comparisons they made: for each search, the size of the gallery.
        stated_false_matches: how many of these the calibration expects to be false matches, if nobody who was
            searched for was there: the sum of gallery size times the false match rate of the threshold.
        stated_false_positives: how many of the searches it expects to return somebody then.
        least_threshold: the lowest similarity that was asked for, 0–100.
        most_threshold: the highest.
    """

    collection_id: str
    day: str
    searches: int
    comparisons: int
    stated_false_matches: float
    stated_false_positives: float
    least_threshold: float
    most_threshold: float


@dataclass(frozen=True, slots=True)
class AskedAnswer:
    """An answer with candidates that people are to review."""

    review_id: str
    collection_id: str
    day: str
    candidates: int


@dataclass(frozen=True, slots=True)
class DecidedAnswer:
    """What people decided; ``others``: how many candidates are known not to be who was confirmed."""

    review_id: str
    state: ReviewState
    others: int


@dataclass(frozen=True, slots=True)
class Tally:
    """What a part of the ledger tells of such searches, in its order."""

    searches: tuple[SearchesOfDay, ...]
    asked: tuple[AskedAnswer, ...]
    decided: tuple[DecidedAnswer, ...]


@dataclass(frozen=True, slots=True)
class Counts:
    """Sums over any searches whose answers people review.

    Attributes:
        searches: all of them, as in `SearchesOfDay`, and so the next four.
        comparisons: how many comparisons they made.
        stated_false_matches: how many false matches the calibration expects of them.
        stated_false_positives: how many searches it expects to return somebody.
        least_threshold: the lowest similarity asked for; None where nothing was searched.
        most_threshold: the highest.
        confirmed: answers one of whose candidates is who was searched for.
        rejected: answers none of whose candidates is.
        disagreed: answers that two people saw differently.
        open: answers that wait.
        void: answers that ended because somebody in them was erased.
        gone: answers that ended because their collection was deleted.
        false_candidates: candidates of rejected answers, and those known to be others than a confirmed one.
        false_candidates_squared: the squares of these numbers, one for each answer, added up.
        undecided_candidates: candidates of whom nobody knows.
    """

    searches: int = 0
    comparisons: int = 0
    stated_false_matches: float = 0.0
    stated_false_positives: float = 0.0
    least_threshold: float | None = None
    most_threshold: float | None = None
    confirmed: int = 0
    rejected: int = 0
    disagreed: int = 0
    open: int = 0
    void: int = 0
    gone: int = 0
    false_candidates: int = 0
    false_candidates_squared: int = 0
    undecided_candidates: int = 0

    @property
    def decided(self) -> int:
        """Answers that people agreed on."""
        return self.confirmed + self.rejected

    @property
    def undecided(self) -> int:
        """Answers of which nobody knows whether they are right."""
        return self.disagreed + self.open + self.void + self.gone

    def plus(self, other: Counts) -> Counts:
        """Return the sums over both."""
        names = [each.name for each in fields(self) if not each.name.endswith("_threshold")]
        sums = {name: getattr(self, name) + getattr(other, name) for name in names}
        least = [each.least_threshold for each in (self, other) if each.least_threshold is not None]
        most = [each.most_threshold for each in (self, other) if each.most_threshold is not None]
        return Counts(
            **sums, least_threshold=min(least, default=None), most_threshold=max(most, default=None)
        )


@dataclass(frozen=True, slots=True)
class CountedMonth:
    """What is counted of one collection's searches in one month (``2026-01``, UTC)."""

    collection_id: str
    month: str
    counts: Counts


def known_others(candidates: Sequence[Candidate], confirmed_id: str | None) -> int:
    """Return how many candidates are known not to be the confirmed one, by the names they are enrolled under.

    Several faces may be of one person: who is not confirmed is not rejected. Another is who belongs to
    another user, or, where neither belongs to one, has another external image id. A face without a name, or a
    user beside a face of no user, may be anybody.
    """
    confirmed = next(each for each in candidates if each.candidate_id == confirmed_id)
    return sum(_is_another(confirmed, each) for each in candidates)


def _is_another(confirmed: Candidate, candidate: Candidate) -> bool:
    if confirmed.user_id is not None or candidate.user_id is not None:
        both = confirmed.user_id is not None and candidate.user_id is not None
        return both and confirmed.user_id != candidate.user_id
    names = confirmed.external_image_id, candidate.external_image_id
    return None not in names and names[0] != names[1]
