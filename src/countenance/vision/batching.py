"""Joins the work of concurrent callers into one run of a network.

A lone caller is served at once. When several callers are busy at the same time, whoever asks first waits, at
most a bounded time, for the others, and one run serves them all.
"""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from countenance.faces import Pixels

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Order:
    chips: Pixels
    answer: Future[Floats] = field(default_factory=Future)


class MicroBatcher:
    """Runs a function of chips in batches gathered over threads.

    Args:
        run: turns N × side × side × 3 chips into N rows; called by one thread at a time.
        largest_batch: chips in one run at most; larger orders are split.
        longest_wait_seconds: how long the first order of a batch may wait for others.
    """

    def __init__(
        self, run: Callable[[Pixels], Floats], largest_batch: int = 32, longest_wait_seconds: float = 0.005
    ) -> None:
        self._run = run
        self._largest_batch = largest_batch
        self._longest_wait_seconds = longest_wait_seconds
        self._changed = threading.Condition()
        self._orders: list[_Order] = []
        self._callers = 0
        self._leading = False

    @contextmanager
    def caller(self) -> Iterator[None]:
        """Announce, for as long as the block runs, a caller that is going to order."""
        with self._changed:
            self._callers += 1
        try:
            yield
        finally:
            with self._changed:
                self._callers -= 1
                self._changed.notify_all()

    def __call__(self, chips: Pixels) -> Floats:
        """Return one row per chip; may be called from any thread.

        Raises:
            Exception: whatever the run raised; it reaches every caller of the batch.
        """
        order = _Order(chips)
        with self._changed:
            self._orders.append(order)
            self._changed.notify_all()
        while not order.answer.done():
            batch = self._take_lead(order)
            if batch:
                self._serve(batch)
        return order.answer.result()

    def _take_lead(self, own: _Order) -> list[_Order]:
        """Wait until ``own`` is answered (return nothing) or it is this thread's turn to run a batch."""
        with self._changed:
            while self._leading and not own.answer.done():
                self._changed.wait()
            if own.answer.done():
                return []
            self._leading = True
            deadline = time.monotonic() + self._longest_wait_seconds
            while len(self._orders) < self._callers and self._waiting_chips() < self._largest_batch:
                remaining = deadline - time.monotonic()
                if remaining <= 0 or not self._changed.wait(remaining):
                    break
            batch, self._orders = self._orders, []
            return batch

    def _waiting_chips(self) -> int:
        return sum(len(order.chips) for order in self._orders)

    def _serve(self, batch: list[_Order]) -> None:
        try:
            chips = np.concatenate([order.chips for order in batch]) if len(batch) > 1 else batch[0].chips
            parts = [
                self._run(chips[start : start + self._largest_batch])
                for start in range(0, len(chips), self._largest_batch)
            ]
            rows = np.concatenate(parts)
            start = 0
            for order in batch:
                order.answer.set_result(rows[start : start + len(order.chips)])
                start += len(order.chips)
        except BaseException as error:
            for order in batch:
                if not order.answer.done():
                    order.answer.set_exception(error)
        finally:
            with self._changed:
                self._leading = False
                self._changed.notify_all()
