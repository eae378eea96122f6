"""From what an operation asks leave for to the question that governance decides."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from countenance.access import TESTING, only_tests
from countenance.governance import Enrolment, Kind, Question, Source, policy_of
from countenance.governance.policy import governing, word
from countenance.operations.names import KINDS, OF_GROUPS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from countenance.access import AccessKey
    from countenance.governance import GovernanceReader, Moratorium, Policy, Template

# No collection says what they are for, and they are of pictures that whoever asks has anyway.
_OF_PICTURES = (Kind.ANALYSE, Kind.COMPARE)


@dataclass(frozen=True, slots=True)
class Enrolling:
    """Who is about to be enrolled, and where the picture comes from, where a request says so.

    ``names``: faces that are there already are said to be theirs; ``consent_id``: the consent that it is said
    to rest on, where one is named.
    """

    subject: str | None
    source: str | None = None
    names: bool = False
    consent_id: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What leave is asked for; `Act.permit` says what each means."""

    operation: str
    collection_id: str | None
    purpose: str | None = None
    enrolling: Enrolling | None = None
    tags: Mapping[str, str] | None = None
    without: Collection[str] = field(default=())


def question_of(
    asked: Asked,
    caller: AccessKey,
    reader: GovernanceReader,
    template: Template,
    moratoria: Sequence[Moratorium],
    now: datetime,
) -> Question:
    """Return the question with all that the answer depends on, as it is at this moment.

    Raises:
        PolicyInvalid: the tags are no policy, or the purpose or the source is none.
    """
    there = reader.tags_of(asked.collection_id) if asked.collection_id is not None else None
    wanted = there if asked.tags is None else {**(there or {}), **asked.tags}
    wanted = wanted and {name: value for name, value in wanted.items() if name not in asked.without}
    kind = KINDS[asked.operation]
    changes = asked.tags is not None and asked.operation != "create_collection"
    if changes and there is not None and wanted is not None and governing(there) != governing(wanted):
        kind = Kind.ADMINISTER  # others rely on the policy as it is
    policy = policy_of(wanted, template) if wanted is not None else None
    if policy is not None:
        purpose = policy.purpose
    elif asked.purpose is None and kind in _OF_PICTURES and only_tests(caller):
        purpose = TESTING
    else:  # it will be recorded, so it must not be just any text
        purpose = word(asked.purpose) if asked.purpose is not None else None
    return Question(
        kind=kind,
        purpose=purpose,
        policy=policy,
        moratoria=[each for each in (*moratoria, *reader.moratoria()) if each.in_force(now)],
        key_purposes=caller.purposes,
        administrator=caller.administrator,
        enrolment=_enrolment(asked.enrolling, policy, reader),
        declares=asked.tags is not None,
        groups=asked.operation in OF_GROUPS,
    )


def _enrolment(
    enrolling: Enrolling | None, policy: Policy | None, reader: GovernanceReader
) -> Enrolment | None:
    if enrolling is None or policy is None:
        return None
    subject = enrolling.subject
    if enrolling.names:
        theirs = reader.consents_to(policy.purpose, [subject]) if policy.purpose and subject else {}
        return Enrolment(subject, None, tuple(theirs.get(subject or "", [])), names=True)
    return enrolments_of([enrolling], policy, reader)[0]


def enrolments_of(
    enrolling: Sequence[Enrolling], policy: Policy, reader: GovernanceReader
) -> list[Enrolment]:
    """Return what there is to know of each who is to be enrolled from a new picture, asked for all at once.

    Raises:
        PolicyInvalid: a source is none.
    """
    asked = [each.subject for each in enrolling if policy.consent_required or each.consent_id is not None]
    subjects = sorted({subject for subject in asked if subject is not None})
    found = reader.consents_to(policy.purpose, subjects) if policy.purpose is not None and subjects else {}
    return [
        Enrolment(
            each.subject,
            policy.source if each.source is None else Source.parse(each.source),
            tuple(found.get(each.subject or "", ())),
            consent_id=each.consent_id,
        )
        for each in enrolling
    ]
