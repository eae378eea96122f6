"""Ask for the faces of a collection to be grouped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countenance.jobs.values import Job, Runner
from countenance.operations.queueing import queue_job

if TYPE_CHECKING:
    from countenance.gallery import Gallery
    from countenance.operations.acts import Act

__all__ = ["Job", "Runner", "start_grouping"]


def start_grouping(gallery: Gallery, act: Act, collection_id: str, *, runner: Runner = Runner.WORKERS) -> Job:
    """Queue a job that groups the faces of a collection; what it finds are suggestions.

    Raises:
        NotPermitted: the caller's key does not allow it, a moratorium on searching is in force, or the
            policy allows no groups.
        CollectionNotFound: there is no such collection.
        TooManyJobs: as many wait or run as there may be.
    """
    act.permit("start_grouping", collection_id)
    with act.changing(gallery) as change:
        collection = change.writer.collection(collection_id)
        return queue_job(
            act,
            change.writer,
            kind="group_faces",
            collection_id=collection.collection_id,
            parameters={},
            runner=runner,
        )
