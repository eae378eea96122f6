"""Collections and how much is in each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from countenance.gallery.groups import GroupState

if TYPE_CHECKING:
    from datetime import datetime

    from countenance.gallery import Gallery
    from countenance.governance import GovernanceReader
    from countenance.operations.acts import Act
    from countenance.operations.reports.described import DescribedCollection

_STATES = ("expired", "future", "valid", "withdrawn")


@dataclass(frozen=True, slots=True)
class CountedCollection:
    """A collection and how much is in it; ``consents`` are those to its purpose, by state.

    ``groups`` are each of one person's faces; people confirmed ``confirmed_groups`` of them.
    """

    described: DescribedCollection
    faces: int
    users: int
    subjects: int
    groups: int
    confirmed_groups: int
    consents: dict[str, int]


def counted(
    gallery: Gallery, act: Act, collections: list[DescribedCollection], now: datetime
) -> list[CountedCollection]:
    """Count what is in collections."""
    found = []
    with gallery.reading() as reader, act.governance.reading() as records:
        for described in collections:
            purpose, collection = described.purpose, described.collection
            found.append(
                CountedCollection(
                    described,
                    faces=reader.count_faces(collection),
                    users=reader.count_users(collection),
                    subjects=reader.count_subjects(collection),
                    groups=reader.count_groups(collection),
                    confirmed_groups=reader.count_groups(collection, GroupState.CONFIRMED),
                    consents=consents_by_state(records, now, purpose)
                    if purpose
                    else dict.fromkeys(_STATES, 0),
                )
            )
    return found


def consents_by_state(records: GovernanceReader, now: datetime, purpose: str | None = None) -> dict[str, int]:
    """Return how many consents there are, to one purpose or to any, for every state."""
    return dict.fromkeys(_STATES, 0) | records.count_consents(now, purpose)
