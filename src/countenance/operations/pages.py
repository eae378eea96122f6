"""One page of a list, and where the next begins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable


class _HasKey(Protocol):
    @property
    def key(self) -> int: ...


Item = TypeVar("Item", bound=_HasKey)


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Items by ascending key; ``next_after`` is the key after which the next page begins, None at the end."""

    items: list[Item]
    next_after: int | None


def page_of(read: Callable[[int], list[Item]], most: int, after_key: int) -> Page[Item]:
    """Read one page; ``read`` returns as many items as it is told, and one more says that a page follows.

    A page of no items, which Rekognition allows to ask for, begins again where it was.
    """
    items = read(most + 1)
    if len(items) <= most:
        return Page(items, None)
    return Page(items[:most], items[most - 1].key if most else after_key)
