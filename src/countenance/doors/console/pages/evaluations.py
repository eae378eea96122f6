"""Evaluations of the pack in use: run one, list those that are kept, read, download and delete one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from countenance.doors.console.buckets import buckets_of
from countenance.doors.console.downloads import attachment
from countenance.doors.console.marking import N_
from countenance.doors.console.report_chapters import chapters_of
from countenance.doors.console.routing import page
from countenance.doors.console.told_errors import belongs_in_form
from countenance.doors.console.visit import PAGE_SIZE
from countenance.doors.report_pages import report_page
from countenance.doors.statuses import status_of
from countenance.errors import CountenanceError
from countenance.operations.evaluations.read_evaluations import (
    delete_evaluation,
    list_evaluations,
    show_evaluation,
)
from countenance.operations.evaluations.start_evaluation import start_evaluation
from countenance.operations.evaluations.values import DATA_SET_KINDS, EvaluationAsked, FaceRule, Protocol
from countenance.operations.overview.pack_in_use import measured_errors
from countenance.operations.reports.records import report_record

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.responses import Response

    from countenance.doors.console.forms import Form
    from countenance.doors.console.report_chapters import Chapter
    from countenance.doors.console.visit import Visit
    from countenance.operations.acts import Act
    from countenance.operations.evaluations.read_evaluations import KeptEvaluation
    from countenance.operations.overview.values import MeasuredError
    from countenance.reporting import Report

_CALIBRATION = "calibration"
MEASURES: dict[str, tuple[str, str]] = {
    Protocol.VERIFY: (
        N_("How often it is wrong about two pictures"),
        N_("Are these two the same person? How often strangers pass, how often people are not recognised."),
    ),
    Protocol.IDENTIFY: (
        N_("How often it is wrong in a search"),
        N_("Who of many is this? How often the right person is not found, in galleries of several sizes."),
    ),
    Protocol.BIAS: (
        N_("For whom it is wrong more often"),
        N_("Error rates for each group that the data set names, and the gaps between them."),
    ),
    Protocol.THRESHOLDS: (
        N_("Which similarity to ask for"),
        N_("What each similarity means in galleries of several sizes."),
    ),
    _CALIBRATION: (
        N_("Whether similarities mean what they say"),
        N_("Of the people in these pictures: a reliability diagram, and stated beside seen error rates."),
    ),
}
"""By what a form sends: what is measured, and what that tells."""

_FIELDS = ("bucket", "path", "kind", "images", "groups", "columns", "face")
_LEAST_COLUMNS = 2
_DIGITS = 3


async def show_list(visit: Visit) -> Response:
    """List kept evaluations, newest first."""
    paging = visit.paging("evaluations")
    found = await visit.do(
        lambda act: list_evaluations(act, most=PAGE_SIZE, before_key=paging.position or None)
    )
    return visit.page(
        "measure/evaluations.html",
        evaluations=[(kept, _data_set(kept), _measured(visit, kept)) for kept in found.items],
        next=paging.next_of(found),
    )


async def ask(visit: Visit) -> Response:
    """Show the form."""
    return await _form(visit, visit.form, [Protocol.VERIFY, Protocol.BIAS, _CALIBRATION])


async def start(visit: Visit) -> Response:
    """Queue the evaluation."""
    form = visit.form
    chosen = [name for name in form.texts("protocols") if name in MEASURES]
    problems = _problems(visit, form, chosen)
    if problems:
        return await _form(visit, form, chosen, problems, status=422)
    asked = _asked(form, chosen)
    try:
        job = await visit.do(lambda act: start_evaluation(visit.desk.evaluations, act, asked))
    except CountenanceError as error:
        if not belongs_in_form(error):
            raise
        return await _form(visit, form, chosen, {"": str(error)}, status_of(error))
    return visit.go(f"/jobs/{job.job_id}", done="started")


async def show_one(visit: Visit) -> Response:
    """Show a report, or send it as a file, as the query's ``as`` says."""
    evaluation_id = _id(visit)
    match visit.query.get("as"):
        case "html":
            kept, page_text = await visit.do(lambda act: _as_text(act, evaluation_id, report_page))
            return attachment(page_text.encode(), _file_name(kept, "html"), "text/html; charset=utf-8")
        case "json":
            kept, text = await visit.do(lambda act: _as_text(act, evaluation_id, _json_of))
            return attachment(text.encode(), _file_name(kept, "json"), "application/json")
    read = await visit.do(lambda act: _read(act, evaluation_id))
    asked = visit.query.get("part", "")
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) <= _DIGITS else 1
    show = partial(
        visit.page,
        "measure/evaluation.html",
        kept=read.kept,
        data_set=_data_set(read.kept),
        measured=_measured(visit, read.kept),
        introduction=read.introduction,
        brief=read.brief,
        chapters=read.chapters,
        chapter=read.chapters[min(max(number, 1), len(read.chapters)) - 1],
    )
    return await visit.desk.admission.run(show)  # plots make it large: nobody else should wait for it


