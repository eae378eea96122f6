"""Counts in the ledger what reviews tell of searches, going on where it was left.

The ledger is the truth and the sums are a cache of it, so that millions of entries are read once. A search
counts where people review all answers of its collection; a search that found no face in its picture compared
nobody and does not count, and neither does one for the purpose `testing`, which is no operation.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from countenance.access import TESTING
from countenance.governance import ReviewMode, ReviewState
from countenance.governance.accuracy import AskedAnswer, DecidedAnswer, SearchesOfDay, Tally
from countenance.operations.acts import DONE
from countenance.operations.reports.usage import SEARCHES, purpose_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from countenance.governance import GovernanceStore
    from countenance.ledger import LedgerReader

_VOTE = "vote_on_review"
_REVIEWED = frozenset(f"review:{mode}" for mode in ReviewMode if mode is not ReviewMode.NONE)
_MARKS = (*sorted(_REVIEWED), _VOTE)
_DAY = len("2026-01-31")
_BATCH = 20_000
"""Entries that are looked at between two commits: about 0.1 s, so that nobody else waits for long."""


def count_entries(ledger: LedgerReader, governance: GovernanceStore) -> None:
    """Count all entries of a ledger that were not counted yet, in batches that become durable one by one."""
    size = ledger.head().size
    while True:
        with governance.reading() as reader:
            first = reader.entries_counted()
        if first >= size:
            return
        end = min(first + _BATCH, size)
        found = (json.loads(entry) for _, entry in ledger.mentioning(_MARKS, first=first, before=end))
        tally = tally_of(found)
        with governance.writing() as writer:
            writer.add_tally(tally, first, end)  # where another process has, this looks where that stopped


def tally_of(entries: Iterable[dict[str, Any]]) -> Tally:
    """Return what entries of the ledger tell of searches whose answers people review."""
    days: dict[tuple[str, str], SearchesOfDay] = {}
    asked, decided = [], []
    for entry in entries:
        if entry["outcome"] != DONE:
            continue
        if entry["operation"] == _VOTE and entry["state"] != ReviewState.OPEN:
            state = ReviewState(entry["state"])
            decided.append(DecidedAnswer(entry["review"], state, entry.get("others", 0)))
        elif _is_counted(entry):
            search = _search(entry)
            which = search.collection_id, search.day
            days[which] = _joined(days[which], search) if which in days else search
            if "review" in entry:
                asked.append(AskedAnswer(entry["review"], *which, len(entry["results"])))
    return Tally(tuple(days.values()), tuple(asked), tuple(decided))


def _is_counted(entry: dict[str, Any]) -> bool:
    return (
        entry["operation"] in SEARCHES
        and "gallery" in entry
        and not _REVIEWED.isdisjoint(entry.get("reasons", ()))
        and purpose_of(entry) != TESTING
    )


def _search(entry: dict[str, Any]) -> SearchesOfDay:
    size, rate = int(entry["gallery"]), float(entry["threshold_fmr"])
    threshold = float(entry["threshold"])
    return SearchesOfDay(
        collection_id=entry["collection"],
        day=entry["time"][:_DAY],
        searches=1,
        comparisons=size,
        stated_false_matches=size * rate,
        stated_false_positives=1 - (1 - rate) ** size,
        least_threshold=threshold,
        most_threshold=threshold,
    )


def _joined(one: SearchesOfDay, other: SearchesOfDay) -> SearchesOfDay:
    return SearchesOfDay(
        one.collection_id,
        one.day,
        one.searches + other.searches,
        one.comparisons + other.comparisons,
        one.stated_false_matches + other.stated_false_matches,
        one.stated_false_positives + other.stated_false_positives,
        min(one.least_threshold, other.least_threshold),
        max(one.most_threshold, other.most_threshold),
    )
