"""StartFaceDetection, GetFaceDetection, StartFaceSearch and GetFaceSearch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countenance.doors.rekognition.desk import stored_object
from countenance.doors.rekognition.faults import INVALID_PARAMETERS, Fault
from countenance.doors.rekognition.presenting import enrolled_face, face_detail, present
from countenance.operations.videos.get_results import (
    MOST_OF_A_PAGE,
    Order,
    get_face_detection_in_video,
    get_face_search_in_video,
)
from countenance.operations.videos.start_jobs import (
    start_face_detection_in_video,
    start_face_search_in_video,
)
from countenance.operations.videos.values import JobState, VideoAsked

if TYPE_CHECKING:
    from countenance.doors.rekognition.desk import Desk, Request
    from countenance.doors.rekognition.presenting import Record
    from countenance.operations.videos.values import SeenFace, VideoFacts, VideoResults

_SIMILARITY = 80.0
_ORDERS = {"TIMESTAMP": Order.TIME, "INDEX": Order.PERSON}
_FAILED = (JobState.FAILED, JobState.CANCELLED)


def start_detection(desk: Desk, request: Request) -> Record:
    """StartFaceDetection; our packs measure no more with FaceAttributes ALL than by default."""
    return {"JobId": start_face_detection_in_video(desk.videos, request.act, _asked(request))}


def start_search(desk: Desk, request: Request) -> Record:
    """StartFaceSearch."""
    job_id = start_face_search_in_video(
        desk.videos,
        request.act,
        request.parameters["CollectionId"],
        _asked(request),
        least_similarity=request.parameters.get("FaceMatchThreshold", _SIMILARITY),
    )
    return {"JobId": job_id}


def get_detection(desk: Desk, request: Request) -> Record:
    """GetFaceDetection."""
    asked = request.parameters
    belongs_to = {"operation": "GetFaceDetection", "job": asked["JobId"]}
    results = get_face_detection_in_video(
        desk.videos.store,
        request.act,
        asked["JobId"],
        most=asked.get("MaxResults", MOST_OF_A_PAGE),
        after=desk.tokens.position(asked.get("NextToken"), belongs_to),
    )
    answer = _answer(desk, results, belongs_to)
    if results.facts is not None:
        width, height = results.facts.width_px, results.facts.height_px
        answer["Faces"] = [
            {"Timestamp": seen.sighting.timestamp_ms, "Face": face_detail(seen.sighting.face, width, height)}
            for seen in results.seen
        ]
    return answer


def get_search(desk: Desk, request: Request) -> Record:
    """GetFaceSearch."""
    asked = request.parameters
    sorted_by = asked.get("SortBy", "TIMESTAMP")
    belongs_to = {"operation": "GetFaceSearch", "job": asked["JobId"], "order": sorted_by}
    results = get_face_search_in_video(
        desk.videos.store,
        request.act,
        asked["JobId"],
        order=_ORDERS[sorted_by],
        most=asked.get("MaxResults", MOST_OF_A_PAGE),
        after=desk.tokens.position(asked.get("NextToken"), belongs_to),
    )
    answer = _answer(desk, results, belongs_to)
    if results.facts is not None:
        answer["Persons"] = [_person(seen, results.facts, results.pack or "") for seen in results.seen]
    return answer


def _asked(request: Request) -> VideoAsked:
    """Return what is asked of a video; who may be notified is settled by the server, so a role is not used.

    Raises:
        Fault: InvalidParameterException, the Video has no S3Object.
    """
    asked = request.parameters
    if "S3Object" not in asked["Video"]:
        raise Fault("InvalidParameterException", f"{INVALID_PARAMETERS} (a Video has an S3Object)")
    return VideoAsked(
        stored=stored_object(asked["Video"]["S3Object"]),
        token=asked.get("ClientRequestToken"),
        channel=asked.get("NotificationChannel", {}).get("SNSTopicArn"),
        tag=asked.get("JobTag"),
    )


def _answer(desk: Desk, results: VideoResults, belongs_to: dict[str, object]) -> Record:
    """Return what all answers have; metadata, and results beside it, only once there are any."""
    job = results.job
    status = "SUCCEEDED" if job.state is JobState.SUCCEEDED else "IN_PROGRESS"
    if job.state in _FAILED:
        status = "FAILED"
    parameters = job.asked.parameters
    stored = {
        "Bucket": parameters["bucket"],
        "Name": parameters["name"],
        "Version": parameters["version"],
    }
    following = desk.tokens.token(results.next_after, belongs_to) if results.next_after is not None else None
    return present(
        {
            "JobId": job.job_id,
            "JobStatus": status,
            "StatusMessage": _message(results),
            "JobTag": job.asked.tag,
            "Video": {"S3Object": present(stored)},
            "VideoMetadata": _metadata(results.facts) if results.facts is not None else None,
            "NextToken": following,
        }
    )


def _message(results: VideoResults) -> str | None:
    """Return why a job waits or failed, or what of the video it could not read."""
    job = results.job
    if job.state in _FAILED:
        return job.message or "the job was cancelled"
    return job.message or results.damage or None


def _metadata(facts: VideoFacts) -> Record:
    ranges = {True: "FULL", False: "LIMITED", None: None}
    return present(
        {
            "Codec": facts.codec,
            "DurationMillis": facts.duration_ms,
            "Format": facts.container,
            "FrameRate": facts.frames_per_second,
            "FrameHeight": facts.height_px,
            "FrameWidth": facts.width_px,
            "ColorRange": ranges[facts.full_range],
        }
    )


def _person(seen: SeenFace, facts: VideoFacts, pack: str) -> Record:
    """Return a PersonMatch; of a person we see the face, so that is their box."""
    detail = face_detail(seen.sighting.face, facts.width_px, facts.height_px)
    person = {"Index": seen.person, "BoundingBox": detail["BoundingBox"], "Face": detail}
    matches = [
        {"Similarity": match.similarity.percent, "Face": enrolled_face(match.face, pack)}
        for match in seen.matches
    ]
    return {"Timestamp": seen.sighting.timestamp_ms, "Person": present(person), "FaceMatches": matches}
