"""What operations need of a ledger; `store` implements it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping, Sequence

    Entries = Generator[tuple[int, bytes], None, None]
    Nodes = Generator[tuple[int, int, bytes], None, None]


@dataclass(frozen=True, slots=True)
class LedgerHead:
    """How many entries there are, the roots of the complete subtrees over them, and the signed checkpoint."""

    size: int
    frontier: tuple[bytes, ...]
    checkpoint: str


class Ledger(Protocol):
    """A ledger that many threads may add to."""

    def append(self, record: Mapping[str, Any]) -> None:
        """Add an entry, durable on return; its time is added here. Raises StoreUnavailable."""


class LedgerReader(Protocol):
    """A ledger as of one moment."""

    def head(self) -> LedgerHead:
        """Return what is known of all entries."""

    def entries(self, first: int = 0, before: int | None = None) -> Entries:
        """Yield the places and the bytes of all entries, or of those from a place to before another."""

    def nodes(self, first: int = 0, before: int | None = None) -> Nodes:
        """Yield level, place and hash of inner nodes, in the order in which entries completed them.

        They are all, or those that entries from the place ``first`` to the one before ``before`` completed.
        """

    def node(self, level: int, place: int) -> bytes:
        """Return the root of a complete subtree, at level 0 a leaf; raises LedgerBroken if it is missing."""

    def of_request(self, request_id: str) -> list[tuple[int, bytes]]:
        """Return the places and entries of a request."""

    def newest(self, texts: Sequence[str], *, first: int, before: int, most: int) -> list[tuple[int, bytes]]:
        """Return the places and the bytes of entries that hold each of the texts, newest first.

        Entries are looked at from the one before ``before`` down to the place ``first``. A text is a part of
        an entry as `canonical` makes it.
        """

    def mentioning(
        self, texts: Sequence[str], *, first: int = 0, before: int | None = None
    ) -> Iterator[tuple[int, bytes]]:
        """Yield the places and the bytes of the entries that hold any of the texts as a string, in order.

        A text has no quotation marks, and no characters that JSON escapes. Entries are looked at from the
        place ``first`` on, up to the one before ``before``.
        """
