"""The report of a subject: everything that is held of one person, for them (GDPR Art. 15 and 20)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from countenance.errors import SubjectNotFound
from countenance.operations.reports.described import names_of_keys
from countenance.operations.reports.disclosed import (
    decisions_section,
    disclosures_section,
    entries_section,
    pseudonyms_section,
)
from countenance.operations.reports.held import (
    consent_sections,
    face_sections,
    holds_section,
    jobs_section,
    reviews_section,
    users_section,
    videos_section,
)
from countenance.operations.reports.holdings import holdings_of
from countenance.operations.reports.made import made
from countenance.operations.reports.mentions import mentions_of
from countenance.operations.reports.policy_words import policy_table
from countenance.reporting import Fact, Section, ToBeFilledIn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from countenance.access import KeyStore
    from countenance.gallery import Gallery
    from countenance.ledger import LedgerReader
    from countenance.operations.acts import Act
    from countenance.operations.reports.holdings import Holdings
    from countenance.operations.reports.mentions import Mention
    from countenance.reporting import Report

LAW = "GDPR Art. 15 and 20"
_CONTROLLER = ToBeFilledIn("the controller")
_ALL = (
    "Everything that this system holds of one person, to whom it was disclosed and when it will be erased, "
    "from its own records and its signed ledger."
)
_SOME = (
    " The access key that asked is limited to some collections: what is held in others is not in this report."
)


def report_subject(
    gallery: Gallery,
    ledger: LedgerReader,
    keys: KeyStore,
    act: Act,
    subject: str,
    *,
    include_templates: bool = False,
) -> Report:
    """Return everything that is held of a subject in the collections that the caller's key may use.

    1. Gather what is held; whoever asks for templates must be allowed to make them.
    2. Note whose report it is: the report itself discloses what is held.
    3. Find in the ledger what was done, and what was disclosed to whom.

    Args:
        gallery: the collections.
        ledger: as of one moment.
        keys: who may have asked.
        act: who asks now.
        subject: an external image id or a user id.
        include_templates: whether the templates themselves are wanted, too.

    Raises:
        NotPermitted: the caller's key does not allow it.
        SubjectNotFound: nothing is held of such a subject.
    """
    act.permit("report_subject")
    # 1
    if include_templates:
        act.caller.permit("make_templates")
    held = holdings_of(gallery, act, subject, templates=include_templates)
    if held.is_empty:
        raise SubjectNotFound(f"nothing is held of a subject {subject}")
    # 2
    act.note(subjects=held.all_pseudonyms)
    # 3
    mentions = mentions_of(ledger, held.all_pseudonyms)
    names = names_of_keys(keys.keys())
    complete = "*" in act.caller.collections
    sections = (
        _summary(held, mentions, complete=complete),
        *face_sections(held, LAW),
        users_section(held, LAW),
        *consent_sections(held, names, LAW),
        holds_section(held, names, LAW),
        reviews_section(held, names, LAW),
        jobs_section(held, names, LAW),
        videos_section(held, names, LAW),
        disclosures_section(mentions, names, LAW),
        decisions_section(mentions, names, LAW),
        entries_section(mentions, names, LAW),
        pseudonyms_section(held, LAW),
        *_policies(held),
        _rights(),
    )
    introduction = _ALL if complete else _ALL + _SOME
    return made(act, ledger, f"What is held of {subject}", introduction, sections)


def _summary(held: Holdings, mentions: list[Mention], *, complete: bool) -> Section:
    now = datetime.now(UTC)
    facts = (
        Fact("subject", "Subject", held.subject),
        Fact("names", "Names under which something is held", tuple(sorted(held.names))),
        Fact("complete", "All collections were looked at", complete),
        Fact("collections", "Collections that know the subject", tuple(sorted(held.collections))),
        Fact("faces", "Faces", len(held.faces)),
        Fact("users", "Users", len(held.users)),
        Fact("consents", "Consents", len(held.consents)),
        Fact("consents_valid", "Consents that hold now", sum(each.valid(now) for each in held.consents)),
        Fact("holds", "Legal holds", len(held.holds)),
        Fact("reviews", "Reviews", len(held.reviews)),
        Fact("job_items", "Items of jobs", len(held.job_items)),
        Fact("videos", "Videos", len({seen.job.key for seen in held.videos})),
        Fact("entries", "Entries of the ledger", len(mentions)),
    )
    return Section("summary", "Summary", LAW, "", facts)


def _policies(held: Holdings) -> Iterator[Section]:
    for collection_id, where in sorted(held.collections.items()):
        table = policy_table(f"The policy of {collection_id}", where.policy)
        facts = (Fact("collection", "Collection", collection_id),)
        yield Section("policy", f"The rules of {collection_id}", LAW, "", facts, table)


def _rights() -> Section:
    facts = (
        Fact("controller", "Controller and contact", _CONTROLLER),
        Fact("third_countries", "Recipients in third countries, and safeguards", _CONTROLLER),
        Fact("supervisory_authority", "Authority to which one can complain", _CONTROLLER),
    )
    text = (
        "Whoever this report is about can have what is wrong corrected, have all of it erased, and withdraw "
        "a consent as easily as they gave it. The erasure leaves a signed receipt."
    )
    return Section("rights", "Rights", "GDPR Art. 7(3), 15 and 16–17", text, facts)
