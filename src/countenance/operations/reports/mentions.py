"""What the ledger tells of a subject: every entry about it, and to whom results about it were disclosed.

Entries hold pseudonyms, which only the subject's own key can make; so they are found for as long as something
of the subject is held, and nobody finds them afterwards.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from countenance.operations.acts import DONE
from countenance.operations.reports.usage import SEARCHES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from countenance.ledger import LedgerReader

FOUND, SOUGHT, ERASED, REVIEWED, CONCERNED = "found", "sought", "erased", "reviewed", "concerned"
ROLES = {
    FOUND: "a search found the subject",
    SOUGHT: "it was searched for who looks like the subject",
    ERASED: "something of the subject was erased",
    REVIEWED: "somebody looked at, or decided on, an answer in which the subject was found",
    CONCERNED: "the subject was enrolled, changed, shown or reported on",
}
"""What an entry has to do with a subject."""

_DISCLOSING = frozenset({"report_subject", "show_subject", "disclose_templates"})


@dataclass(frozen=True, slots=True)
class Mention:
    """An entry about a subject; ``similarity`` (0–100) is the greatest with which it was found."""

    place: int
    at: datetime
    role: str
    similarity: float | None
    entry: dict[str, Any]

    @property
    def key_id(self) -> str:
        """The access key that asked."""
        return str(self.entry["key"])

    @property
    def operation(self) -> str:
        """What was asked."""
        return str(self.entry["operation"])

    @property
    def collection(self) -> str | None:
        """Of which collection."""
        named = self.entry.get("collection")
        return str(named) if named is not None else None

    @property
    def was_held(self) -> bool:
        """Whether the answer waited for people, so that who asked did not get it."""
        return self.role == FOUND and "review" in self.entry

    @property
    def discloses(self) -> bool:
        """Whether who asked has learned something about the subject."""
        if self.entry["outcome"] != DONE or self.was_held:
            return False
        return self.role in (FOUND, REVIEWED) or self.operation in _DISCLOSING


@dataclass(frozen=True, slots=True)
class Disclosure:
    """To whom (a key) and how (an operation) results about a subject were disclosed, and how often."""

    key_id: str
    operation: str
    collections: tuple[str, ...]
    count: int
    first_at: datetime
    last_at: datetime
    similarity: float | None


def mentions_of(ledger: LedgerReader, pseudonyms: Sequence[str]) -> list[Mention]:
    """Return the entries about a subject, oldest first, and those of the reviews in which it was found."""
    named = frozenset(pseudonyms)
    found = [_mention(place, json.loads(entry), named) for place, entry in ledger.mentioning(pseudonyms)]
    reviews = frozenset(str(each.entry["review"]) for each in found if each.was_held)
    seen = {each.place for each in found}
    for place, content in ledger.mentioning(sorted(reviews)):
        if place not in seen:
            entry = json.loads(content)
            found.append(Mention(place, _time(entry), REVIEWED, None, entry))
    return sorted(found, key=lambda each: each.place)


def disclosures_in(mentions: Iterable[Mention]) -> list[Disclosure]:
    """Group what was disclosed by recipient and method, the first disclosure first."""
    groups: dict[tuple[str, str], list[Mention]] = {}
    for each in mentions:
        if each.discloses:
            groups.setdefault((each.key_id, each.operation), []).append(each)
    return [
        Disclosure(
            key_id,
            operation,
            collections=tuple(sorted({each.collection for each in group if each.collection is not None})),
            count=len(group),
            first_at=group[0].at,
            last_at=group[-1].at,
            similarity=max((each.similarity for each in group if each.similarity is not None), default=None),
        )
        for (key_id, operation), group in groups.items()
    ]


def _mention(place: int, entry: dict[str, Any], pseudonyms: frozenset[str]) -> Mention:
    similarities = [float(percent) for who, percent in entry.get("results", ()) if who in pseudonyms]
    role = CONCERNED
    if similarities:
        role = FOUND
    elif entry["operation"] in SEARCHES:
        role = SOUGHT
    elif not pseudonyms.isdisjoint(_erased(entry)):
        role = ERASED
    return Mention(place, _time(entry), role, max(similarities, default=None), entry)


def _erased(entry: dict[str, Any]) -> Iterator[str]:
    for erased in (*entry.get("erased", ()), *entry.get("erased_users", ())):
        yield from erased.get("subjects", ())


def _time(entry: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(entry["time"])
