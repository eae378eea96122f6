"""The record of processing activities (GDPR Art. 30), and facts for an impact assessment (Art. 35)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from countenance.governance import ReviewMode
from countenance.operations.reports.counted import consents_by_state, counted
from countenance.operations.reports.described import all_collections, require_whole
from countenance.operations.reports.error_rates import error_rates
from countenance.operations.reports.limits import limits_in_words
from countenance.operations.reports.made import made
from countenance.operations.reports.recipients import recipients_table
from countenance.operations.reports.security import security_section
from countenance.reporting import Fact, Section, Table, ToBeFilledIn, columns

if TYPE_CHECKING:
    from countenance.access import AccessKey, KeyStore
    from countenance.gallery import Gallery
    from countenance.ledger import LedgerReader
    from countenance.operations.acts import Act
    from countenance.operations.reports.counted import CountedCollection
    from countenance.operations.reports.service import ServiceFacts
    from countenance.reporting import Report

_ARTICLE_30 = "GDPR Art. 30(1)"
_ARTICLE_35 = "GDPR Art. 35"
_CONTROLLER = ToBeFilledIn("the controller")
_INTRODUCTION = (
    "What this system processes, for whom and under which limits, from its own records. It supports the "
    "record that a controller keeps; what only the controller knows is marked and must be added."
)
_SUBJECTS = "people whose faces are enrolled, by the name under which they are"
_DATA = (
    "templates of faces (biometric data, GDPR Art. 4(14) and 9)",
    "where the face was in its picture, and how good the picture was",
    "external image ids and user ids",
    "when the face was enrolled, and where its picture came from",
)


def report_processing(
    gallery: Gallery, ledger: LedgerReader, keys: KeyStore, act: Act, service: ServiceFacts
) -> Report:
    """Return the record of processing activities.

    Raises:
        NotPermitted: the caller's key does not allow it, or is limited to some collections.
    """
    act.permit("report_processing")
    require_whole(act)
    collections = counted(gallery, act, all_collections(gallery, act), datetime.now(UTC))
    recipients = keys.keys()
    sections = (
        _controller(),
        _overview(collections),
        *(_collection(each, recipients) for each in collections),
        _transfers(service),
        security_section(service, _ARTICLE_30, _CONTROLLER),
        _assessment(act, collections),
        _false_matches(collections),
    )
    return made(act, ledger, "Record of processing activities", _INTRODUCTION, sections)


def _controller() -> Section:
    facts = (
        Fact("controller_name", "Controller", _CONTROLLER),
        Fact("controller_contact", "Contact of the controller", _CONTROLLER),
        Fact("joint_controller", "Joint controller, if any", _CONTROLLER),
        Fact("representative", "Representative, if any", _CONTROLLER),
        Fact("data_protection_officer", "Data protection officer", _CONTROLLER),
    )
    text = "The system does not know who runs it."
    return Section("controller", "Controller", _ARTICLE_30, text, facts)


def _overview(collections: list[CountedCollection]) -> Section:
    heads = columns(
        collection="Collection",
        purpose="Purpose",
        basis="Legal basis",
        jurisdiction="Jurisdiction",
        faces="Faces",
        users="Users",
        subjects="Subjects",
        erasure="Erased",
    )
    rows = tuple(
        (
            each.described.collection_id,
            each.described.purpose,
            policy.basis if policy is not None else None,
            policy.jurisdiction if policy is not None else None,
            each.faces,
            each.users,
            each.subjects,
            limits_in_words(policy),
        )
        for each in collections
        for policy in [each.described.policy]
    )
    facts = (
        Fact("collections", "Collections", len(collections)),
        Fact("faces", "Faces", sum(each.faces for each in collections)),
        Fact("users", "Users", sum(each.users for each in collections)),
    )
    table = Table("Collections of faces", heads, rows, "There are no collections.")
    text = "Each collection is a processing activity of its own, described below."
    return Section("overview", "All processing activities", _ARTICLE_30, text, facts, table)


def _collection(each: CountedCollection, keys: list[AccessKey]) -> Section:
    described, policy = each.described, each.described.policy
    identity = described.collection
    portraits = ("a small picture of each face",) if policy is not None and policy.keeps_portraits else ()
    facts = (
        Fact("collection", "Collection", identity.collection_id),
        Fact("created_at", "Since", identity.created_at),
        Fact("policy_is_valid", "Its declared policy is valid", policy is not None),
        Fact("purpose", "Purpose", described.purpose),
        Fact("basis", "Legal basis", policy.basis if policy else None),
        Fact("jurisdiction", "Jurisdiction", policy.jurisdiction if policy else None),
        Fact("consent_required", "Consent is required", policy.consent_required if policy else None),
        Fact("review", "People who review an answer", policy.review.value if policy else None),
        Fact("search_allowed", "May be searched (1:N)", policy.search_allowed if policy else None),
        Fact(
            "grouping_allowed",
            "Faces may be grouped into people",
            policy.grouping_allowed if policy else None,
        ),
        Fact("categories_of_subjects", "Categories of data subjects", _SUBJECTS),
        Fact("groups_of_subjects", "Which people these are", _CONTROLLER),
        Fact("categories_of_data", "Categories of personal data", (*_DATA, *portraits)),
        Fact("pack", "Pack of models", identity.pack),
        Fact("erasure", "Time limits for erasure", limits_in_words(policy)),
        Fact("faces", "Faces", each.faces),
        Fact("users", "Users", each.users),
        Fact("subjects", "Subjects, as the system tells them apart", each.subjects),
        Fact("groups", "Groups of faces that are one person's", each.groups),
        Fact("confirmed_groups", "Of these, confirmed by people", each.confirmed_groups),
        *(
            Fact(f"consents_{state}", f"Consents to its purpose: {state}", many)
            for state, many in each.consents.items()
        ),
    )
    table = recipients_table(
        f"Recipients: access keys that reach {identity.collection_id}",
        [key for key in keys if described.reached_by(key)],
    )
    text = "Recipients are named by their access keys; who holds a key is the controller's to know."
    return Section("collection", f"Collection {identity.collection_id}", _ARTICLE_30, text, facts, table)


def _transfers(service: ServiceFacts) -> Section:
    witness = "sizes, hashes and signatures, no personal data" if service.has_witness else "nothing"
    facts = (
        Fact("transfers_by_the_system", "Personal data that the system sends anywhere by itself", "none"),
        Fact("given_to_a_witness", "What a witness of the ledger gets", witness),
        Fact("reads_pictures_from_s3", "Pictures are read from an S3-compatible store", service.reads_s3),
        Fact("third_countries", "Third countries in which recipients are", _CONTROLLER),
        Fact("safeguards", "Safeguards for transfers there", _CONTROLLER),
    )
    text = "Answers go to whoever asks with an access key, wherever they are."
    return Section("transfers", "Transfers", _ARTICLE_30, text, facts)


def _assessment(act: Act, collections: list[CountedCollection]) -> Section:
    now = datetime.now(UTC)
    policies = [policy for each in collections if (policy := each.described.policy) is not None]
    with act.governance.reading() as records:
        states = consents_by_state(records, now)
        moratoria = [*act.moratoria_at_start, *records.moratoria()]
    facts = (
        Fact("faces", "Templates of faces held", sum(each.faces for each in collections)),
        *(Fact(f"consents_{state}", f"Consents: {state}", many) for state, many in states.items()),
        Fact("with_consent", "Collections that require consent", sum(p.consent_required for p in policies)),
        Fact("searchable", "Collections that may be searched (1:N)", sum(p.search_allowed for p in policies)),
        Fact("grouped", "Collections whose faces may be grouped", sum(p.grouping_allowed for p in policies)),
        Fact("watched", "Collections that live video may meet", sum(p.may_be_watched for p in policies)),
        Fact(
            "reviewed",
            "Collections whose answers people review",
            sum(policy.review is not ReviewMode.NONE for policy in policies),
        ),
        Fact(
            "moratoria_in_force",
            "Moratoria in force",
            sum(moratorium.in_force(now) for moratorium in moratoria),
        ),
        Fact("necessity", "Necessity and proportionality", _CONTROLLER),
        Fact("risks", "Risks to the rights and freedoms of people", _CONTROLLER),
        Fact("consultation", "Views of data subjects or their representatives", _CONTROLLER),
    )
    text = "What the system can contribute to an impact assessment; the assessment is the controller's."
    return Section("assessment", "Facts for an impact assessment", _ARTICLE_35, text, facts)


def _false_matches(collections: list[CountedCollection]) -> Section:
    text = (
        "The false match rate is that of the pack's calibration data, and says nothing of any group of "
        "people. The expected number is the rate times the size of the collection."
    )
    table = error_rates((each.described, each.faces) for each in collections)
    return Section("false_matches", "False matches to expect", _ARTICLE_35, text, table=table)
