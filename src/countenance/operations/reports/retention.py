"""The retention report: the schedule that anybody may read, and whether it is kept. It tells of nobody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from countenance.governance import due_now
from countenance.operations.reports.described import all_collections, require_whole
from countenance.operations.reports.erasures import CLAUSES, erased_since
from countenance.operations.reports.limits import limits_of
from countenance.operations.reports.made import made
from countenance.reporting import Fact, Section, Table, columns

if TYPE_CHECKING:
    from collections import Counter

    from countenance.gallery import Gallery
    from countenance.ledger import LedgerReader
    from countenance.operations.acts import Act
    from countenance.operations.reports.described import DescribedCollection
    from countenance.operations.reports.service import ServiceFacts
    from countenance.reporting import Plain, Report

_LAW = "740 ILCS 14/15(a): a retention schedule available to the public"
_INTRODUCTION = (
    "How long templates of faces are kept here, for which purpose, and when they are destroyed for good. "
    "Whichever clause ends first counts. This page may be published: it tells of nobody, and names no "
    "collection. The figures at its end are counted in the signed ledger."
)
_DAYS = (30, 365)


def report_retention(gallery: Gallery, ledger: LedgerReader, act: Act, service: ServiceFacts) -> Report:
    """Return the public schedule of retention and destruction, and how it was kept.

    Raises:
        NotPermitted: the caller's key does not allow it, or is limited to some collections.
    """
    act.permit("report_retention")
    require_whole(act)
    now = datetime.now(UTC)
    collections = all_collections(gallery, act)
    sections = (
        _schedule(collections),
        _destruction(service),
        _erased(ledger, now),
        _overdue(gallery, act, collections, now),
    )
    return made(act, ledger, "Retention and destruction schedule", _INTRODUCTION, sections)


def _schedule(collections: list[DescribedCollection]) -> Section:
    told = dict.fromkeys(row for described in collections for row in _rows(described))
    heads = columns(
        purpose="Purpose",
        clause="Clause",
        after="Time",
        destroyed="Destroyed",
        set_by="Set by",
        law="Law",
    )
    rows = tuple(sorted(told, key=lambda row: str(row[0] or "")))
    table = Table("How long faces are kept, by purpose", heads, rows, "There are no collections of faces.")
    text = (
        "A face is destroyed by the first clause that applies. It is also destroyed at once when it, its "
        "subject or its collection is deleted. Only a legal hold, which names a warrant, a subpoena or a "
        "case, keeps it longer."
    )
    return Section("schedule", "The schedule", _LAW, text, table=table)


def _rows(described: DescribedCollection) -> list[tuple[Plain, ...]]:
    if described.policy is None:
        words = "not by time: the declared policy is invalid, so nothing can be enrolled or found"
        return [(None, None, None, words, None, None)]
    limits: list[tuple[Plain, ...]] = [
        (described.purpose, limit.clause, limit.after, limit.destroyed, limit.set_by, limit.law)
        for limit in limits_of(described.policy)
    ]
    return limits or [(described.purpose, None, None, "no limit is set", None, None)]


def _destruction(service: ServiceFacts) -> Section:
    text = (
        "Each subject's templates are encrypted with a key of their own. To destroy them is to delete the "
        "rows and to make the key impossible to compute again, so that copies in backups cannot be read "
        "either. Each destruction leaves an entry in the ledger, of which a signed receipt can be had."
    )
    facts = (
        Fact("searched_every", "What is due is looked for and destroyed every", service.sweep_every),
        Fact("found_meanwhile", "What is due can still be found by searches until then", False),
        Fact("consent_records_kept", "Records of consent are kept after they end for", service.consents_kept),
        Fact("backups_kept", "Backups are kept for", service.backups_kept),
    )
    return Section("destruction", "How destruction works", _LAW, text, facts)


def _erased(ledger: LedgerReader, now: datetime) -> Section:
    counts = erased_since(ledger, *(now - timedelta(days=days) for days in _DAYS))
    clauses = CLAUSES | dict.fromkeys(_unknown(counts), "another reason")
    rows: tuple[tuple[Plain, ...], ...] = tuple(
        (clause, why, *(count[clause] for count in counts)) for clause, why in clauses.items()
    )
    heads = columns(
        clause="Clause", why="Because", last_30_days="Last 30 days", last_365_days="Last 365 days"
    )
    facts = tuple(
        Fact(f"last_{days}_days", f"Faces destroyed in the last {days} days", count.total())
        for days, count in zip(_DAYS, counts, strict=True)
    )
    table = Table("Faces destroyed, by clause", heads, rows)
    text = "Counted in the ledger, where each destruction is recorded in the transaction that does it."
    return Section("erased", "What was destroyed", _LAW, text, facts, table)


def _unknown(counts: list[Counter[str]]) -> list[str]:
    return sorted({clause for count in counts for clause in count} - set(CLAUSES))


def _overdue(gallery: Gallery, act: Act, collections: list[DescribedCollection], now: datetime) -> Section:
    with act.governance.reading() as records:
        overdue = sum(
            records.count_due_faces(each.collection.key, due_now(each.policy, now))
            for each in collections
            if each.policy is not None and each.policy.ends_use
        )
    with gallery.reading() as reader:
        hidden = [collection for collection, _ in reader.hidden_collections()]
        deleted = sum(reader.count_faces(collection) for collection in hidden)
    facts = (
        Fact("overdue_faces", "Faces that are due and not destroyed yet", overdue),
        Fact("faces_being_erased", "Faces of deleted collections that are being destroyed now", deleted),
    )
    text = "What is due can be found by nobody from that second on, whether or not it is destroyed yet."
    return Section("overdue", "What is overdue", _LAW, text, facts)
