"""The rows of what is counted of reviewed answers: added once, and summed by collection and month.

`counted_entries` says how much of the ledger they hold, and changes in the transaction that adds to them; so
each entry is counted once, whichever process counts it and wherever it is killed.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, case, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from countenance.governance import ReviewState
from countenance.governance.accuracy import CountedMonth, Counts
from countenance.store.governance_tables import counted_answers, counted_entries, counted_searches, reviews
from countenance.store.tables import collections

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy import ColumnElement, Connection, Row

    from countenance.governance.accuracy import SearchesOfDay, Tally

_MONTH = len("2026-01")
_GONE = "gone"
_Which = tuple[str, str]


class AccuracyReader:
    """The part of `GovernanceReader` that is about what was counted."""

    _connection: Connection

    def entries_counted(self) -> int:
        """Return how many entries of the ledger, from its first on, were counted."""
        return int(self._connection.execute(select(counted_entries.c.entries)).scalar_one())

    def counted_months(self, since: date | None, until: date | None) -> list[CountedMonth]:
        """Return what was counted of searches from one day to another, both included, by month."""
        found: defaultdict[_Which, Counts] = defaultdict(Counts)
        for which, counts in (*self._searches(since, until), *self._answers(since, until)):
            found[which] = found[which].plus(counts)
        return [CountedMonth(*which, found[which]) for which in sorted(found)]

    def _searches(self, since: date | None, until: date | None) -> list[tuple[_Which, Counts]]:
        of = counted_searches.c
        sums = (of.searches, of.comparisons, of.stated_false_matches, of.stated_false_positives)
        month = func.substr(of.day, 1, _MONTH)
        query = (
            select(
                of.collection_id,
                month.label("month"),
                *(func.sum(column).label(column.name) for column in sums),
                func.min(of.least_threshold).label("least_threshold"),
                func.max(of.most_threshold).label("most_threshold"),
            )
            .where(*_within(of.day, since, until))
            .group_by(of.collection_id, month)
        )
        return [
            (
                (row.collection_id, row.month),
                Counts(
                    searches=int(row.searches),
                    comparisons=int(row.comparisons),
                    stated_false_matches=row.stated_false_matches,
                    stated_false_positives=row.stated_false_positives,
                    least_threshold=row.least_threshold,
                    most_threshold=row.most_threshold,
                ),
            )
            for row in self._connection.execute(query)
        ]

    def _answers(self, since: date | None, until: date | None) -> list[tuple[_Which, Counts]]:
        of = counted_answers.c
        still_there = (
            select(reviews.c.review_id, reviews.c.state)
            .join_from(reviews, collections, reviews.c.collection_key == collections.c.key)
            .where(collections.c.deleted_at.is_(None))
            .subquery()
        )
        # The ledger says what was decided; of the others the reviews themselves say what became of them.
        state = case(
            (of.state.is_not(None), of.state),
            (still_there.c.state.is_(None), _GONE),
            (still_there.c.state == ReviewState.VOID.value, ReviewState.VOID.value),
            else_=ReviewState.OPEN.value,
        )
        month = func.substr(of.day, 1, _MONTH)
        query = (
            select(
                of.collection_id,
                month.label("month"),
                state.label("state"),
                func.count().label("answers"),
                func.sum(of.candidates).label("candidates"),
                func.sum(of.candidates * of.candidates).label("candidates_squared"),
                func.sum(of.others).label("others"),
                func.sum(of.others * of.others).label("others_squared"),
            )
            .join_from(counted_answers, still_there, of.review_id == still_there.c.review_id, isouter=True)
            .where(*_within(of.day, since, until))
            .group_by(of.collection_id, month, state)
        )
        rows = self._connection.execute(query)
        return [((row.collection_id, row.month), _counts_of_answers(row)) for row in rows]


def add_tally(connection: Connection, tally: Tally, first: int, end: int) -> bool:
    """Add what the ledger's entries from ``first`` to before ``end`` tell.

    Returns whether they were added; they are not where another process has counted them meanwhile.
    """
    counted = update(counted_entries).where(counted_entries.c.entries == first).values(entries=end)
    if not connection.execute(counted).rowcount:
        return False
    if tally.searches:
        _add_searches(connection, tally.searches)
    if tally.asked:
        rows = [asdict(each) | {"others": 0} for each in tally.asked]
        connection.execute(insert(counted_answers), rows)
    if tally.decided:
        this = counted_answers.c.review_id == bindparam("decided")
        change = update(counted_answers).where(this)
        change = change.values(state=bindparam("became"), others=bindparam("known_others"))
        decided = [
            {"decided": each.review_id, "became": each.state.value, "known_others": each.others}
            for each in tally.decided
        ]
        connection.execute(change, decided)
    return True


def _add_searches(connection: Connection, days: Sequence[SearchesOfDay]) -> None:
    made = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(counted_searches)
    there, new = counted_searches.c, made.excluded
    sums = (there.searches, there.comparisons, there.stated_false_matches, there.stated_false_positives)
    changes: dict[str, Any] = {column.name: column + new[column.name] for column in sums}
    least, most = new.least_threshold, new.most_threshold
    changes["least_threshold"] = case((least < there.least_threshold, least), else_=there.least_threshold)
    changes["most_threshold"] = case((most > there.most_threshold, most), else_=there.most_threshold)
    which = [there.collection_id, there.day]
    connection.execute(
        made.on_conflict_do_update(index_elements=which, set_=changes), [asdict(day) for day in days]
    )


def _within(day: ColumnElement[str], since: date | None, until: date | None) -> list[ColumnElement[bool]]:
    bounds = []
    if since is not None:
        bounds.append(day >= since.isoformat())
    if until is not None:
        bounds.append(day <= until.isoformat())
    return bounds


def _counts_of_answers(row: Row[Any]) -> Counts:
    answers, candidates, others = int(row.answers), int(row.candidates), int(row.others)
    if row.state == ReviewState.REJECTED:
        return Counts(
            rejected=answers,
            false_candidates=candidates,
            false_candidates_squared=int(row.candidates_squared),
        )
    if row.state == ReviewState.CONFIRMED:
        return Counts(
            confirmed=answers,
            false_candidates=others,
            false_candidates_squared=int(row.others_squared),
            undecided_candidates=candidates - answers - others,
        )
    return Counts(**{row.state: answers}, undecided_candidates=candidates)
