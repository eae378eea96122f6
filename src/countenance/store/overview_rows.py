"""Counts over all collections at once, within one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, or_, select

from countenance.governance import ReviewState
from countenance.jobs.values import JobState
from countenance.operations.overview.values import CountedJobs, Held
from countenance.store.governance_tables import holds, reviews
from countenance.store.job_tables import jobs
from countenance.store.rows import in_utc
from countenance.store.subject_reading import REVIEWED
from countenance.store.tables import faces, subjects, tags, users

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Table

_NOT_PROBED = (~subjects.c.name.startswith(REVIEWED),)  # whoever is in a review's picture is yet unknown


class OverviewReading:
    """Implements the part of `OverviewReader` that counts."""

    _connection: Connection

    def all_tags(self) -> dict[int, dict[str, str]]:
        """Return the tags of all collections that have any, by the collection's key."""
        found: dict[int, dict[str, str]] = {}
        for row in self._connection.execute(select(tags)):
            found.setdefault(row.collection_key, {})[row.name] = row.value
        return found

    def count_held(self) -> dict[int, Held]:
        """Return how much is in each collection, by its key; one in which nothing is may be absent."""
        of_faces, of_users = self._by_collection(faces), self._by_collection(users)
        of_subjects = self._by_collection(subjects, *_NOT_PROBED)
        return {
            key: Held(of_faces.get(key, 0), of_users.get(key, 0), of_subjects.get(key, 0))
            for key in of_faces.keys() | of_users.keys() | of_subjects.keys()
        }

    def count_open_reviews(self) -> dict[int, int]:
        """Return how many reviews are open, by the collection's key."""
        return self._by_collection(reviews, reviews.c.state == ReviewState.OPEN.value)

    def count_jobs(self, ended_since: datetime) -> list[CountedJobs]:
        """Return how many jobs there are, of those that ended only the ones since a time."""
        which = (jobs.c.state, jobs.c.asked_by, jobs.c.collection_id)
        recent = or_(jobs.c.ended_at.is_(None), jobs.c.ended_at >= in_utc(ended_since))
        query = select(*which, func.count().label("many")).where(recent).group_by(*which)
        return [
            CountedJobs(JobState(row.state), row.asked_by, row.collection_id, row.many)
            for row in self._connection.execute(query)
        ]

    def count_holds(self) -> int:
        """Return how many legal holds are in force."""
        query = select(func.count()).select_from(holds).where(holds.c.released_at.is_(None))
        return int(self._connection.execute(query).scalar_one())

    def _by_collection(self, table: Table, *these: ColumnElement[bool]) -> dict[int, int]:
        key: ColumnElement[Any] = table.c.collection_key
        query = select(key.label("key"), func.count().label("many")).where(*these).group_by(key)
        return {row.key: row.many for row in self._connection.execute(query)}
