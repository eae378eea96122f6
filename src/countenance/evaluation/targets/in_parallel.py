"""Many small tasks by a few threads, stopped soon when one of them fails or the user gives up."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def run_in_parallel(tasks: Iterable[Callable[[], None]], threads: int, halt: Callable[[], None]) -> None:
    """Run tasks, taken one after another as threads become free; return when all are done.

    Raises the error of the first task that fails, once those under way have ended; ``halt`` is called before
    that wait, and no further task is begun. KeyboardInterrupt is handled the same way.
    """
    waiting = iter(tasks)
    taking = threading.Lock()
    stopped = threading.Event()

    def work() -> None:
        while not stopped.is_set():
            with taking:
                task = next(waiting, None)
            if task is None:
                return
            task()

    with ThreadPoolExecutor(threads, "asking") as pool:
        try:
            for worker in as_completed([pool.submit(work) for _ in range(threads)]):
                worker.result()
        except BaseException:
            stopped.set()
            halt()
            raise