async def delete(visit: Visit) -> Response:
    """Delete an evaluation."""
    await visit.do(lambda act: delete_evaluation(act, _id(visit)))
    return visit.go("/measure/evaluations", done="deleted")


@dataclass(frozen=True, slots=True)
class _Read:
    """A kept report as its page shows it; ``brief`` are the error rates at the usual similarities."""

    kept: KeptEvaluation
    introduction: str
    brief: list[MeasuredError]
    chapters: list[Chapter]


def _read(act: Act, evaluation_id: str) -> _Read:
    kept, report = show_evaluation(act, evaluation_id)
    sections = report_record(report)["sections"]
    brief = [each for section in sections for each in measured_errors(section)]
    return _Read(kept, report.introduction, brief, chapters_of(report))


def _as_text(act: Act, evaluation_id: str, make: Callable[[Report], str]) -> tuple[KeptEvaluation, str]:
    kept, report = show_evaluation(act, evaluation_id)
    return kept, make(report)


def _json_of(report: Report) -> str:
    return json.dumps(report_record(report), indent=2, ensure_ascii=False, allow_nan=False)


def _asked(form: Form, chosen: list[str]) -> EvaluationAsked:
    kind, _, variant = form.text("kind").partition(":")
    return EvaluationAsked(
        bucket=form.text("bucket"),
        path=form.text("path"),
        protocols=tuple(Protocol(name) for name in chosen if name != _CALIBRATION),
        kind=kind or None,
        variant=variant or None,
        images=form.text("images") or None,
        groups=form.text("groups") or None,
        columns=tuple(_columns(form)),
        face=FaceRule(form.text("face") or FaceRule.LARGEST),
        calibration=_CALIBRATION in chosen,
    )


def _problems(visit: Visit, form: Form, chosen: list[str]) -> dict[str, str]:
    """Return what is wrong with fields, by name."""
    problems: dict[str, str] = {}
    if not form.text("bucket"):
        problems["bucket"] = visit.say(N_("Please fill this in."))
    if not chosen:
        problems["protocols"] = visit.say(N_("Please choose at least one."))
    kind, _, variant = form.text("kind").partition(":")
    if (kind and kind not in DATA_SET_KINDS) or (variant and variant not in DATA_SET_KINDS.get(kind, ())):
        problems["kind"] = visit.say(N_("Please choose one of these."))
    if form.text("face") not in {"", *FaceRule}:
        problems["face"] = visit.say(N_("Please choose one of these."))
    columns = _columns(form)
    if columns and (kind != "table" or len(columns) < _LEAST_COLUMNS or not all(columns)):
        problems["columns"] = visit.say(
            N_("Columns are named for a table only: that of the file, that of the person, then groups.")
        )
    return problems


def _columns(form: Form) -> list[str]:
    text = form.text("columns")
    return [column.strip() for column in text.split(",")] if text else []


async def _form(
    visit: Visit, form: Form, chosen: list[str], problems: dict[str, str] | None = None, status: int = 200
) -> Response:
    values: dict[str, Any] = {"chosen": chosen, "problems": problems or {}}
    return visit.page(
        "measure/new.html",
        status,
        given={name: form.text(name) for name in _FIELDS},
        protocols=[(name, visit.say(label), visit.say(means)) for name, (label, means) in MEASURES.items()],
        buckets=buckets_of(visit).folders,
        **values,
    )


def _data_set(kept: KeptEvaluation) -> str:
    return f"{kept.parameters['bucket']}/{kept.parameters['path']}".rstrip("/")


def _measured(visit: Visit, kept: KeptEvaluation) -> list[str]:
    asked = EvaluationAsked.from_json(kept.parameters)
    names = [*asked.protocols, *([_CALIBRATION] if asked.calibration else [])]
    return [visit.say(MEASURES[name][0]) for name in names]


def _file_name(kept: KeptEvaluation, suffix: str) -> str:
    return f"evaluation-{kept.pack}-{kept.made_at:%Y-%m-%d}.{suffix}"


def _id(visit: Visit) -> str:
    return str(visit.http.path_params["evaluation_id"])


ROUTES = (
    page("/measure/evaluations", show_list, needs=("list_evaluations",)),
    page("/measure/evaluations/new", ask, needs=("evaluate",)),
    page("/measure/evaluations/new", start, methods=("POST",), needs=("evaluate",)),
    page("/measure/evaluations/{evaluation_id}", show_one, needs=("show_evaluation",)),
    page(
        "/measure/evaluations/{evaluation_id}/delete", delete, methods=("POST",), needs=("delete_evaluation",)
    ),
)
