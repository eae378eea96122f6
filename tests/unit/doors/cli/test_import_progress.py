"""How far an import is, in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from countenance.doors.cli.import_progress import Speedometer, in_a_line
from countenance.jobs.values import Job, JobState, NewJob, Progress

NOW = datetime(2026, 3, 1, tzinfo=UTC)
JOB = Job(
    key=1,
    job_id="0" * 32,
    asked=NewJob("import_faces", "operator", "a-request", "press", {}),
    state=JobState.RUNNING,
    progress=Progress(),
    attempts=1,
    failures=0,
    created_at=NOW,
    started_at=NOW,
    ended_at=None,
    not_before=NOW,
    checkpoint={},
    message="",
    cancel_asked=False,
)


def at(speedometer: Speedometer, seconds: float, settled: int, faces: int, total: int | None = 4992) -> str:
    progress = Progress(total, done=settled, counts={"faces": faces - 1, "faces_there": 1} if faces else {})
    return in_a_line(speedometer.pace(replace(JOB, progress=progress), seconds), 1200)


def test_while_pictures_are_listed_nobody_knows_how_long_it_takes() -> None:
    assert at(Speedometer(), 5, 0, 0, total=None) == "listing: 1,200 pictures found"


@pytest.mark.parametrize(
    ("seconds", "settled", "faces", "told"),
    [
        (20, 1200, 1300, "1,200 of 4,992 pictures, 1,300 faces, 65 faces/s, 63 s left"),
        (100, 1000, 1000, "1,000 of 4,992 pictures, 1,000 faces, 10 faces/s, 7 min left"),
        (3600, 1000, 0, "1,000 of 4,992 pictures, 0 faces, 0 faces/s, 4.0 h left"),
        (60, 0, 0, "0 of 4,992 pictures, 0 faces, 0 faces/s"),
    ],
)
def test_what_is_done_and_what_is_left_is_told(seconds: float, settled: int, faces: int, told: str) -> None:
    speedometer = Speedometer()
    at(speedometer, 0, 0, 0)
    assert at(speedometer, seconds, settled, faces) == told


def test_what_was_done_before_is_no_speed_of_now() -> None:
    speedometer = Speedometer()
    at(speedometer, 0, 4000, 4000)
    assert at(speedometer, 10, 4100, 4100) == "4,100 of 4,992 pictures, 4,100 faces, 10 faces/s, 89 s left"
