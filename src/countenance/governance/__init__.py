"""What is permitted: purposes, consent, retention, moratoria and review.

Pure rules; `store` keeps the records.
"""

from countenance.governance.consent import Consent, ConsentMethod, valid_consent
from countenance.governance.decision import Decision, Enrolment, Question, decide
from countenance.governance.holds import Hold
from countenance.governance.kinds import Kind
from countenance.governance.moratorium import Moratorium, Scope
from countenance.governance.policy import Line, Policy, ReviewMode, Source, Template, policy_of
from countenance.governance.ports import GovernanceReader, GovernanceStore, GovernanceWriter
from countenance.governance.retention import Due, Expiry, due_now, expiry_of
from countenance.governance.review import (
    Candidate,
    CandidateKeys,
    Review,
    ReviewState,
    Verdict,
    Vote,
    shown_to,
    state_after,
)

__all__ = [
    "Candidate",
    "CandidateKeys",
    "Consent",
    "ConsentMethod",
    "Decision",
    "Due",
    "Enrolment",
    "Expiry",
    "GovernanceReader",
    "GovernanceStore",
    "GovernanceWriter",
    "Hold",
    "Kind",
    "Line",
    "Moratorium",
    "Policy",
    "Question",
    "Review",
    "ReviewMode",
    "ReviewState",
    "Scope",
    "Source",
    "Template",
    "Verdict",
    "Vote",
    "decide",
    "due_now",
    "expiry_of",
    "policy_of",
    "shown_to",
    "state_after",
    "valid_consent",
]
