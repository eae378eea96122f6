"""The work of ``countenance report …``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countenance.doors.cli.files import check_target
from countenance.doors.cli.reports_written import write_report
from countenance.doors.cli.work import at_work
from countenance.operations.reports.accountability import report_accountability
from countenance.operations.reports.processing import report_processing
from countenance.operations.reports.retention import report_retention
from countenance.operations.reports.subject import report_subject

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from countenance.doors.cli.work import Work
    from countenance.ledger import LedgerReader
    from countenance.reporting import Report


def make(
    kind: str, html: Path | None, into: Path | None, data_dir: Path | None, settings: Path | None
) -> None:
    """Make a report of the service.

    Raises:
        WrongUsage: a file cannot be written there.
        FileNotWritten: it could not be written.
    """
    _hand_out(_OF_THE_SERVICE[kind], html, into, data_dir, settings)


def report_on(
    subject: str,
    html: Path | None,
    into: Path | None,
    data_dir: Path | None,
    settings: Path | None,
    *,
    templates: bool,
) -> None:
    """Make the report of a subject.

    Raises:
        SubjectNotFound: nothing is held of them.
        WrongUsage: a file cannot be written there.
        FileNotWritten: it could not be written.
    """

    def report(work: Work, ledger: LedgerReader) -> Report:
        office = work.office
        return report_subject(
            office.gallery, ledger, office.store, work.act, subject, include_templates=templates
        )

    _hand_out(report, html, into, data_dir, settings)


def _processing(work: Work, ledger: LedgerReader) -> Report:
    office = work.office
    return report_processing(office.gallery, ledger, office.store, work.act, office.service)


def _retention(work: Work, ledger: LedgerReader) -> Report:
    return report_retention(work.office.gallery, ledger, work.act, work.office.service)


def _accountability(work: Work, ledger: LedgerReader) -> Report:
    office = work.office
    return report_accountability(office.gallery, ledger, office.store, work.act, office.service)


_OF_THE_SERVICE: dict[str, Callable[[Work, LedgerReader], Report]] = {
    "processing": _processing,
    "retention": _retention,
    "accountability": _accountability,
}


def _hand_out(
    report: Callable[[Work, LedgerReader], Report],
    html: Path | None,
    into: Path | None,
    data_dir: Path | None,
    settings: Path | None,
) -> None:
    for target in (html, into):
        if target is not None:
            check_target(target)
    with at_work(settings, data_dir) as work, work.office.store.reading_ledger() as ledger:
        made = report(work, ledger)
    write_report(made, html, into)
