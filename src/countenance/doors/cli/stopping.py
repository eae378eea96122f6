"""How a command that goes on for long is stopped."""

from __future__ import annotations

import signal
import threading


def when_stopped() -> threading.Event:
    """Return what is set by the first SIGTERM or SIGINT; the second one ends the process at once."""
    stopped = threading.Event()

    def stop(signal_number: int, _: object) -> None:
        stopped.set()
        signal.signal(signal_number, signal.SIG_DFL)

    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, stop)
    return stopped
