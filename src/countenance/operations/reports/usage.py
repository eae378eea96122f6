"""What the ledger tells of the service's use, counted entry by entry: no list of entries is ever held."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from countenance.errors import AccessError, CountenanceError
from countenance.governance import Kind, ReviewState
from countenance.operations.acts import DONE
from countenance.operations.names import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from countenance.ledger import LedgerReader

SEARCHES = frozenset({"search_live", *(name for name, kind in KINDS.items() if kind is Kind.SEARCH)})
_PURPOSE, _REVIEW = "purpose:", "review:"
_MONTH = len("2026-01")
_DECIDED = (ReviewState.CONFIRMED, ReviewState.REJECTED, ReviewState.DISAGREED)


@dataclass(frozen=True, slots=True)
class SearchUse:
    """Searches for one purpose in one month (``2026-01``, UTC), by what became of them.

    ``asked`` is the sum of: ``returned`` (matches), ``empty`` (answered without any), ``held`` for review,
    ``refused`` and ``failed``.
    """

    month: str
    purpose: str | None
    asked: int
    returned: int
    empty: int
    held: int
    refused: int
    failed: int


@dataclass(frozen=True, slots=True)
class OperationUse:
    """How often an operation was done, refused, or failed for another reason."""

    operation: str
    done: int
    refused: int
    failed: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """How often an operation was refused, and by which kind of reason (the name of the error)."""

    reason: str
    operation: str
    count: int


@dataclass(frozen=True, slots=True)
class ReviewUse:
    """How many answers waited for people, by how many people, and what these decided."""

    asked: dict[str, int]
    confirmed: int
    rejected: int
    disagreed: int

    @property
    def undecided(self) -> int:
        """How many are open, or ended because somebody they were about was erased."""
        return sum(self.asked.values()) - self.confirmed - self.rejected - self.disagreed


@dataclass(frozen=True, slots=True)
class Usage:
    """All of it; ``first`` and ``last`` are the times of the first and the last entry."""

    entries: int
    first: datetime | None
    last: datetime | None
    searches: list[SearchUse]
    operations: list[OperationUse]
    refusals: list[Refusal]
    reviews: ReviewUse


def usage_of(ledger: LedgerReader) -> Usage:
    """Count all entries of a ledger."""
    tally = _Tally()
    for _, content in ledger.entries():
        tally.add(json.loads(content))
    return tally.usage()


def purpose_of(entry: dict[str, Any]) -> str | None:
    """Return the purpose that an entry was decided on, None where none was declared."""
    return _reason(entry, _PURPOSE)


def is_refusal(outcome: str) -> bool:
    """Tell whether an outcome, the name of an error, says that something was not permitted."""
    return outcome in _REFUSALS


class _Tally:
    def __init__(self) -> None:
        self._entries = 0
        self._times = ("", "")
        self._searches: Counter[tuple[str, str | None, str]] = Counter()
        self._operations: Counter[tuple[str, str]] = Counter()
        self._refusals: Counter[tuple[str, str]] = Counter()
        self._asked: Counter[str] = Counter()
        self._decided: Counter[str] = Counter()

    def add(self, entry: dict[str, Any]) -> None:
        operation, outcome = str(entry["operation"]), str(entry["outcome"])
        self._entries += 1
        self._times = (self._times[0] or entry["time"], entry["time"])
        ended = DONE if outcome == DONE else "refused" if is_refusal(outcome) else "failed"
        self._operations[operation, ended] += 1
        if ended == "refused":
            self._refusals[outcome, operation] += 1
        # What only led to searches, such as looking through a video, has no results of its own.
        if operation in SEARCHES and (ended != DONE or "results" in entry):
            self._add_search(entry, ended)
        elif operation == "vote_on_review" and ended == DONE:
            self._decided[str(entry["state"])] += 1

    def _add_search(self, entry: dict[str, Any], ended: str) -> None:
        if ended == DONE:
            ended = "held" if "review" in entry else "returned" if entry.get("results") else "empty"
        if ended == "held":
            self._asked[_reason(entry, _REVIEW) or ""] += 1
        self._searches[entry["time"][:_MONTH], purpose_of(entry), ended] += 1

    def usage(self) -> Usage:
        first, last = (datetime.fromisoformat(time) if time else None for time in self._times)
        return Usage(
            self._entries,
            first,
            last,
            list(self._search_uses()),
            list(self._operation_uses()),
            [Refusal(*which, count) for which, count in sorted(self._refusals.items())],
            ReviewUse(dict(sorted(self._asked.items())), *(self._decided[state.value] for state in _DECIDED)),
        )

    def _search_uses(self) -> Iterator[SearchUse]:
        ends = ("returned", "empty", "held", "refused", "failed")
        which = {(month, purpose) for month, purpose, _ in self._searches}
        for month, purpose in sorted(which, key=lambda each: (each[0], each[1] or "")):
            counts = [self._searches[month, purpose, end] for end in ends]
            yield SearchUse(month, purpose, sum(counts), *counts)

    def _operation_uses(self) -> Iterator[OperationUse]:
        for operation in sorted({operation for operation, _ in self._operations}):
            counts = (self._operations[operation, end] for end in (DONE, "refused", "failed"))
            yield OperationUse(operation, *counts)


def _reason(entry: dict[str, Any], prefix: str) -> str | None:
    reasons = (str(reason) for reason in entry.get("reasons", ()))
    return next((reason.removeprefix(prefix) for reason in reasons if reason.startswith(prefix)), None)


def _names_below(kind: type[CountenanceError]) -> frozenset[str]:
    return frozenset({kind.__name__}).union(*map(_names_below, kind.__subclasses__()))


_REFUSALS = _names_below(AccessError)
