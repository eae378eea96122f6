"""Browse the ledger, newest first: what was done, by which key, with what outcome.

An entry is a row of JSON that only its place and its request are indexed of, so a page that is filtered looks
at so many entries and no more, and says where to go on.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from countenance.errors import LedgerBroken
from countenance.ledger import canonical

if TYPE_CHECKING:
    from collections.abc import Iterator

    from countenance.ledger import LedgerReader
    from countenance.operations.acts import Act

# A database takes 0.1 to 0.2 s to look through so many for a text.
_MOST_LOOKED_AT = 100_000
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class EntriesWanted:
    """Which entries; None means any. Days are of UTC, and both are included.

    Attributes:
        operation: what was done.
        outcome: ``done``, or the name of what refused or failed.
        key_id: the access key that asked.
        collection_id: the collection that it was about.
        request_id: the request.
        since: the first day.
        until: the last day.
    """

    operation: str | None = None
    outcome: str | None = None
    key_id: str | None = None
    collection_id: str | None = None
    request_id: str | None = None
    since: date | None = None
    until: date | None = None

    @property
    def members(self) -> dict[str, str]:
        """What an entry's members must be."""
        wanted = {
            "operation": self.operation,
            "outcome": self.outcome,
            "key": self.key_id,
            "collection": self.collection_id,
            "request": self.request_id,
        }
        return {name: value for name, value in wanted.items() if value is not None}


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """An entry, as it was recorded, and where it stands."""

    place: int
    record: dict[str, Any]

    @property
    def time(self) -> datetime:
        """When it was recorded."""
        return datetime.fromisoformat(self.record["time"])


@dataclass(frozen=True, slots=True)
class LedgerPage:
    """Entries, newest first.

    Attributes:
        entries: those that are wanted.
        looked_at: how many entries were looked at for them.
        go_on_before: entries before this place were not looked at yet; None where there are none.
        size: how many entries the ledger has.
    """

    entries: tuple[LedgerEntry, ...]
    looked_at: int
    go_on_before: int | None
    size: int


def browse_ledger(
    ledger: LedgerReader,
    act: Act,
    wanted: EntriesWanted,
    *,
    most: int,
    before: int | None = None,
    most_looked_at: int = _MOST_LOOKED_AT,
) -> LedgerPage:
    """Return a page of entries, newest first: all for an administrator, for others what their key asked.

    Args:
        ledger: the ledger.
        act: who asks.
        wanted: which entries.
        most: how many of them.
        before: the place before which to begin; without it, behind the last entry.
        most_looked_at: how many entries may be looked at.

    Raises:
        NotPermitted: the caller's key does not allow it.
        LedgerBroken: an entry that is to be shown is none.
    """
    act.permit("browse_ledger")
    size = ledger.head().size
    first, end = _places(ledger, size, wanted)
    end = min(end, size if before is None else before)
    members = dict(wanted.members)
    if not act.caller.administrator:
        if members.get("key", act.caller.key_id) != act.caller.key_id:
            return LedgerPage((), 0, None, size)
        members["key"] = act.caller.key_id
    if wanted.request_id is not None:
        of_request = reversed(ledger.of_request(wanted.request_id))
        these = [(place, entry) for place, entry in of_request if first <= place < end]
        found = list(_matching(these, members))
        follows = len(found) > most
        return LedgerPage(tuple(found[:most]), len(these), found[most - 1].place if follows else None, size)
    lowest = max(first, end - most_looked_at) if members else first
    found = _found(ledger, members, lowest, end, most)
    if len(found) == most:
        lowest = found[-1].place
    return LedgerPage(tuple(found), max(0, end - lowest), lowest if lowest > first else None, size)


def _found(
    ledger: LedgerReader, members: dict[str, str], first: int, end: int, most: int
) -> list[LedgerEntry]:
    texts = [_as_recorded(name, value) for name, value in members.items()]
    found: list[LedgerEntry] = []
    while len(found) < most and end > first:
        rows = ledger.newest(texts, first=first, before=end, most=most)
        # What an entry holds deeper down looks the same to the database.
        found += _matching(rows, members)
        end = rows[-1][0] if len(rows) == most else first
    return found[:most]


def _matching(rows: list[tuple[int, bytes]], members: dict[str, str]) -> Iterator[LedgerEntry]:
    for place, content in rows:
        record = _record(place, content)
        if members.items() <= record.items():
            yield LedgerEntry(place, record)


def _as_recorded(name: str, value: str) -> str:
    """Return a member as it stands in an entry."""
    return canonical({name: value}).decode()[1:-1]


def _places(ledger: LedgerReader, size: int, wanted: EntriesWanted) -> tuple[int, int]:
    """Return the first place of the days that are wanted, and the one behind their last."""
    first, end = 0, size
    if wanted.since is not None:
        first = _first_since(ledger, size, wanted.since)
    if wanted.until is not None and wanted.until < date.max:
        end = _first_since(ledger, size, wanted.until + _DAY)
    return first, end


def _first_since(ledger: LedgerReader, size: int, day: date) -> int:
    """Return the place of the first entry of a day or a later one; times of entries never run backwards."""
    begin = datetime(day.year, day.month, day.day, tzinfo=UTC).isoformat(timespec="microseconds")
    low, high = 0, size
    while low < high:
        middle = (low + high) // 2
        found = ledger.newest([], first=middle, before=middle + 1, most=1)
        if not found:
            raise LedgerBroken(f"entry {middle} is missing")
        low, high = (middle + 1, high) if _record(*found[0])["time"] < begin else (low, middle)
    return low


def _record(place: int, content: bytes) -> dict[str, Any]:
    try:
        record = json.loads(content)
        str(record["time"]), str(record["operation"])
    except (ValueError, TypeError, KeyError):
        raise LedgerBroken(f"entry {place} is no entry") from None
    return dict(record)
