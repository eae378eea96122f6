"""The ledger: browse it, look at one request, and let the browser itself verify what it says."""

from __future__ import annotations

import base64
import json
from datetime import date
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, PlainTextResponse

from countenance.doors.console.downloads import attachment
from countenance.doors.console.routing import page
from countenance.doors.console.visit import PAGE_SIZE
from countenance.errors import LedgerEntryNotFound
from countenance.operations import look_into_ledger
from countenance.operations.browse_ledger import EntriesWanted, browse_ledger
from countenance.operations.names import OPERATIONS
from countenance.operations.show_request import show_request

if TYPE_CHECKING:
    from starlette.responses import Response

    from countenance.doors.console.visit import Visit
    from countenance.operations.acts import Act
    from countenance.operations.browse_ledger import LedgerPage
    from countenance.operations.show_request import ShownRequest

_MOST_CHARACTERS = 255
_MOST_DIGITS = 18
_YEARS = range(1970, 3000)
_FILTERS = ("operation", "outcome", "key", "collection", "request")
_DAYS = ("since", "until")
# What names who, when and how of an entry is shown before everything else that it says.
_SHOWN_FIRST = ("v", "time", "request", "key", "operation", "outcome", "collection", "reasons")


async def show_ledger(visit: Visit) -> Response:
    """Show a page of entries, newest first, under filters."""
    given = {name: visit.query.get(name, "").strip()[:_MOST_CHARACTERS] for name in (*_FILTERS, *_DAYS)}
    filters = {name: value for name, value in given.items() if value}
    days = {name: _day(filters[name]) for name in _DAYS if name in filters}
    if not visit.may("browse_ledger"):
        return visit.page("ledger/ledger.html", ledger=None, filters=filters)
    paging = visit.paging("ledger", **filters)

    wanted = EntriesWanted(
        operation=filters.get("operation"),
        outcome=filters.get("outcome"),
        key_id=filters.get("key"),
        collection_id=filters.get("collection"),
        request_id=filters.get("request"),
        since=days.get("since"),
        until=days.get("until"),
    )

    def browse(act: Act) -> LedgerPage:
        with visit.desk.records.reading_ledger() as ledger:
            return browse_ledger(ledger, act, wanted, most=PAGE_SIZE, before=paging.position or None)

    found = await visit.do(browse)
    following = None
    if found.go_on_before is not None:
        following = visit.desk.tokens.token(found.go_on_before, paging.belongs_to)
    return visit.page(
        "ledger/ledger.html",
        ledger=found,
        filters=filters,
        wrong_days=[name for name, day in days.items() if day is None],
        next=following,
        is_full=len(found.entries) == PAGE_SIZE,
        operations=OPERATIONS,
    )


async def show_one(visit: Visit) -> Response:
    """Show what the ledger holds of a request, explained where that can be."""
    request_id = str(visit.http.path_params["request_id"])

    def show(act: Act) -> ShownRequest:
        with visit.desk.records.reading_ledger() as ledger:
            return show_request(ledger, act, request_id)

    shown = await visit.do(show)
    entries = [(part["place"], part["entry"], _rest(part["entry"])) for part in shown.receipt["entries"]]
    return visit.page(
        "ledger/request.html",
        request_id=request_id,
        entries=entries,
        explained=shown.explanation,
    )


async def send_receipt(visit: Visit) -> Response:
    """Send the receipt of a request, as a file to keep and for the page to verify."""
    request_id = str(visit.http.path_params["request_id"])

    def show(act: Act) -> dict[str, Any]:
        with visit.desk.records.reading_ledger() as ledger:
            return look_into_ledger.show_receipt(ledger, act, request_id)

    receipt = await visit.do(show)
    content = json.dumps(receipt, indent=2, ensure_ascii=False).encode()
    return attachment(content, f"receipt-{request_id}.json", "application/json")


async def show_verifying(visit: Visit) -> Response:
    """Show where receipts and checkpoints that somebody kept are verified, by the browser."""
    return visit.page("ledger/verify.html")


async def send_checkpoint(visit: Visit) -> Response:
    """Send where the ledger stands now, signed."""

    def show(act: Act) -> str:
        with visit.desk.records.reading_ledger() as ledger:
            return look_into_ledger.show_checkpoint(ledger, act)

    note = await visit.do(show)
    return attachment(note.encode(), "checkpoint.txt", "text/plain; charset=utf-8")


async def send_key(visit: Visit) -> Response:
    """Send the public key that verifies checkpoints and receipts."""
    key = visit.desk.records.verifier_key
    text = await visit.do(lambda act: look_into_ledger.show_verifier_key(key, act))
    return attachment(f"{text}\n".encode(), "ledger-key.txt", "text/plain; charset=utf-8")


async def send_consistency(visit: Visit) -> Response:
    """Send what shows that the ledger of a size is the beginning of what it is now."""
    text = visit.query.get("size", "")
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS):
        return PlainTextResponse("size is a number of entries\n", 400)

    def show(act: Act) -> look_into_ledger.LedgerGrowth:
        with visit.desk.records.reading_ledger() as ledger:
            return look_into_ledger.show_consistency(ledger, act, int(text))

    try:
        growth = await visit.do(show)
    except LedgerEntryNotFound:
        return JSONResponse({"shrunk": True}, 404)
    proof = [base64.b64encode(part).decode() for part in growth.proof]
    return JSONResponse({"proof": proof, "checkpoint": growth.checkpoint})


def _day(text: str) -> date | None:
    """Return a day of a form; None where it is none."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year in _YEARS else None


def _rest(record: dict[str, Any]) -> str:
    """Return what an entry says besides, as text that can be read."""
    rest = {name: value for name, value in record.items() if name not in _SHOWN_FIRST}
    return json.dumps(rest, indent=2, ensure_ascii=False) if rest else ""


ROUTES = (
    page("/ledger", show_ledger, needs=("browse_ledger", "look_at_ledger", "show_receipt")),
    page("/ledger/verify", show_verifying, needs=("browse_ledger", "look_at_ledger", "show_receipt")),
    page("/ledger/requests/{request_id}", show_one, needs=("show_receipt",)),
    page("/ledger/requests/{request_id}/receipt.json", send_receipt, needs=("show_receipt",)),
    page("/ledger/checkpoint.txt", send_checkpoint, needs=("look_at_ledger",)),
    page("/ledger/key.txt", send_key, needs=("look_at_ledger",)),
    page("/ledger/consistency.json", send_consistency, needs=("look_at_ledger",)),
)
