"""One request as the ledger holds it: its receipt and, where somebody asked, why it was answered so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from countenance.ledger import make_receipt
from countenance.operations.explain_decision import explanation_of
from countenance.operations.look_into_ledger import prove_request, require_own

if TYPE_CHECKING:
    from countenance.ledger import LedgerReader
    from countenance.operations.acts import Act
    from countenance.operations.explain_decision import Explanation


@dataclass(frozen=True, slots=True)
class ShownRequest:
    """A request.

    Attributes:
        receipt: what proves its entries, as JSON has it.
        explanation: what was asked and found, and how sure it is; None where nobody asked, as of what a
            server does by itself, or where the key may not have decisions explained.
    """

    receipt: dict[str, Any]
    explanation: Explanation | None


def show_request(ledger: LedgerReader, act: Act, request_id: str) -> ShownRequest:
    """Return what the ledger holds of a request, with proofs, and explained where that can be.

    Raises:
        NotPermitted: the caller's key does not allow it, or is neither an administrator's nor who asked.
        LedgerEntryNotFound: the ledger holds nothing of such a request.
    """
    act.permit("show_receipt")
    act.note(about=request_id)
    entries, checkpoint = prove_request(ledger, request_id)
    require_own(act, entries)
    explained = act.caller.does("explain_decision")
    return ShownRequest(
        make_receipt(request_id, entries, checkpoint),
        explanation_of(request_id, entries, checkpoint) if explained else None,
    )
