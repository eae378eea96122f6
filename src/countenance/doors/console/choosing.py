"""Which collections a form offers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countenance.operations.list_collections import list_collections

if TYPE_CHECKING:
    from countenance.doors.console.visit import Visit

MOST_OFFERED = 500


async def collections_offered(visit: Visit) -> list[str]:
    """Return the ids of collections that the reader may choose from; none where they may not list any."""
    if not visit.may("list_collections"):
        return []
    found = await visit.do(lambda act: list_collections(visit.desk.gallery, act, most=MOST_OFFERED))
    return [each.collection_id for each in found.items]
