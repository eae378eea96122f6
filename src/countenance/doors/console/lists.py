"""Pages of a list that is there as a whole and only ever grows at its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from countenance.doors.console.visit import PAGE_SIZE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from countenance.doors.console.visit import Paging

Item = TypeVar("Item")


def part_of(paging: Paging, items: Sequence[Item]) -> tuple[Sequence[Item], str | None]:
    """Return the items of the page that is asked for, and the token of the page that follows."""
    end = paging.position + PAGE_SIZE
    following = paging.visit.desk.tokens.token(end, paging.belongs_to) if end < len(items) else None
    return items[paging.position : end], following
