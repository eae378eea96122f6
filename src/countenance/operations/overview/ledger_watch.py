"""Verifies the ledger beside a server's other work: part by part, what is added soon, all again each day.

A whole verification reads every entry, so no page can wait for one. What a page shows is what was found here,
and when.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

import structlog

from countenance.errors import LedgerBroken
from countenance.ledger import LedgerVerification

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from countenance.ledger import LedgerReader, VerifierKey

# About 0.1 s of work, so that the thread that does it is soon free for what else is due.
_ENTRIES_AT_ONCE = 10_000
_ADDED_EVERY = timedelta(minutes=1)
_ALL_AGAIN_EVERY = timedelta(days=1)
_log = structlog.get_logger("countenance.upkeep")


@dataclass(frozen=True, slots=True)
class LedgerFinding:
    """What verifying the ledger has found since the server started.

    Attributes:
        whole_at: when it was last verified from its first entry to its last; None where it never was yet.
        whole_size: how many entries those were.
        latest_at: when the entries added since were last verified, or all.
        latest_size: up to how many entries.
        broken: what is wrong, None where nothing was found.
        broken_at: when that was found.
        looked_at: how many entries the verification that is under way has looked at.
    """

    whole_at: datetime | None = None
    whole_size: int = 0
    latest_at: datetime | None = None
    latest_size: int = 0
    broken: str | None = None
    broken_at: datetime | None = None
    looked_at: int = 0


class WatchedStore(Protocol):
    """What this needs of a store."""

    @property
    def verifier_key(self) -> VerifierKey:
        """The public key of what signs the ledger."""

    def reading_ledger(self) -> AbstractContextManager[LedgerReader]:
        """Open the ledger as of one moment."""


class LedgerWatch:
    """Verifies a ledger little by little; one thread calls `go_on`, others read `finding` at any time.

    Args:
        store: the ledger's.
        at_once: how many entries to look at in one go.
        clock: tells the time.
    """

    def __init__(
        self,
        store: WatchedStore,
        at_once: int = _ENTRIES_AT_ONCE,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.finding = LedgerFinding()
        self._store = store
        self._at_once = at_once
        self._clock = clock
        self._verification: LedgerVerification | None = None
        self._is_whole = False

    def go_on(self) -> None:
        """Look at some more entries, where it is time to."""
        now = self._clock()
        if self._is_due(now):
            try:
                self._look(now)
            except LedgerBroken as error:
                _log.error("the ledger does not verify", reason=str(error))
                # The entries behind what is broken say nothing; all is looked at again when it is time.
                self._verification, self._is_whole = None, True
                self.finding = replace(self.finding, broken=str(error), broken_at=now, looked_at=0)

    def _is_due(self, now: datetime) -> bool:
        found = self.finding
        if not self._is_whole:
            return True
        last_whole = max(time for time in (found.whole_at, found.broken_at) if time is not None)
        if now - last_whole >= _ALL_AGAIN_EVERY:
            self._verification, self._is_whole = None, False
            return True
        return self._verification is not None and (
            found.latest_at is None or now - found.latest_at >= _ADDED_EVERY
        )

    def _look(self, now: datetime) -> None:
        if self._verification is None:
            self._verification = LedgerVerification(self._store.verifier_key)
        with self._store.reading_ledger() as ledger:
            checkpoint = self._verification.go_on(ledger, self._at_once)
        found = replace(self.finding, looked_at=self._verification.size)
        if checkpoint is not None:
            found = replace(found, latest_at=now, latest_size=checkpoint.size)
            if not self._is_whole:
                found = replace(found, whole_at=now, whole_size=checkpoint.size, broken=None, broken_at=None)
                self._is_whole = True
        self.finding = found
