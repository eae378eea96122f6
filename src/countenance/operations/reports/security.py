"""How what is held is protected, as far as the service itself does it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countenance.reporting import Fact, Section

if TYPE_CHECKING:
    from countenance.operations.reports.service import ServiceFacts
    from countenance.reporting import ToBeFilledIn

_LEDGER = (
    "each operation leaves an entry in a Merkle log whose checkpoints are signed with Ed25519; what is "
    "altered, dropped or rolled back is found by anybody who has the public key and an earlier checkpoint"
)


def security_section(service: ServiceFacts, law: str, blank: ToBeFilledIn) -> Section:
    """Return the measures of the service; ``blank`` stands for those around it, which it does not know."""
    witness = "given to a witness" if service.has_witness else "given to nobody else: no witness is set"
    facts = (
        Fact("templates_at_rest", "Templates and portraits at rest", "AES-256-GCM, a data key per subject"),
        Fact(
            "subject_keys",
            "Keys of subjects",
            "leaves of a puncturable tree, in one sealed file apart from the database: an erased subject's "
            "key cannot be computed again, from backups of the database neither",
        ),
        Fact("master_key", "The master key comes from", service.master_key),
        Fact("not_encrypted", "Not encrypted by the service", "ids, boxes, quality figures, tags and times"),
        Fact("in_transit", "Requests on their way", service.transport.value),
        Fact("database", "Database", service.database),
        Fact("access", "Who may ask", "access keys, limited to operations, collections and purposes"),
        Fact("ledger", "What was done", _LEDGER),
        Fact("checkpoints", "Checkpoints of the ledger are", witness),
        Fact("organisational_measures", "Organisational measures", blank),
    )
    text = "A general description of the technical measures that the service itself takes."
    return Section("security", "Security measures", law, text, facts)
