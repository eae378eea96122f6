"""What the overview needs of a database. `store` implements it.

All methods raise `StoreUnavailable` when the database does not answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from countenance.governance import GovernanceReader
from countenance.operations.monitors.ports import MonitorReader

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from countenance.governance import Due
    from countenance.operations.overview.values import CountedJobs, Held


class OverviewReader(MonitorReader, GovernanceReader, Protocol):
    """Counts over all collections at once, in one consistent state of the database."""

    def all_tags(self) -> Mapping[int, Mapping[str, str]]:
        """Return the tags of all collections that have any, by the collection's key."""

    def count_held(self) -> Mapping[int, Held]:
        """Return how much is in each collection, by its key; one in which nothing is may be absent."""

    def count_open_reviews(self) -> Mapping[int, int]:
        """Return how many reviews are open, by the collection's key."""

    def count_jobs(self, ended_since: datetime) -> Sequence[CountedJobs]:
        """Return how many jobs there are, of those that ended only the ones since a time."""

    def count_due_faces_until(self, collection_key: int, dues: Sequence[Due]) -> Sequence[int]:
        """Return how many faces are due at each of several times of one policy, earliest first.

        Faces under a hold are left out.
        """

    def count_holds(self) -> int:
        """Return how many legal holds are in force."""


class OverviewStore(Protocol):
    """A database of all that an overview shows, safe to use from many threads."""

    def reading(self) -> AbstractContextManager[OverviewReader]:
        """Open a read transaction; it never waits for writers."""
