"""What a server does unasked: erase what is due, follow others, verify the ledger, inform the witness."""

from __future__ import annotations

import threading
import time
import uuid
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

import structlog

from countenance.errors import CountenanceError
from countenance.ledger import read_checkpoint
from countenance.operations.evaluations.read_evaluations import forget_evaluations
from countenance.operations.manage_jobs import forget_jobs
from countenance.operations.overview.values import SweepNote
from countenance.operations.sweep import do_sweep
from countenance.operations.videos.forget_results import forget_video_results

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from countenance.gallery import Gallery
    from countenance.ledger import LedgerReader, VerifierKey, Witness
    from countenance.operations.acts import Register
    from countenance.operations.overview.ledger_watch import LedgerWatch

    _Task = tuple[float, Callable[[], None]]

_TICK_SECONDS = 1.0
# A process that slept longer builds its indexes again.
_NOTES_KEPT = timedelta(hours=1)
_log = structlog.get_logger("countenance.upkeep")


class TendedStore(Protocol):
    """What upkeep needs of a store."""

    @property
    def verifier_key(self) -> VerifierKey:
        """The public key of what signs the ledger."""

    def reading_ledger(self) -> AbstractContextManager[LedgerReader]:
        """Open the ledger as of one moment."""


@dataclass(slots=True)
class UpkeepNotes:
    """What upkeep has done since the server started; one thread writes it, others read it."""

    last_sweep: SweepNote | None = None


@dataclass(frozen=True, slots=True)
class Upkeep:
    """What is to be done, and how often.

    Attributes:
        gallery: the collections.
        register: where what is done is recorded.
        store: their database.
        sweep_seconds: how often what is due is erased.
        consents_kept: how long the record of a consent stays after it ended.
        jobs_kept: how long a job stays after it ended.
        video_results_kept: how long what a job found in a video stays.
        evaluations_kept: how long the report of an evaluation stays.
        watch: what verifies the ledger.
        notes: what was done.
        witness: who gets checkpoints, if anybody.
        witness_seconds: how often.
    """

    gallery: Gallery
    register: Register
    store: TendedStore
    sweep_seconds: float
    consents_kept: timedelta
    jobs_kept: timedelta
    video_results_kept: timedelta
    evaluations_kept: timedelta
    watch: LedgerWatch
    notes: UpkeepNotes
    witness: Witness | None
    witness_seconds: float

    def going_on(self) -> AbstractContextManager[None]:
        """Do all of it in a thread, for as long as the block runs."""
        tasks: list[_Task] = [
            (_TICK_SECONDS, self._follow),
            (self.sweep_seconds, self._sweep),
            (_TICK_SECONDS, self._verify),
        ]
        if self.witness is not None:
            last_size = [-1]
            tasks.append((self.witness_seconds, lambda: self._give_checkpoint(last_size)))
        return self._doing(tasks)

    def following(self) -> AbstractContextManager[None]:
        """Only follow other processes, as one does that works beside a server."""
        return self._doing([(_TICK_SECONDS, self._follow)])

    @contextmanager
    def _doing(self, tasks: list[_Task]) -> Iterator[None]:
        stopping = threading.Event()
        thread = threading.Thread(target=self._work, args=(stopping, tasks), name="upkeep", daemon=True)
        thread.start()
        try:
            yield
        finally:
            stopping.set()
            thread.join()

    def _work(self, stopping: threading.Event, tasks: list[_Task]) -> None:
        due = [0.0] * len(tasks)
        while not stopping.is_set():
            for place, (every, task) in enumerate(tasks):
                if time.monotonic() >= due[place]:
                    self._try(task)
                    due[place] = time.monotonic() + every
            stopping.wait(_TICK_SECONDS)

    def _try(self, task: Callable[[], None]) -> None:
        try:
            task()
        except CountenanceError as error:
            _log.error("upkeep failed and is tried again", task=task.__name__, reason=str(error))
        except Exception:
            _log.exception("upkeep failed and is tried again", task=task.__name__)

    def _follow(self) -> None:
        self.gallery.follow_others()

    def _sweep(self) -> None:
        self.gallery.forget_old_changes(datetime.now(UTC) - _NOTES_KEPT)
        request_id = str(uuid.uuid4())
        erased = do_sweep(self.gallery, self.register, self.consents_kept, request_id)
        forget_video_results(self.register, datetime.now(UTC) - self.video_results_kept, request_id)
        forget_jobs(self.register, datetime.now(UTC) - self.jobs_kept, request_id)
        forget_evaluations(self.register, datetime.now(UTC) - self.evaluations_kept, request_id)
        self.notes.last_sweep = SweepNote(datetime.now(UTC), erased)
        if erased:
            _log.info("erased what was due", faces=erased)

    def _verify(self) -> None:
        self.watch.go_on()

    def _give_checkpoint(self, last_size: list[int]) -> None:
        with self.store.reading_ledger() as ledger:
            note = ledger.head().checkpoint
        if not note or self.witness is None:
            return
        checkpoint = read_checkpoint(note, self.store.verifier_key)
        if checkpoint.size != last_size[0]:
            self.witness.keep(checkpoint, note)
            last_size[0] = checkpoint.size
