"""docs/reference/rest.md has every route and every error, as the server has them, and no others."""

from __future__ import annotations

import re
from pathlib import Path

import countenance.errors
from countenance.doors.rest.problems import not_authenticated, refusal_of
from countenance.errors import AccessError, CountenanceError, NotPermitted
from rest.reference_table import rows

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "rest.md").read_text("utf-8")
# What is decided before a request gets to an operation.
OF_REQUESTS = {
    ("request-malformed", 400),
    ("media-type-not-supported", 415),
    ("request-invalid", 422),
    ("route-not-found", 404),
    ("method-not-allowed", 405),
    ("internal-error", 500),
}
OF_AMAZONS_API = {"user-exists", "user-not-found", "face-not-found", "image-not-readable", "image-error"}
OF_THE_CONSOLE = {"form-invalid", "form-not-ours", "evaluation-not-found", "too-many-followers"}
# What a job's record says when it has failed, and what the console tells of it.
OF_JOBS = {
    "data-set-invalid",
    "extra-missing",
    "pack-not-calibrated",
    "source-lost",
    "video-error",
    "video-not-written",
    "video-too-large",
    "video-unreadable",
}
NOT_HERE = OF_AMAZONS_API | OF_THE_CONSOLE | OF_JOBS


def test_the_table_of_routes_is_that_of_the_description() -> None:
    assert [line for line in PAGE.splitlines() if re.match(r"\| `[A-Z]+ /", line)] == rows()


def test_the_table_of_errors_is_complete() -> None:
    told = {
        (code, int(status))
        for codes, status in re.findall(r"^\| (`[a-z`, -]+`) \| (\d+) \|", PAGE, re.MULTILINE)
        for code in re.findall("[a-z-]+", codes)
    }
    kinds = [
        kind
        for kind in vars(countenance.errors).values()
        if isinstance(kind, type) and issubclass(kind, CountenanceError)
    ]
    refusals = [refusal_of(kind("a test"), "") for kind in kinds]
    refusals += [
        not_authenticated(kind("a test"))
        for kind in kinds
        if issubclass(kind, AccessError) and not issubclass(kind, NotPermitted) and kind is not AccessError
    ]
    possible = {(refusal.code, refusal.status) for refusal in refusals if refusal.code not in NOT_HERE}
    assert told == possible | OF_REQUESTS
