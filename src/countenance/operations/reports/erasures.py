"""What the ledger tells of erasures: how many faces, by the clause that ended their stay."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING

from countenance.governance.retention import CONSENT_ENDED, LAST_INTERACTION, PURPOSE_MET, RETENTION

if TYPE_CHECKING:
    from countenance.ledger import LedgerReader

COLLECTION_DELETED = "collection-deleted"
CLAUSES = {
    PURPOSE_MET: "the purpose was met",
    RETENTION: "the time after enrolment was over",
    LAST_INTERACTION: "the time after the last interaction was over",
    CONSENT_ENDED: "the consent had ended",
    "withdrawal": "the consent was withdrawn",
    "request": "somebody asked for it",
    COLLECTION_DELETED: "the whole collection was deleted",
}
"""By clause, as the ledger has it, why faces were erased."""

_ERASED = "erased"


def erased_since(ledger: LedgerReader, *times: datetime) -> list[Counter[str]]:
    """Return, for each time, how many faces were erased since then, by clause."""
    counts: list[Counter[str]] = [Counter() for _ in times]
    for _, content in ledger.mentioning([_ERASED]):
        entry = json.loads(content)
        at = datetime.fromisoformat(entry["time"])
        for erased in entry.get(_ERASED, ()):
            for since, count in zip(times, counts, strict=True):
                if since <= at:
                    count[erased.get("clause", COLLECTION_DELETED)] += erased["faces"]
    return counts
