"""How things stand: what is held, what is due, what waits for people, and whether the ledger verifies."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, cast

from countenance.errors import LedgerBroken, PolicyInvalid
from countenance.jobs.values import JobState
from countenance.ledger import GrowingTree, read_checkpoint
from countenance.operations.overview.forecasting import MONTH, WEEK, Due
from countenance.operations.overview.pack_in_use import pack_in_use
from countenance.operations.overview.values import CollectionHeld, Held, LedgerStanding, Overview
from countenance.operations.reports.described import DescribedCollection

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from countenance.access import AccessKey
    from countenance.gallery import Gallery
    from countenance.gallery.values import Collection
    from countenance.governance import Moratorium
    from countenance.operations.acts import Act
    from countenance.operations.overview.forecasting import Forecast, Forecasts
    from countenance.operations.overview.ledger_watch import LedgerWatch, WatchedStore
    from countenance.operations.overview.ports import OverviewReader
    from countenance.operations.upkeep import UpkeepNotes

_COLLECTIONS_AT_ONCE = 1000
_LARGEST = 6
_RECENT = timedelta(days=1)
_STATES = ("expired", "future", "valid", "withdrawn")


@dataclass(frozen=True, slots=True)
class OverviewRooms:
    """What the overview looks into.

    Attributes:
        gallery: the collections.
        store: the ledger's.
        watch: what verifies the ledger.
        notes: what upkeep has done.
        forecasts: what is due.
        consents_kept: how long the record of a consent stays after it ended.
        pack: the pack of models in use, a name or the path of a description.
    """

    gallery: Gallery
    store: WatchedStore
    watch: LedgerWatch
    notes: UpkeepNotes
    forecasts: Forecasts
    consents_kept: timedelta
    pack: str


def show_overview(rooms: OverviewRooms, act: Act) -> Overview:
    """Return how things stand, of collections that the caller's key may use for their purposes.

    What the key may not list is left out.

    Raises:
        NotPermitted: the caller's key does not allow it.
    """
    act.permit("show_overview")
    now, caller = datetime.now(UTC), act.caller
    with rooms.gallery.reading() as plain:
        reader = cast("OverviewReader", plain)  # one transaction of the same database
        seen = [each for each in _described(reader, act) if each.reached_by(caller)]
        held = reader.count_held()
        forecasts = rooms.forecasts.of(reader, seen)
        waiting = reader.count_open_reviews() if caller.does("list_reviews") else None
        return Overview(
            at=now,
            collections=len(seen),
            held=sum((held.get(each.collection.key, Held()) for each in seen), Held()),
            largest=_largest(seen, held, forecasts),
            due=sum((forecast.faces for forecast in forecasts.values()), Due()),
            due_counted_at=min((forecast.counted_at for forecast in forecasts.values()), default=None),
            consents=_consents(reader, caller, seen, now),
            consents_due=_consents_due(reader, caller, now - rooms.consents_kept),
            open_reviews=None
            if waiting is None
            else sum(waiting.get(each.collection.key, 0) for each in seen),
            holds=reader.count_holds() if caller.does("list_holds") else None,
            moratoria=_moratoria(reader, act, now),
            jobs=_jobs(reader, caller, now) if caller.does("list_jobs") else None,
            running_monitors=_monitors(reader, caller) if caller.does("list_monitors") else None,
            last_sweep=rooms.notes.last_sweep,
            pack=pack_in_use(rooms.pack),
            ledger=_ledger(rooms) if caller.does("look_at_ledger") else None,
        )


def _described(reader: OverviewReader, act: Act) -> list[DescribedCollection]:
    """Return all collections, oldest first, in a few statements however many there are."""
    tags, found, after_key = reader.all_tags(), list[DescribedCollection](), 0
    while True:
        batch = reader.collections(after_key=after_key, most=_COLLECTIONS_AT_ONCE)
        found += [_with_policy(act, each, tags.get(each.key, {})) for each in batch]
        if len(batch) < _COLLECTIONS_AT_ONCE:
            return found
        after_key = batch[-1].key


def _with_policy(act: Act, collection: Collection, tags: Mapping[str, str]) -> DescribedCollection:
    try:
        return DescribedCollection(collection, act.register.policy_of(tags))
    except PolicyInvalid:
        return DescribedCollection(collection, None)


def _largest(
    seen: Sequence[DescribedCollection], held: Mapping[int, Held], forecasts: Mapping[int, Forecast]
) -> tuple[CollectionHeld, ...]:
    shown = []
    for each in seen:
        forecast = forecasts.get(each.collection.key)
        shown.append(
            CollectionHeld(
                each.collection_id,
                each.purpose,
                held.get(each.collection.key, Held()),
                forecast.faces if forecast is not None else None,
            )
        )
    return tuple(sorted(shown, key=lambda each: -each.held.faces)[:_LARGEST])


def _consents(
    reader: OverviewReader, caller: AccessKey, seen: Sequence[DescribedCollection], now: datetime
) -> dict[str, int] | None:
    """Return how many there are by state: all, or those to the purposes of the collections that are seen."""
    if not caller.does("list_consents"):
        return None
    total = dict.fromkeys(_STATES, 0)
    if _is_whole(caller):
        return total | reader.count_consents(now)
    for purpose in {each.purpose for each in seen if each.purpose is not None}:
        for state, many in reader.count_consents(now, purpose).items():
            total[state] += many
    return total


def _consents_due(reader: OverviewReader, caller: AccessKey, ended_before: datetime) -> Due | None:
    """Return records that are due for erasure; they are of no collection: only unlimited keys are told."""
    if not (caller.does("list_consents") and _is_whole(caller)):
        return None
    times = (ended_before, ended_before + WEEK, ended_before + MONTH)
    return Due(*(reader.count_forgettable(time) for time in times))


def _is_whole(caller: AccessKey) -> bool:
    return "*" in caller.collections and "*" in caller.purposes


def _moratoria(reader: OverviewReader, act: Act, now: datetime) -> tuple[Moratorium, ...]:
    given = (*act.moratoria_at_start, *reader.moratoria())
    return tuple(each for each in given if each.in_force(now))


def _jobs(reader: OverviewReader, caller: AccessKey, now: datetime) -> dict[JobState, int]:
    """Return how many jobs there are by state: one's own, or all for an administrator."""
    total = dict.fromkeys(JobState, 0)
    for each in reader.count_jobs(now - _RECENT):
        own = caller.administrator or each.asked_by == caller.key_id
        if own and (each.collection_id is None or caller.sees(each.collection_id)):
            total[each.state] += each.jobs
    return total


def _monitors(reader: OverviewReader, caller: AccessKey) -> int:
    return sum(caller.sees(monitor.asked.collection_id) for monitor in reader.running_monitors())


def _ledger(rooms: OverviewRooms) -> LedgerStanding:
    """Return where the ledger stands; its entries are verified elsewhere, here only what is signed."""
    with rooms.store.reading_ledger() as ledger:
        head = ledger.head()
        last = ledger.newest([], first=head.size - 1, before=head.size, most=1)
    last_at = _time_of(last[0][1]) if last else None
    try:
        signed = read_checkpoint(head.checkpoint, rooms.store.verifier_key) if head.size else None
    except LedgerBroken:
        return LedgerStanding(head.size, last_at, signature_holds=False, found=rooms.watch.finding)
    root = GrowingTree(head.size, head.frontier).root()
    holds = signed is None or (signed.size, signed.root) == (head.size, root)
    return LedgerStanding(head.size, last_at, signature_holds=holds, found=rooms.watch.finding)


def _time_of(entry: bytes) -> datetime | None:
    try:
        return datetime.fromisoformat(json.loads(entry)["time"])
    except (ValueError, TypeError, KeyError):
        return None  # it was altered, which verifying tells
