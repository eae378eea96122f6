"""Queue a job that finds the faces of a video, or searches a collection for them.

1. Ask whether the caller may, and may have this bucket read.
2. See that there is such a video, and a way to tell who wants to be told.
3. Queue the job, and the notification that follows it, once for each request token.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from countenance.operations.once import once
from countenance.operations.probes import least_score, require_pack
from countenance.operations.queueing import queue_job

if TYPE_CHECKING:
    from countenance.operations.acts import Act
    from countenance.operations.videos.ports import VideoWriter
    from countenance.operations.videos.rooms import VideoRooms
    from countenance.operations.videos.values import VideoAsked

DETECTION = "start_face_detection"
SEARCH = "start_face_search"
NOTIFICATION = "notify"


def start_face_detection_in_video(rooms: VideoRooms, act: Act, asked: VideoAsked) -> str:
    """Queue a job that finds and measures the faces of a video; returns its id.

    Raises:
        NotPermitted: the caller's key or a moratorium does not allow it.
        ObjectNotReadable: the video cannot be had.
        VideoTooLarge: it has too many bytes.
        NotificationRefused: there is no way to notify whom the caller names.
        RequestTokenReused: the token came before with another request.
        TooManyJobs: as many wait or run as there may be.
    """
    # 1
    act.permit("start_face_detection")
    return _queued(rooms, act, DETECTION, asked, None, {})


def start_face_search_in_video(
    rooms: VideoRooms, act: Act, collection_id: str, asked: VideoAsked, *, least_similarity: float
) -> str:
    """Queue a job that searches a collection for the people of a video; returns its id.

    Args:
        rooms: what it takes.
        act: who asks.
        collection_id: where is searched.
        asked: the video.
        least_similarity: what a match reaches at least, 0–100.

    Raises:
        NotPermitted: the caller's key, a moratorium or the collection's policy does not allow it.
        CollectionNotFound: there is no such collection.
        PacksDiffer: the collection was filled by another pack.
        PackNotCalibrated: the pack cannot say what a score means.
        ObjectNotReadable, VideoTooLarge, NotificationRefused, RequestTokenReused, TooManyJobs: as
            `start_face_detection_in_video`.
    """
    # 1
    act.permit("start_face_search", collection_id)
    with rooms.gallery.reading() as reader:
        require_pack(rooms.vision, reader.collection(collection_id))
    least_score(rooms.vision.calibration, least_similarity)  # better told now than by a job that failed
    return _queued(rooms, act, SEARCH, asked, collection_id, {"least_similarity": least_similarity})


def _queued(
    rooms: VideoRooms,
    act: Act,
    kind: str,
    asked: VideoAsked,
    collection_id: str | None,
    how: dict[str, Any],
) -> str:
    stored = asked.stored
    act.caller.permit_bucket(stored.bucket)
    # 2
    if asked.channel is not None:
        rooms.channels.require(asked.channel)
    rooms.sources.require(stored)
    # 3
    parameters = {
        "bucket": stored.bucket,
        "name": stored.name,
        "version": stored.version,
        "channel": asked.channel,
        **how,
    }
    with act.changing(rooms.gallery) as change:
        writer = cast("VideoWriter", change.writer)

        def queue() -> str:
            collection = writer.collection(collection_id) if collection_id is not None else None
            job = queue_job(
                act,
                change.writer,
                kind=kind,
                collection_id=collection_id,
                parameters=parameters,
                tag=asked.tag,
            )
            writer.add_video(job, collection)
            if asked.channel is not None:
                queue_job(
                    act,
                    change.writer,
                    kind=NOTIFICATION,
                    collection_id=None,
                    parameters={"channel": asked.channel},
                    follows=job.job_id,
                )
            return job.job_id

        same = {**parameters, "collection": collection_id, "tag": asked.tag}
        job_id = once(writer, act.caller, kind, asked.token, same, queue)
        act.note(job=job_id)
    return str(job_id)
