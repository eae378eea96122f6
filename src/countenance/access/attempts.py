"""How often somebody may try to sign in: a few mistakes are human, thousands are not."""

from __future__ import annotations

import ipaddress
import threading
import time
from collections import OrderedDict, deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_MISTAKES = 10
"""So many within `WITHIN_SECONDS`, and an address has to wait."""

WITHIN_SECONDS = 300.0

_MOST_ADDRESSES = 10_000
# Whoever has one IPv6 address has all of such a network.
_NETWORK_BITS = 64


class Attempts:
    """Counts the mistakes of each address, in the memory of one process, safe to use from many threads.

    By address and not by key: else anybody could lock a key's owner out.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._mistakes: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def seconds_to_wait(self, address: str) -> int:
        """Return how long an address has to wait before it may try again; 0 where it may now."""
        with self._lock:
            mistakes = self._mistakes.get(_network(address))
            if mistakes is None or len(mistakes) < MOST_MISTAKES:
                return 0
            return max(0, int(mistakes[0] + WITHIN_SECONDS - self._clock() + 0.999))

    def note_mistake(self, address: str) -> None:
        """Count a mistake; where there are too many addresses to remember, the oldest is forgotten."""
        network = _network(address)
        with self._lock:
            mistakes = self._mistakes.setdefault(network, deque(maxlen=MOST_MISTAKES))
            mistakes.append(self._clock())
            self._mistakes.move_to_end(network)
            if len(self._mistakes) > _MOST_ADDRESSES:
                self._mistakes.popitem(last=False)

    def forget(self, address: str) -> None:
        """Forget the mistakes of an address that has signed in."""
        with self._lock:
            self._mistakes.pop(_network(address), None)


def _network(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return str(parsed)
    return str(ipaddress.ip_network((parsed, _NETWORK_BITS), strict=False))
