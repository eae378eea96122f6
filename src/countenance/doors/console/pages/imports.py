"""Begin an import: many pictures of a bucket, enrolled by a job."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from countenance.doors.console.buckets import address, buckets_of
from countenance.doors.console.choosing import collections_offered
from countenance.doors.console.marking import N_
from countenance.doors.console.routing import page
from countenance.doors.console.told_errors import belongs_in_form
from countenance.doors.statuses import status_of
from countenance.errors import CountenanceError
from countenance.operations.imports.start_import import Runner, start_import
from countenance.operations.imports.values import ExternalIds, ImportAsked, QualityLevel

if TYPE_CHECKING:
    from starlette.responses import Response

    from countenance.doors.console.visit import Visit

_FIELDS = ("collection", "bucket", "prefix", "external_ids", "quality", "source", "most")
_MOST_FACES = 100
_DIGITS = 3


async def ask(visit: Visit) -> Response:
    """Show the form."""
    return await _form(visit, {"collection": visit.query.get("collection", "")})


async def start(visit: Visit) -> Response:
    """Queue the import, or go on with the one that has not ended."""
    form = visit.form
    given = {name: form.text(name) for name in _FIELDS}
    problems = _problems(visit, given)
    if problems:
        return await _form(visit, given, problems, status=422)
    asked = ImportAsked(
        sources=(address(given["bucket"], given["prefix"]),),
        external_ids=ExternalIds(given["external_ids"] or ExternalIds.NONE),
        source=given["source"] or None,
        level=QualityLevel(given["quality"] or QualityLevel.AUTO),
        most=int(given["most"]) if given["most"] else None,
    )
    try:
        started = await visit.do(
            lambda act: start_import(visit.desk.imports, act, given["collection"], asked, Runner.WORKERS)
        )
    except CountenanceError as error:
        if not belongs_in_form(error):
            raise
        return await _form(visit, given, {"": str(error)}, status_of(error))
    return visit.go(f"/jobs/{started.job.job_id}", done="resumed" if started.resumed else "started")


def _problems(visit: Visit, given: dict[str, str]) -> dict[str, str]:
    """Return what is wrong with fields, by name."""
    problems: dict[str, str] = {}
    for name in ("collection", "bucket"):
        if not given[name]:
            problems[name] = visit.say(N_("Please fill this in."))
    if given["external_ids"] and given["external_ids"] not in set(ExternalIds):
        problems["external_ids"] = visit.say(N_("Please choose one of these."))
    if given["quality"] and given["quality"] not in set(QualityLevel):
        problems["quality"] = visit.say(N_("Please choose one of these."))
    most = given["most"]
    is_count = most.isascii() and most.isdigit() and len(most) <= _DIGITS and 1 <= int(most) <= _MOST_FACES
    if most and not is_count:
        problems["most"] = visit.say(N_("Please give a whole number from 1 to 100, or nothing."))
    return problems


async def _form(
    visit: Visit, given: dict[str, str], problems: dict[str, str] | None = None, status: int = 200
) -> Response:
    values: dict[str, Any] = {"given": dict.fromkeys(_FIELDS, "") | given, "problems": problems or {}}
    return visit.page(
        "imports/new.html",
        status,
        collections=await collections_offered(visit),
        buckets=buckets_of(visit),
        **values,
    )


ROUTES = (
    page("/imports/new", ask, needs=("import_faces",)),
    page("/imports/new", start, methods=("POST",), needs=("import_faces",)),
)
