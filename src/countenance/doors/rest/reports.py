"""`/v1/reports` and `/v1/subjects/{subject}/report`: reports that laws ask for, as JSON or as a page."""

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import Depends, Header, Query
from starlette.responses import HTMLResponse, Response

from countenance.doors.report_pages import POLICY, report_page
from countenance.doors.rest.calls import TheCall, new_router
from countenance.doors.rest.description import problems
from countenance.doors.rest.models.reports import Report
from countenance.doors.rest.subjects import Named
from countenance.operations.reports.accountability import report_accountability as accounting
from countenance.operations.reports.processing import report_processing as recording
from countenance.operations.reports.records import report_record
from countenance.operations.reports.retention import report_retention as scheduling
from countenance.operations.reports.subject import report_subject as telling

if TYPE_CHECKING:
    from countenance.ledger import LedgerReader
    from countenance.operations.acts import Act
    from countenance.reporting import Report as Made


async def _as_page(
    form: Annotated[
        Literal["json", "html"] | None,
        Query(alias="format", description="JSON, or a page for people; else the header `Accept` decides."),
    ] = None,
    accept: Annotated[str, Header(include_in_schema=False)] = "",
) -> bool:
    """Tell whether a page is wanted: by the query, else where text/html is wanted more than JSON."""
    weights = {}
    for part in accept.lower().split(","):
        kind, *parameters = (each.strip() for each in part.split(";"))
        weight = next((each[2:] for each in parameters if each.startswith("q=")), "1")
        with suppress(ValueError):
            weights[kind] = float(weight)
    wants_page = weights.get("text/html", 0) > weights.get("application/json", weights.get("*/*", 0))
    return form == "html" or (form is None and wants_page)


AsPage = Annotated[bool, Depends(_as_page)]
_PAGE = {"content": {"text/html": {"schema": {"type": "string"}}}}
_HEADERS = {"content-security-policy": POLICY, "x-content-type-options": "nosniff"}

router = new_router("reports")


@router.get("/reports/processing", response_model=Report, responses={200: _PAGE})
async def report_processing(call: TheCall, as_page: AsPage) -> Response | Report:
    """Make the record of processing activities (GDPR Art. 30), with facts for an impact assessment."""
    desk = call.desk
    return await _answered(
        call,
        lambda act, ledger: recording(desk.gallery, ledger, desk.records, act, desk.service),
        as_page=as_page,
    )


@router.get("/reports/retention", response_model=Report, responses={200: _PAGE})
async def report_retention(call: TheCall, as_page: AsPage) -> Response | Report:
    """Make the public schedule of retention and destruction (BIPA 15(a)). It tells of nobody."""
    desk = call.desk
    return await _answered(
        call,
        lambda act, ledger: scheduling(desk.gallery, ledger, act, desk.service),
        as_page=as_page,
    )


@router.get("/reports/accountability", response_model=Report, responses={200: _PAGE})
async def report_accountability(call: TheCall, as_page: AsPage) -> Response | Report:
    """Make the accountability report (RCW 43.386): use, users, error rates, refusals, reviews."""
    desk = call.desk
    return await _answered(
        call,
        lambda act, ledger: accounting(desk.gallery, ledger, desk.records, act, desk.service),
        as_page=as_page,
    )


@router.get(
    "/subjects/{subject}/report",
    response_model=Report,
    responses={200: _PAGE, **problems(_404="Nothing is held of them.")},
)
async def report_subject(
    call: TheCall,
    subject: Named,
    as_page: AsPage,
    templates: Annotated[
        bool, Query(description="With the templates themselves; the key must be one that may make them.")
    ] = False,
) -> Response | Report:
    """Tell everything that is held of somebody, and to whom it was disclosed (GDPR Art. 15 and 20)."""
    desk = call.desk
    return await _answered(
        call,
        lambda act, ledger: telling(
            desk.gallery, ledger, desk.records, act, subject, include_templates=templates
        ),
        as_page=as_page,
    )


async def _answered(
    call: TheCall, make: Callable[["Act", "LedgerReader"], "Made"], *, as_page: bool
) -> Response | Report:
    def answer(act: "Act") -> Response | Report:
        with call.desk.records.reading_ledger() as ledger:
            made = make(act, ledger)
        if as_page:
            return HTMLResponse(report_page(made), headers=_HEADERS)
        return Report.model_validate(report_record(made))

    return await call.do(answer)
