"""The work of an import: its items, batch by batch, in a pipeline that keeps all processors busy.

1. Take the next items that are due, and open their act; ask whether each may be enrolled, and look at none
   that may not.
2. Open the pictures, some ahead, in threads.
3. Find their faces, in as many threads as the networks use.
4. Commit each batch as soon as its last picture was looked at.
5. When all are through, wait for those that are to be tried again, and begin again with these.
"""

from __future__ import annotations

import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from countenance.errors import CountenanceError
from countenance.images.sources import StoredObject
from countenance.jobs.values import ItemState
from countenance.operations.imports.batches import Batch, Maker, questions_of
from countenance.operations.imports.committing import commit
from countenance.operations.imports.opening import PictureOpener
from countenance.operations.imports.values import import_item

if TYPE_CHECKING:
    from collections.abc import Iterator

    from countenance.archive.values import Place
    from countenance.images import Photograph
    from countenance.jobs.run import JobRun
    from countenance.jobs.values import JobItem
    from countenance.operations.imports.opening import OpenedPicture
    from countenance.operations.imports.rooms import ImportRooms
    from countenance.operations.imports.values import ImportAsked

_PAGE = 512
_MOST_OF_A_BATCH = 32
_FIRST_BATCH = 8
_SECONDS_OF_A_BATCH = 1.0


def import_pictures(rooms: ImportRooms, run: JobRun, asked: ImportAsked) -> None:
    """Import the items of a job that are due, and those that become due, until none is left.

    Raises:
        NotPermitted: the import is not allowed, or not any more.
        CollectionNotFound: the collection was deleted.
        JobStopped, JobLost, JobItemsGone: the job is to be left as it is, or gone on with anew.
        StoreUnavailable: the database does not answer.
    """
    opener = PictureOpener(rooms, asked, run.check)
    with opener.working(), ThreadPoolExecutor(2, thread_name_prefix="portraits") as portraits:
        maker = Maker(rooms.identifiers, asked, portraits)
        while _some_wait(run):
            _Pass(rooms, run, asked, opener, maker).go()


def _some_wait(run: JobRun) -> bool:
    """Wait until an item is due; returns False where none is left."""
    while True:
        run.check()
        with run.store.reading() as reader:
            if reader.due_items(run.job, after_place=0, most=1, now=datetime.now(UTC)):
                return True
            if not reader.job_items(run.job, after_place=0, most=1, state=ItemState.WAITING):
                return False
        run.stop.wait(0.5)


class _Pass:
    """One way through all items that are due."""

    def __init__(
        self, rooms: ImportRooms, run: JobRun, asked: ImportAsked, opener: PictureOpener, maker: Maker
    ) -> None:
        self._rooms = rooms
        self._run = run
        self._asked = asked
        self._opener = opener
        self._maker = maker
        self._batches: deque[Batch] = deque()
        self._asked_for: deque[tuple[Batch, JobItem]] = deque()
        self._looked_at: deque[tuple[Batch, JobItem, OpenedPicture]] = deque()
        self._size = _FIRST_BATCH
        self._began = time.monotonic()

    def go(self) -> None:
        """Go; what was not committed when an error ends it is as if it had not been begun."""
        try:
            outcomes = self._rooms.vision.faces_of_many(self._photographs())
            with closing(outcomes):  # type: ignore[type-var]
                for outcome in outcomes:
                    self._run.check()
                    batch, item, opened = self._looked_at.popleft()
                    if isinstance(outcome, CountenanceError):
                        batch.fail(item, outcome)
                    else:
                        self._maker.add(batch, item, opened, outcome)
                    batch.missing -= 1
                    self._commit_what_is_complete()
            self._commit_what_is_complete()
        except BaseException as error:
            self._abandon(error)
            raise

    def _photographs(self) -> Iterator[Photograph]:
        """Yield the pictures that may be looked at and can be opened."""
        for opened in self._opener.opened(self._places()):
            batch, item = self._asked_for.popleft()
            if isinstance(opened, CountenanceError):
                batch.fail(item, opened)
                batch.missing -= 1
                self._commit_what_is_complete()
            else:
                self._looked_at.append((batch, item, opened))
                yield opened.photograph

    def _places(self) -> Iterator[Place]:
        """Yield where the pictures are that may be looked at, batch by batch."""
        page: deque[JobItem] = deque()
        last = 0
        while True:
            if not page:
                with self._run.store.reading() as reader:
                    page += reader.due_items(
                        self._run.job, after_place=last, most=_PAGE, now=datetime.now(UTC)
                    )
                if not page:
                    return
                last = page[-1].place
            self._run.check()
            items = [page.popleft() for _ in range(min(self._size, len(page)))]
            batch, wanted = self._begun(items)
            for item, place in wanted:
                self._asked_for.append((batch, item))
                yield place
            self._commit_what_is_complete()

    def _begun(self, items: list[JobItem]) -> tuple[Batch, list[tuple[JobItem, Place]]]:
        """Open the act of a batch, and return it with those of its pictures that may be looked at."""
        run, closing_it = self._run, ExitStack()
        act = closing_it.enter_context(self._rooms.register.act(run.caller(), run.job.asked.request_id))
        batch = Batch(act, closing_it)
        self._batches.append(batch)
        pictures = []
        for item in items:
            for kind, noted in (("skipped", batch.skipped), ("failed", batch.failed)):
                if kind in item.asked.details:
                    noted[item.place] = item.asked.details[kind]
            if "place" in item.asked.details:
                pictures.append((item, import_item(item)))
        questions = questions_of([picture for _, picture in pictures], self._asked)
        refusals = act.permit_each("import_faces", str(run.job.asked.collection_id), questions)
        wanted = []
        for (item, picture), refusal in zip(pictures, refusals, strict=True):
            if refusal is not None:
                batch.fail(item, refusal)
                continue
            if isinstance(picture.place, StoredObject):
                act.caller.permit_bucket(picture.place.bucket)
            wanted.append((item, picture.place))
        batch.missing = len(wanted)
        return batch, wanted

    def _commit_what_is_complete(self) -> None:
        while self._batches and not self._batches[0].missing:
            batch = self._batches[0]
            commit(self._rooms, self._run, self._asked, batch)
            batch.closing.close()
            self._batches.popleft()
            self._set_size(len(batch.seen))

    def _set_size(self, seen: int) -> None:
        """Let a batch take about a second, so that little is done again after a crash."""
        now = time.monotonic()
        seconds, self._began = max(now - self._began, 1e-3), now
        wanted = round(seen / seconds * _SECONDS_OF_A_BATCH) or 1
        self._size = min(_MOST_OF_A_BATCH, max(wanted, self._size // 2, 1))

    def _abandon(self, error: BaseException) -> None:
        """End the acts of the batches that are not committed, as the error says."""
        for batch in self._batches:
            try:
                batch.closing.__exit__(type(error), error, error.__traceback__)
            except BaseException as ended:
                if ended is not error:
                    raise
