"""Tell how often answers were right, from what people said of them in reviews."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

from countenance.governance.accuracy import Counts
from countenance.operations.accuracy.counting import count_entries
from countenance.operations.accuracy.estimates import Estimates, estimates_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from countenance.governance.accuracy import CountedMonth
    from countenance.ledger import LedgerReader
    from countenance.operations.acts import Act

LIMITS = (
    "counted are searches of collections whose answers people review; a test (purpose testing) is none",
    "only answers with candidates are looked at: who was missed is not seen, so nothing tells of non-matches",
    "what is called false is what people took for false; they err, and may confirm others who look alike",
    "undecided answers are taken to be as often false as decided ones; least and most say what that may hide",
    "beside who was confirmed, candidates of another name count as false, others of the answer as undecided",
    "a search without candidates may have missed somebody; then the share of false positives is higher",
    "an answer has only as many candidates as were asked for; there may be more false matches than told",
    "searches are taken to be independent; who is searched for again and again is not",
    "what is stated supposes that nobody is there who is searched for; above 99 it is the rate of 99",
)
"""What the rates do not say."""


@dataclass(frozen=True, slots=True)
class CollectionAccuracy:
    """The rates of one collection."""

    collection_id: str
    estimates: Estimates


@dataclass(frozen=True, slots=True)
class MonthAccuracy:
    """The rates of one month (``2026-01``, UTC), over all collections that are told of."""

    month: str
    estimates: Estimates


@dataclass(frozen=True, slots=True)
class Accuracy:
    """The rates of searches from one day to another (UTC, both included; None for no bound).

    ``entries`` is how many entries of the ledger they were counted in.
    """

    since: date | None
    until: date | None
    entries: int
    overall: Estimates
    collections: tuple[CollectionAccuracy, ...]
    months: tuple[MonthAccuracy, ...]


def show_accuracy(
    ledger: LedgerReader, act: Act, *, since: date | None = None, until: date | None = None
) -> Accuracy:
    """Return how often answers of the collections that the caller's key may use were right.

    A search belongs to the day on which it was made, whenever its answer was decided. Collections that were
    deleted since are told of, too.

    Raises:
        NotPermitted: the caller's key does not allow it.
    """
    act.permit("show_accuracy")
    count_entries(ledger, act.governance)
    with act.governance.reading() as reader:
        entries = reader.entries_counted()
        counted = reader.counted_months(since, until)
    seen = [month for month in counted if act.caller.sees(month.collection_id)]
    by_collection = _summed(seen, lambda each: each.collection_id)
    by_month = _summed(seen, lambda each: each.month)
    return Accuracy(
        since,
        until,
        entries,
        estimates_of(reduce(Counts.plus, (each.counts for each in seen), Counts())),
        tuple(CollectionAccuracy(name, estimates_of(counts)) for name, counts in by_collection.items()),
        tuple(MonthAccuracy(name, estimates_of(counts)) for name, counts in by_month.items()),
    )


def _summed(months: list[CountedMonth], name_of: Callable[[CountedMonth], str]) -> dict[str, Counts]:
    sums: dict[str, Counts] = {}
    for month in months:
        name = name_of(month)
        sums[name] = sums.get(name, Counts()).plus(month.counts)
    return dict(sorted(sums.items()))
