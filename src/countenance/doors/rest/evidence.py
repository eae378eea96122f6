"""`/v1/receipts`, `/v1/decisions` and `/v1/ledger`: what was done, provably."""

import base64
import json
from typing import TYPE_CHECKING, Annotated

from fastapi import Path
from starlette.responses import PlainTextResponse

from countenance.doors.rest.calls import TheCall, new_router
from countenance.doors.rest.description import problems
from countenance.doors.rest.models.evidence import Decision, Measurement, Pack, ProvedEntry, Receipt
from countenance.doors.rest.models.fields import REQUEST_EXAMPLE, Uuid
from countenance.operations import explain_decision as explaining
from countenance.operations import look_into_ledger

if TYPE_CHECKING:
    from countenance import ledger
    from countenance.operations.acts import Act

RequestId = Annotated[
    Uuid, Path(description="The request's id, as its answer told it.", examples=[REQUEST_EXAMPLE])
]

router = new_router("evidence")
_NOT_FOUND = problems(_404="The ledger holds nothing of such a request.")


@router.get("/receipts/{request_id}", responses=_NOT_FOUND)
async def show_receipt(call: TheCall, request_id: RequestId) -> Receipt:
    """Prove what was done for a request, to anybody who has the ledger's public key."""

    def show(act: "Act") -> Receipt:
        with call.desk.records.reading_ledger() as ledger:
            return Receipt(**look_into_ledger.show_receipt(ledger, act, request_id))

    return await call.do(show)


@router.get("/decisions/{request_id}", responses=_NOT_FOUND)
async def explain_decision(call: TheCall, request_id: RequestId) -> Decision:
    """Explain an answer: what was asked and found, how sure it is, and why it was permitted."""

    def explain(act: "Act") -> Decision:
        with call.desk.records.reading_ledger() as ledger:
            return _shown(explaining.explain_decision(ledger, act, request_id))

    return await call.do(explain)


@router.get("/ledger/checkpoint", response_class=PlainTextResponse)
async def show_checkpoint(call: TheCall) -> str:
    """Show where the ledger stands, signed: a C2SP tlog-checkpoint. Keep it where the server cannot go."""

    def show(act: "Act") -> str:
        with call.desk.records.reading_ledger() as ledger:
            return look_into_ledger.show_checkpoint(ledger, act)

    return await call.do(show)


@router.get("/ledger/key", response_class=PlainTextResponse)
async def show_ledger_key(call: TheCall) -> str:
    """Show the public key that verifies checkpoints and receipts."""
    key = call.desk.records.verifier_key
    return await call.do(lambda act: look_into_ledger.show_verifier_key(key, act))


def _shown(explained: explaining.Explanation) -> Decision:
    pack = explained.pack
    return Decision(
        request_id=explained.request_id,
        asked=explained.asked,
        false_match_rate=explained.false_match_rate,
        gallery_size=explained.gallery_size,
        expected_false_matches=explained.expected_false_matches,
        pack=_shown_pack(pack) if pack is not None else None,
        entries=tuple(_shown_entry(entry) for entry in explained.entries),
        checkpoint=explained.checkpoint,
    )


def _shown_pack(pack: explaining.PackFacts) -> Pack:
    measured = [Measurement(what=what, value=value, data=data) for what, value, data in pack.measurements]
    return Pack(name=pack.name, comparisons=pack.comparisons, data=pack.data, measurements=tuple(measured))


def _shown_entry(proved: "ledger.ProvedEntry") -> ProvedEntry:
    proof = tuple(base64.b64encode(part).decode() for part in proved.proof)
    return ProvedEntry(place=proved.place, entry=json.loads(proved.entry), proof=proof)
