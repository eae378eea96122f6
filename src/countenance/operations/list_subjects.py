"""List the people who are enrolled under a name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from countenance.access.keys import EVERYTHING
from countenance.errors import PolicyInvalid
from countenance.operations.pages import Page, page_of
from countenance.operations.reports.described import all_collections

if TYPE_CHECKING:
    from collections.abc import Sequence

    from countenance.gallery import Gallery
    from countenance.gallery.values import Collection, NamedSubject
    from countenance.operations.acts import Act

MOST_TEXT = 255
_MOST_CONSENTS = 1000


@dataclass(frozen=True, slots=True)
class ListedSubject:
    """Somebody who is enrolled under a name.

    Attributes:
        key: the store's own number, by which lists are continued.
        name: an external image id or a user id.
        collection_ids: the collections that know them, of those that the caller's key may use.
        last_interaction_at: when there was last something to do with them in any of these.
        purposes: what they consent to now.
        consent_ended: whether they consented to something once, and to nothing now.
        held: whether a legal hold keeps everything of theirs.
    """

    key: int
    name: str
    collection_ids: tuple[str, ...]
    last_interaction_at: datetime
    purposes: tuple[str, ...]
    consent_ended: bool
    held: bool


def list_subjects(
    gallery: Gallery, act: Act, *, like: str = "", most: int, after_key: int = 0
) -> Page[ListedSubject]:
    """Return people whose name holds a text, each once, those enrolled first first.

    Args:
        gallery: the collections.
        act: who asks; only collections that the key may use are looked at.
        like: a part of the name, in large or small letters; nothing where all are wanted.
        most: how many at most.
        after_key: the key after which the page begins.

    Raises:
        NotPermitted: the caller's key does not allow it.
        PolicyInvalid: the text is longer than any name.
    """
    act.permit("list_subjects")
    if len(like) > MOST_TEXT or "\0" in like:
        raise PolicyInvalid(f"a name has at most {MOST_TEXT} characters, all of which can be read")
    within = reached_collections(gallery, act)
    with gallery.reading() as reader:
        page = page_of(
            lambda count: reader.named_subjects(within=within, like=like, after_key=after_key, most=count),
            most,
            after_key,
        )
    return Page(_with_records(act, page.items), page.next_after)


def reached_collections(gallery: Gallery, act: Act) -> list[Collection] | None:
    """Return the collections that the caller's key may use for their purpose; None where it may use all."""
    if act.caller.collections == act.caller.purposes == EVERYTHING:
        return None
    return [each.collection for each in all_collections(gallery, act) if each.reached_by(act.caller)]


def _with_records(act: Act, found: Sequence[NamedSubject]) -> list[ListedSubject]:
    now = datetime.now(UTC)
    listed = []
    with act.governance.reading() as records:
        held = {hold.subject for hold in records.holds(subjects=[each.name for each in found])}
        for each in found:
            consents = records.consents(subject=each.name, after_key=0, most=_MOST_CONSENTS)
            purposes = dict.fromkeys(consent.purpose for consent in consents if consent.valid(now))
            listed.append(
                ListedSubject(
                    each.key,
                    each.name,
                    each.collection_ids,
                    each.last_interaction_at,
                    purposes=tuple(purposes),
                    consent_ended=bool(consents) and not purposes,
                    held=each.name in held,
                )
            )
    return listed
