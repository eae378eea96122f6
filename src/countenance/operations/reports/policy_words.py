"""A policy in plain words, for the people it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countenance.governance import ReviewMode
from countenance.operations.reports.limits import limits_of
from countenance.reporting import Table, columns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from countenance.governance import Policy
    from countenance.reporting import Plain

_REVIEW = {
    ReviewMode.NONE: "The answer of a search counts at once; no person has to confirm it first.",
    ReviewMode.ONE: "A person must confirm the answer of a search before it counts.",
    ReviewMode.TWO_PERSON: "Two people, neither of whom asked, must confirm the answer of a search.",
}


def policy_table(caption: str, policy: Policy | None) -> Table:
    """Return what a policy says, sentence by sentence, and the law that each comes from."""
    heads = columns(line="Line", says="What it says", set_by="Set by", law="Law")
    if policy is None:
        invalid = "The declared policy is invalid: nothing can be enrolled or found until it is put right."
        return Table(caption, heads, ((None, invalid, None, None),))
    lines = {line.name: line for line in policy.lines}
    rows: list[tuple[Plain, ...]] = [
        (name, says, lines[name].origin, lines[name].law) for name, says in _sentences(policy)
    ]
    rows += [
        (limit.clause, f"A face is destroyed {limit.destroyed}.", limit.set_by, limit.law)
        for limit in limits_of(policy)
    ]
    return Table(caption, heads, tuple(rows))


def _sentences(policy: Policy) -> Iterator[tuple[str, str]]:
    yield "jurisdiction", f"The rules start from the preset {policy.jurisdiction}."
    yield "purpose", f"Faces are used for {policy.purpose or 'a purpose that nobody has declared'}."
    yield "basis", f"The legal basis is {policy.basis or 'not declared'}."
    consent = "Nobody is enrolled or found without a valid consent of theirs."
    yield "consent", consent if policy.consent_required else "No consent is asked for."
    search = "Whoever is in a picture may be searched for among all faces."
    refused = "Nobody is searched for among all faces; a face is compared with one person's only."
    yield "search", search if policy.search_allowed else refused
    watch = "may" if policy.may_be_watched else "may not"
    yield "watch", f"Live video {watch} be compared with the faces."
    grouped = "Faces may be grouped into people whom nobody has named; a name takes that person's consent."
    yield "grouping", grouped if policy.grouping_allowed else "Faces are not grouped into people."
    yield "review", _REVIEW[policy.review]
    yield "sources", f"Pictures may come from: {', '.join(sorted(policy.sources)) or 'nowhere'}."
    kept = "A small picture of each face is kept, encrypted, for those who review answers."
    yield "portraits", kept if policy.keeps_portraits else "No picture is kept."
