"""The sections of the accountability report that are counted: searches, reviews, refusals, moratoria."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from countenance.reporting import Fact, Section, Table, columns

if TYPE_CHECKING:
    from countenance.operations.acts import Act
    from countenance.operations.reports.usage import Usage
    from countenance.reporting import Plain

_REASONS = {
    "NotPermitted": "the access key may not do that",
    "PolicyForbids": "the policy of the collection, or the purposes of the key, forbid it",
    "MoratoriumInForce": "a moratorium was in force",
    "ConsentMissing": "a consent was missing or had ended",
    "HoldInForce": "a legal hold forbade to erase",
    "ReviewNotYours": "who asked, or had voted, may not vote",
}


def searches_section(usage: Usage, law: str) -> Section:
    """Return how often was searched, by purpose and month."""
    heads = columns(
        month="Month",
        purpose="Purpose",
        asked="Searches",
        returned="Returned matches",
        empty="Found nobody",
        held="Held for review",
        refused="Refused",
        failed="Failed",
    )
    rows: tuple[tuple[Plain, ...], ...] = tuple(
        (use.month, use.purpose, use.asked, use.returned, use.empty, use.held, use.refused, use.failed)
        for use in usage.searches
    )
    facts = (
        Fact("searches", "Searches", sum(use.asked for use in usage.searches)),
        Fact("returned", "Searches that returned matches", sum(use.returned for use in usage.searches)),
        Fact("held", "Searches whose answer was held for review", sum(use.held for use in usage.searches)),
        Fact("refused", "Searches refused", sum(use.refused for use in usage.searches)),
        Fact("first_entry_at", "Counted from", usage.first),
        Fact("last_entry_at", "Counted to", usage.last),
    )
    table = Table("Searches by month (UTC) and purpose", heads, rows, "Nothing was searched for.")
    text = "Counted in the ledger, in which every search leaves an entry, whatever became of it."
    return Section("searches", "Use: searches", law, text, facts, table)


def refusals_section(usage: Usage, law: str) -> Section:
    """Return what was refused, by reason."""
    heads = columns(reason="Reason", meaning="What it means", operation="Operation", count="Times")
    rows: tuple[tuple[Plain, ...], ...] = tuple(
        (each.reason, _REASONS.get(each.reason, "it was not permitted"), each.operation, each.count)
        for each in usage.refusals
    )
    facts = (Fact("refusals", "Refusals", sum(each.count for each in usage.refusals)),)
    table = Table("Refusals by reason and operation", heads, rows, "Nothing was refused.")
    text = "Requests whose signature was wrong are not among them: it is not known who asked."
    return Section("refusals", "Use: refusals", law, text, facts, table)


def work_section(usage: Usage, law: str) -> Section:
    """Return how often each operation was asked for."""
    heads = columns(operation="Operation", done="Done", refused="Refused", failed="Failed")
    rows: tuple[tuple[Plain, ...], ...] = tuple(
        (each.operation, each.done, each.refused, each.failed) for each in usage.operations
    )
    facts = (Fact("entries", "Entries of the ledger", usage.entries),)
    text = "Everything that was asked of the service, or that it did by itself."
    return Section("operations", "Use: all operations", law, text, facts, Table("Operations", heads, rows))


def reviews_section(usage: Usage, law: str) -> Section:
    """Return how many answers waited for people, and what these decided."""
    reviews = usage.reviews
    rows: tuple[tuple[Plain, ...], ...] = tuple(reviews.asked.items())
    facts = (
        Fact("reviews", "Answers held for review", sum(reviews.asked.values())),
        Fact("confirmed", "Confirmed", reviews.confirmed),
        Fact("rejected", "Rejected", reviews.rejected),
        Fact("disagreed", "Two people disagreed, so nothing was confirmed", reviews.disagreed),
        Fact("undecided", "Open, or ended because somebody was erased", reviews.undecided),
    )
    heads = columns(mode="Mode", count="Answers held")
    table = Table("Answers held for review, by mode", heads, rows, "No answer was held for review.")
    text = (
        "Where a policy says so, an answer counts only once one person, or two with different access keys, "
        "have confirmed it; nobody reviews what they asked themselves."
    )
    return Section("reviews", "Human review", law, text, facts, table)


def moratoria_section(act: Act, law: str) -> Section:
    """Return all moratoria there ever were."""
    now = datetime.now(UTC)
    with act.governance.reading() as records:
        moratoria = [*act.moratoria_at_start, *records.moratoria(ended=True)]
    heads = columns(
        scope="Scope",
        reason="Reason",
        in_force="In force",
        began_at="Began",
        begun_by="Begun by",
        until="Until",
        lifted_at="Lifted",
        lifted_by="Lifted by",
    )
    rows: tuple[tuple[Plain, ...], ...] = tuple(
        (
            each.scope.text,
            each.reason,
            each.in_force(now),
            each.began_at,
            each.begun_by,
            each.until,
            each.lifted_at,
            each.lifted_by,
        )
        for each in moratoria
    )
    facts = (Fact("in_force", "Moratoria in force", sum(each.in_force(now) for each in moratoria)),)
    table = Table("Moratoria", heads, rows, "There was never a moratorium.")
    text = "A moratorium forbids a use of faces to everybody, from the next request on."
    return Section("moratoria", "Moratoria", law, text, facts, table)
