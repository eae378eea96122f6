"""The accountability report: what the service can and cannot do, who uses it for what, how wrong it is.

Its outline is that of Washington's RCW 43.386; `use_sections` has the part that is counted in the ledger.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from countenance.operations.reports.counted import counted
from countenance.operations.reports.described import all_collections, described_packs, require_whole
from countenance.operations.reports.error_rates import error_rates
from countenance.operations.reports.limits import limits_in_words
from countenance.operations.reports.made import made
from countenance.operations.reports.recipients import recipients_table
from countenance.operations.reports.security import security_section
from countenance.operations.reports.usage import usage_of
from countenance.operations.reports.use_sections import (
    moratoria_section,
    refusals_section,
    reviews_section,
    searches_section,
    work_section,
)
from countenance.reporting import Fact, Section, Table, ToBeFilledIn, columns

if TYPE_CHECKING:
    from countenance.access import KeyStore
    from countenance.gallery import Gallery
    from countenance.ledger import LedgerReader
    from countenance.operations.acts import Act
    from countenance.operations.reports.counted import CountedCollection
    from countenance.operations.reports.service import ServiceFacts
    from countenance.reporting import Report, Value
    from countenance.vision.packs import PackDescription

LAW = "RCW 43.386: accountability report"
_AGENCY = ToBeFilledIn("the agency")
_INTRODUCTION = (
    "What this service is, what it is used for and by whom, how wrong it is and what was refused, from its "
    "own records and its signed ledger. It supports an accountability report; what only the agency knows is "
    "marked and must be added."
)
_LIMITS = (
    "similarity is calibrated on the data named below, not on the people who are searched for",
    "error by group of people is not measured by the service",
    "pictures that are small, blurred, dark, turned away or covered lead to more errors",
    "a match is a lead, not an identification: others may look as much alike",
)


def report_accountability(
    gallery: Gallery, ledger: LedgerReader, keys: KeyStore, act: Act, service: ServiceFacts
) -> Report:
    """Return the accountability report.

    Raises:
        NotPermitted: the caller's key does not allow it, or is limited to some collections.
    """
    act.permit("report_accountability")
    require_whole(act)
    collections = counted(gallery, act, all_collections(gallery, act), datetime.now(UTC))
    packs = described_packs(service.pack, [each.described.collection.pack for each in collections])
    usage = usage_of(ledger)
    users = recipients_table("Access keys", keys.keys())
    text = "Each user of the service has an access key of their own, limited as shown."
    sections = (
        _name(service),
        _packs(packs),
        _capabilities(),
        _inputs(),
        _purposes(collections),
        Section("users", "Who uses it", LAW, text, (Fact("training", "Training of users", _AGENCY),), users),
        _retention(collections, service),
        security_section(service, LAW, _AGENCY),
        _testing(packs),
        _errors(collections),
        reviews_section(usage, LAW),
        searches_section(usage, LAW),
        refusals_section(usage, LAW),
        work_section(usage, LAW),
        moratoria_section(act, LAW),
        _impact(),
    )
    return made(act, ledger, "Accountability report", _INTRODUCTION, sections)


def _name(service: ServiceFacts) -> Section:
    facts = (
        Fact("name", "Name", "Countenance"),
        Fact("version", "Version", service.version),
        Fact("licence", "Licence of the software", "Apache-2.0"),
        Fact("vendor", "Vendor", "none: the agency runs it itself"),
        Fact("agency", "Agency", _AGENCY),
        Fact("contact", "Contact", _AGENCY),
    )
    return Section("name", "Name and version", LAW, "The service and who runs it.", facts)


def _packs(packs: dict[str, PackDescription | None]) -> Section:
    heads = columns(
        pack="Pack",
        version="Version",
        summary="What it is",
        licence="Licence",
        licence_url="Its text",
        note="Note",
    )
    rows = tuple(
        (
            name,
            pack.version if pack else None,
            pack.summary if pack else "not described on this machine",
            pack.licence.spdx if pack else None,
            str(pack.licence.url) if pack else None,
            (pack.licence.note or None) if pack else None,
        )
        for name, pack in packs.items()
    )
    text = (
        "Faces are found and compared by a pack of models. A collection is bound to the pack that filled it."
    )
    return Section("packs", "Models and their vendors", LAW, text, table=Table("Packs in use", heads, rows))


def _capabilities() -> Section:
    can = (
        "find faces in still pictures and measure their position, pose and quality",
        "compare the face of one picture with those of another (1:1)",
        "search a collection for a face (1:N), where its policy allows it",
    )
    cannot = ("guess sex, age, origin or feelings", "decide anything: it returns similarities")
    facts = (
        Fact("can", "It can", can),
        Fact("cannot", "It does not", cannot),
        Fact("limits", "Limits", _LIMITS),
        Fact("other_use", "Other uses that are foreseeable", _AGENCY),
    )
    return Section("capabilities", "Capabilities and limits", LAW, "What the service does.", facts)


def _inputs() -> Section:
    facts = (
        Fact("inputs", "Data that go in", ("still pictures, sent by users or read from named buckets",)),
        Fact("made", "Data that it makes", ("templates of faces", "similarities", "entries of the ledger")),
        Fact("kept", "Pictures that are kept", "none, but a small one of each face where a policy says so"),
        Fact("collected", "How the pictures are collected", _AGENCY),
    )
    return Section("inputs", "Data inputs", LAW, "What goes in and what comes of it.", facts)


def _purposes(collections: list[CountedCollection]) -> Section:
    heads = columns(
        purpose="Purpose",
        collections="Collections",
        faces="Faces",
        bases="Legal bases",
        review="People who review",
        search="May be searched",
        decisions="Decisions that it supports",
        benefits="Benefits",
    )
    rows = []
    for purpose in sorted({each.described.purpose or "" for each in collections}):
        theirs = [each for each in collections if (each.described.purpose or "") == purpose]
        policies = [each.described.policy for each in theirs if each.described.policy is not None]
        row: tuple[Value, ...] = (
            purpose or None,
            len(theirs),
            sum(each.faces for each in theirs),
            tuple(sorted({policy.basis for policy in policies if policy.basis})),
            tuple(sorted({policy.review.value for policy in policies})),
            any(policy.search_allowed for policy in policies),
            _AGENCY,
            _AGENCY,
        )
        rows.append(row)
    table = Table("Purposes of use", heads, tuple(rows), "There are no collections.")
    text = "A collection declares its purpose; a search of it is for that purpose only."
    return Section("purposes", "Purposes of use", LAW, text, table=table)


def _retention(collections: list[CountedCollection], service: ServiceFacts) -> Section:
    heads = columns(
        collection="Collection",
        purpose="Purpose",
        sources="Sources of pictures",
        consent="Consent required",
        erasure="Erased",
    )
    rows = tuple(
        (
            each.described.collection_id,
            each.described.purpose,
            tuple(sorted(policy.sources)) if policy else None,
            policy.consent_required if policy else None,
            limits_in_words(policy),
        )
        for each in collections
        for policy in [each.described.policy]
    )
    facts = (
        Fact("searched_every", "What is due is looked for and erased every", service.sweep_every),
        Fact("consent_records_kept", "Records of consent are kept after they end for", service.consents_kept),
        Fact("backups_kept", "Backups are kept for", service.backups_kept),
    )
    table = Table("Data management, by collection", heads, rows, "There are no collections.")
    text = "What is due can be found by nobody from that second on; a sweep erases it for good."
    return Section("retention", "Data management and retention", LAW, text, facts, table)


def _testing(packs: dict[str, PackDescription | None]) -> Section:
    heads = columns(pack="Pack", what="Measured", value="Value", data="On which data")
    rows: list[tuple[Value, ...]] = []
    for name, pack in packs.items():
        known = pack.calibration if pack else None
        if known is not None:
            what = "comparisons of different people behind its false match rates"
            rows.append((name, what, known.non_mated_comparisons, known.data))
        rows += [(name, item.what, item.value, item.data) for item in (pack.measurements if pack else ())]
    facts = (
        Fact("operational_testing", "Testing in operational conditions", _AGENCY),
        Fact("independent_testing", "Independent tests", _AGENCY),
    )
    table = Table("What was measured of the packs", heads, tuple(rows), "Nothing is on record.")
    text = "Measured by who made the packs; it does not replace tests on the pictures that are used here."
    return Section("testing", "Testing", LAW, text, facts, table)


def _errors(collections: list[CountedCollection]) -> Section:
    text = (
        "A threshold of similarity stands for a false match rate: how often two different people reach it. "
        "In a search that rate counts once for every face of the collection."
    )
    facts = (
        Fact("by_group", "Error by group of people", "not measured by the service"),
        Fact("groups_tested", "Tests by the agency on the groups of people concerned", _AGENCY),
        Fact("dealing_with_errors", "How errors are dealt with", _AGENCY),
    )
    table = error_rates((each.described, each.faces) for each in collections)
    return Section("errors", "Error rates", LAW, text, facts, table)


def _impact() -> Section:
    facts = (
        Fact("civil_rights", "Impact on civil rights and liberties", _AGENCY),
        Fact("complaints", "Complaints: how they are made, received and answered", _AGENCY),
        Fact("complaints_received", "Complaints received", _AGENCY),
        Fact("notice", "Notice to the public", _AGENCY),
    )
    text = "What the system cannot know."
    return Section("complaints", "Civil rights, complaints and notice", LAW, text, facts)
