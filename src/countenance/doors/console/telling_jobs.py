"""Jobs in the reader's words: what they do, how far they are, what came of them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from countenance.doors.console.marking import N_
from countenance.doors.console.paths import PREFIX, at
from countenance.doors.timelines import clock
from countenance.operations.manage_jobs import JobState

if TYPE_CHECKING:
    from countenance.doors.console.visit import Visit
    from countenance.operations.follow_job import Pace
    from countenance.operations.manage_jobs import Job

KINDS = {
    "import_faces": N_("Import of pictures"),
    "start_face_search": N_("Search for people in a video"),
    "start_face_detection": N_("Faces in a video"),
    "group_faces": N_("Grouping of faces"),
    "evaluate": N_("Evaluation"),
    "notify": N_("Notification"),
}
"""By kind of job, what it is called."""

STATES = {
    JobState.WAITING: N_("waits"),
    JobState.RUNNING: N_("runs"),
    JobState.SUCCEEDED: N_("done"),
    JobState.FAILED: N_("failed"),
    JobState.CANCELLED: N_("cancelled"),
}
BADGES = {JobState.RUNNING: "info", JobState.SUCCEEDED: "good", JobState.FAILED: "bad"}

_VIDEOS = ("start_face_search", "start_face_detection")
_MOST_SECONDS, _MOST_MINUTES = 90, 5_400


@dataclass(frozen=True, slots=True)
class ToldJob:
    """A job as it is told: all texts are in the reader's language.

    Attributes:
        state: in a word.
        badge: the class of its badge.
        settled: how much is done, of how much; empty where nothing can be told.
        share: how much of it is done, 0–100; None where nobody knows.
        lines: what else is to be said while it goes on, such as how fast it is.
        message: why it waits or failed; empty where there is nothing to say.
        ended: whether nothing will happen any more.
    """

    state: str
    badge: str
    settled: str
    share: float | None
    lines: tuple[str, ...]
    message: str
    ended: bool

    def as_json(self) -> dict[str, Any]:
        """Return it as a script takes it."""
        return asdict(self)


def told_job(visit: Visit, job: Job, pace: Pace | None = None) -> ToldJob:
    """Return how far a job is; without a pace only what the job itself says."""
    ending = job.cancel_asked and not job.state.ended
    return ToldJob(
        state=visit.say(N_("is being cancelled")) if ending else visit.say(STATES[job.state]),
        badge="warn" if ending else BADGES.get(job.state, ""),
        settled=_settled(visit, job, pace) if pace is not None else "",
        share=_share(job, pace),
        lines=tuple(_lines(visit, job, pace)) if pace is not None else (),
        message=job.message,
        ended=job.state.ended,
    )


def called(visit: Visit, kind: str) -> str:
    """Return what a kind of job is called."""
    return visit.say(KINDS[kind]) if kind in KINDS else kind


def about(job: Job) -> str:
    """Return what a job works on: a file, some folders, a collection; empty where there is nothing to say."""
    parameters = job.asked.parameters
    if job.asked.kind in _VIDEOS:
        return f"{parameters['bucket']}/{parameters['name']}"
    if job.asked.kind == "evaluate":
        return f"{parameters['bucket']}/{parameters['path']}".rstrip("/")
    return ", ".join(map(str, parameters.get("sources", ())))


def in_short(visit: Visit, job: Job) -> str:
    """Return how much a job has done so far, for a list."""
    progress, number = job.progress, visit.language.number
    if job.asked.kind in _VIDEOS:
        seen = progress.counts.get("people", 0) or progress.counts.get("tracks", 0)
        return number(seen) if seen else ""
    done = progress.counts.get("pictures", progress.done)
    return number(done) if progress.total is None else f"{number(done)} / {number(progress.total)}"


def result_of(visit: Visit, job: Job) -> tuple[str, str] | None:
    """Return the page that shows what came of a job, and what it is called; None where there is none yet."""
    kind, collection_id = job.asked.kind, job.asked.collection_id
    if job.state is JobState.SUCCEEDED:
        if kind == "start_face_search" and visit.may("get_face_search"):
            return f"{PREFIX}{at('videos', job.job_id, 'people')}", visit.say(N_("See who appears when"))
        if kind == "start_face_detection" and visit.may("get_face_detection"):
            return f"{PREFIX}{at('videos', job.job_id, 'faces')}", visit.say(N_("See when faces appear"))
        if kind == "evaluate" and visit.may("show_evaluation"):
            return f"{PREFIX}{at('measure', 'evaluations', job.job_id)}", visit.say(N_("Read the report"))
    if kind in {"import_faces", "group_faces"} and collection_id is not None and visit.may("list_faces"):
        return f"{PREFIX}{at('collections', collection_id)}", visit.say(N_("Open the collection"))
    return None


def _settled(visit: Visit, job: Job, pace: Pace) -> str:
    if job.asked.kind in _VIDEOS:
        if pace.total is None:
            return ""
        return visit.say(
            N_("%(done)s of %(total)s looked at"),
            done=clock(pace.settled // 1000),
            total=clock(pace.total // 1000),
        )
    if pace.total is None:
        listed = int(job.checkpoint.get("items", 0))
        return (
            visit.say(N_("%(count)s pictures found so far"), count=visit.language.number(listed))
            if listed
            else ""
        )
    told = {"done": visit.language.number(pace.settled), "total": visit.language.number(pace.total)}
    return visit.say(N_("%(done)s of %(total)s pictures"), **told)


def _share(job: Job, pace: Pace | None) -> float | None:
    if job.state is JobState.SUCCEEDED:
        return 100.0
    if pace is None or not pace.total:
        return None
    return round(min(100.0, 100 * pace.settled / pace.total), 1)


def _lines(visit: Visit, job: Job, pace: Pace) -> list[str]:
    number, lines = visit.language.number, []
    counts = job.progress.counts
    if pace.faces:
        lines.append(visit.say(N_("Faces: %(count)s"), count=number(pace.faces)))
    if counts.get("people"):
        lines.append(visit.say(N_("People: %(count)s"), count=number(counts["people"])))
    if job.state.ended:
        return lines
    if pace.faces_per_second:
        speed = number(pace.faces_per_second, 1)
        lines.append(visit.say(N_("%(speed)s faces per second"), speed=speed))
    if pace.seconds_left is not None:
        lines.append(_left(visit, pace.seconds_left))
    return lines


def _left(visit: Visit, seconds: float) -> str:
    number = visit.language.number
    if seconds < _MOST_SECONDS:
        return visit.say(N_("about %(count)s s left"), count=number(max(1, seconds)))
    if seconds < _MOST_MINUTES:
        return visit.say(N_("about %(count)s min left"), count=number(seconds / 60))
    return visit.say(N_("about %(count)s h left"), count=number(seconds / 3600, 1))
