"""Erase a person: say exactly what goes, ask again, and hand out the receipt."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from countenance.doors.console.downloads import attachment
from countenance.doors.console.paths import at
from countenance.doors.console.routing import page
from countenance.errors import HoldInForce, LedgerEntryNotFound, SubjectNotFound
from countenance.operations.erase_subject import erase_subject
from countenance.operations.look_into_ledger import show_receipt
from countenance.operations.show_subject import show_subject

if TYPE_CHECKING:
    from starlette.responses import Response

    from countenance.doors.console.visit import Visit
    from countenance.operations.acts import Act


async def ask(visit: Visit) -> Response:
    """Say what would be erased, and ask for the name to be typed."""
    return await _ask(visit, visit.query.get("subject", ""))


async def erase(visit: Visit) -> Response:
    """Erase everything that is held of somebody."""
    subject = visit.form.text("subject")
    if visit.form.text("typed") != subject:
        return await _ask(visit, subject, problem="typed", status=422)
    try:
        erased = await visit.do(lambda act: erase_subject(visit.desk.gallery, act, subject))
    except HoldInForce:
        return await _ask(visit, subject, problem="held", status=409)
    if not visit.may("show_receipt"):
        return visit.page("people/gone.html", erased=erased)
    return visit.go(at("people", "erased", erased.request_id))


async def show_erased(visit: Visit) -> Response:
    """Show what an erasure was, from its receipt; it names nobody, for there is nobody left to name."""
    receipt = await _receipt(visit)
    entries = [each["entry"] for each in receipt["entries"]]
    if all(entry["operation"] != "erase_subject" for entry in entries):
        raise LedgerEntryNotFound("this request erased nobody; the ledger says what else it did")
    erased = [part for entry in entries for part in entry.get("erased", ())]
    return visit.page(
        "people/erased.html",
        request_id=receipt["request"],
        erased_at=datetime.fromisoformat(entries[-1]["time"]),
        faces=sum(part["faces"] for part in erased),
        collections=sorted({part["collection"] for part in erased}),
        users=sum(len(part["subjects"]) for entry in entries for part in entry.get("erased_users", ())),
        consents=sum(len(entry.get("consents", ())) for entry in entries),
        keys=sum(entry.get("keys", 0) for entry in entries),
        backups=next(
            (datetime.fromisoformat(each["backups_expire"]) for each in entries if "backups_expire" in each),
            None,
        ),
        entries=len(entries),
    )


async def send_receipt(visit: Visit) -> Response:
    """Send a receipt as a file: whoever has it and the ledger's public key can check it anywhere."""
    receipt = await _receipt(visit)
    content = json.dumps(receipt, indent=2, ensure_ascii=False).encode()
    return attachment(content, f"receipt-{receipt['request']}.json", "application/json")


async def _ask(visit: Visit, subject: str, *, problem: str = "", status: int = 200) -> Response:
    if not visit.may("show_subject"):
        return visit.page("people/erase.html", status, subject=subject, shown=None, problem=problem)
    try:
        shown = await visit.do(lambda act: show_subject(visit.desk.gallery, act, subject))
    except SubjectNotFound:
        return visit.page("people/nobody.html", 404, subject=subject)
    return visit.page("people/erase.html", status, subject=subject, shown=shown, problem=problem)


async def _receipt(visit: Visit) -> dict[str, Any]:
    request_id = str(visit.http.path_params["request_id"])

    def read(act: Act) -> dict[str, Any]:
        with visit.desk.records.reading_ledger() as ledger:
            return show_receipt(ledger, act, request_id)

    return await visit.do(read)


ROUTES = (
    page("/people/erase", ask, needs=("erase_subject",)),
    page("/people/erase", erase, methods=("POST",), needs=("erase_subject",)),
    page("/people/erased/{request_id}", show_erased, needs=("show_receipt",)),
    page("/people/receipts/{request_id}", send_receipt, needs=("show_receipt",)),
)
