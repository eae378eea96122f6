"""The sections of a subject's report that rest on the ledger: disclosures, decisions and entries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countenance.operations.reports.mentions import FOUND, ROLES, disclosures_in
from countenance.reporting import Fact, Section, Table, columns

if TYPE_CHECKING:
    from collections.abc import Mapping

    from countenance.operations.reports.holdings import Holdings
    from countenance.operations.reports.mentions import Mention
    from countenance.reporting import Plain, Value


def disclosures_section(mentions: list[Mention], names: Mapping[str, str], law: str) -> Section:
    """Return to whom results about the subject were disclosed, by recipient and method."""
    heads = columns(
        recipient="Recipient",
        access_key_id="Access key",
        method="Method",
        collections="Collections",
        count="Times",
        first_at="First",
        last_at="Last",
        similarity="Greatest similarity",
    )
    rows: tuple[tuple[Value, ...], ...] = tuple(
        (
            names.get(each.key_id),
            each.key_id,
            each.operation,
            each.collections,
            each.count,
            each.first_at,
            each.last_at,
            each.similarity,
        )
        for each in disclosures_in(mentions)
    )
    facts = (Fact("disclosures", "Disclosures", sum(each.discloses for each in mentions)),)
    table = Table("Disclosures, by recipient and method", heads, rows, "Nothing was disclosed to anybody.")
    text = (
        "Who learned something about the subject, and how. An answer that waited for review was not given "
        "to who asked; those who reviewed it saw it. This report itself is the next disclosure."
    )
    return Section("disclosures", "Disclosures", law, text, facts, table)


def decisions_section(mentions: list[Mention], names: Mapping[str, str], law: str) -> Section:
    """Return the searches that found the subject, and what is needed to judge each."""
    heads = columns(
        at="Time",
        request_id="Request",
        operation="Operation",
        collection="Collection",
        recipient="Asked by",
        access_key_id="Access key",
        similarity="Similarity",
        threshold="Threshold",
        false_match_rate="False match rate",
        gallery="Faces searched",
        held="Held for review",
    )
    rows = tuple(_decision(each, names) for each in mentions if each.role == FOUND)
    table = Table("Searches that found the subject", heads, rows, "No search has found the subject.")
    text = (
        "Each can be explained by its request id: with /v1/decisions/ and the id, or countenance decision "
        "show. The false match rate says how often strangers reach the threshold."
    )
    return Section("decisions", "Decisions", law, text, table=table)


def _decision(each: Mention, names: Mapping[str, str]) -> tuple[Plain, ...]:
    threshold, rate = each.entry.get("threshold"), each.entry.get("threshold_fmr")
    return (
        each.at,
        each.entry["request"],
        each.operation,
        each.collection,
        names.get(each.key_id),
        each.key_id,
        each.similarity,
        float(threshold) if threshold is not None else None,
        float(rate) if rate is not None else None,
        each.entry.get("gallery"),
        each.was_held,
    )


def entries_section(mentions: list[Mention], names: Mapping[str, str], law: str) -> Section:
    """Return every entry of the ledger that is about the subject."""
    heads = columns(
        place="Place",
        at="Time",
        request_id="Request",
        operation="Operation",
        collection="Collection",
        outcome="Outcome",
        recipient="Asked by",
        access_key_id="Access key",
        role="Role",
        meaning="What it means",
    )
    rows: tuple[tuple[Plain, ...], ...] = tuple(
        (
            each.place,
            each.at,
            each.entry["request"],
            each.operation,
            each.collection,
            each.entry["outcome"],
            names.get(each.key_id),
            each.key_id,
            each.role,
            ROLES[each.role],
        )
        for each in mentions
    )
    text = (
        "All that is recorded under the pseudonyms below. What was recorded before an earlier erasure, or "
        "before a face without a name became a user's, cannot be found by anybody: its pseudonym is gone."
    )
    table = Table("Entries of the ledger", heads, rows, "Nothing is recorded.")
    return Section("entries", "Everything recorded", law, text, table=table)


def pseudonyms_section(held: Holdings, law: str) -> Section:
    """Return what stands for the subject in the ledger."""
    rows = tuple(
        (collection_id, pseudonym)
        for collection_id, pseudonyms in sorted(held.pseudonyms.items())
        for pseudonym in pseudonyms
    )
    heads = columns(collection="Collection", pseudonym="Pseudonym")
    text = "They follow from the subject's keys: once these are destroyed, nobody can tell whose they were."
    table = Table("Pseudonyms in the ledger", heads, rows, "There are none.")
    return Section("pseudonyms", "Pseudonyms", law, text, table=table)
