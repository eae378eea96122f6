"""Reports that laws ask for: shown here, and downloaded as a page that stands by itself or as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from countenance.doors.console.downloads import attachment
from countenance.doors.console.routing import page
from countenance.doors.report_pages import report_page
from countenance.errors import SubjectNotFound
from countenance.operations.reports.accountability import report_accountability
from countenance.operations.reports.processing import report_processing
from countenance.operations.reports.records import report_record
from countenance.operations.reports.retention import report_retention
from countenance.operations.reports.subject import report_subject

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.responses import Response

    from countenance.doors.console.visit import Visit
    from countenance.ledger import LedgerReader
    from countenance.operations.acts import Act
    from countenance.reporting import Report

    Make = Callable[[Act, LedgerReader], Report]
    Shown = Callable[[Visit], Awaitable[Response]]

KINDS = ("processing", "retention", "accountability")


async def show_reports(visit: Visit) -> Response:
    """Say which reports there are, and what each is for."""
    return visit.page("reports/reports.html", whole="*" in visit.key.collections)


def _of_service(kind: str) -> Shown:
    async def show(visit: Visit) -> Response:
        return await _answer(visit, kind, _maker(visit, kind), f"{kind}-report", {})

    return show


async def show_of_subject(visit: Visit) -> Response:
    """Tell everything that is held of somebody, for them."""
    subject, desk = visit.query.get("subject", ""), visit.desk
    templates = visit.query.get("templates") == "yes" and visit.may("make_templates")

    def make(act: Act, ledger: LedgerReader) -> Report:
        return report_subject(desk.gallery, ledger, desk.records, act, subject, include_templates=templates)

    try:
        return await _answer(visit, "subject", make, f"report-{subject}", {"subject": subject})
    except SubjectNotFound:
        return visit.page("people/nobody.html", 404, subject=subject)


def _maker(visit: Visit, kind: str) -> Make:
    desk = visit.desk
    if kind == "retention":
        return lambda act, ledger: report_retention(desk.gallery, ledger, act, desk.service)
    report = report_processing if kind == "processing" else report_accountability
    return lambda act, ledger: report(desk.gallery, ledger, desk.records, act, desk.service)


async def _answer(visit: Visit, kind: str, make: Make, name: str, query: dict[str, str]) -> Response:
    """Make a report, and show it or send it as a file, as the query's ``as`` says."""

    def made(act: Act) -> Report:
        with visit.desk.records.reading_ledger() as ledger:
            return make(act, ledger)

    report = await visit.do(made)
    match visit.query.get("as"):
        case "html":
            return attachment(report_page(report).encode(), f"{name}.html", "text/html; charset=utf-8")
        case "json":
            content = json.dumps(report_record(report), indent=2, ensure_ascii=False)
            return attachment(content.encode(), f"{name}.json", "application/json")
    return visit.page("reports/report.html", kind=kind, report=report, asked=query)


ROUTES = (
    page("/reports", show_reports, needs=tuple(f"report_{kind}" for kind in KINDS)),
    *(page(f"/reports/{kind}", _of_service(kind), needs=(f"report_{kind}",)) for kind in KINDS),
    page("/people/report", show_of_subject, needs=("report_subject",)),
)
