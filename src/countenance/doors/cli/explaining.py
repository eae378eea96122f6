"""The work of ``countenance decision …``."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from countenance.doors.cli.records import json_line
from countenance.doors.cli.tables import print_facts, print_rows
from countenance.doors.cli.words import expected_in_words, rate_in_words
from countenance.doors.cli.work import at_work
from countenance.operations.explain_decision import explain_decision
from countenance.operations.look_into_ledger import check_proofs

if TYPE_CHECKING:
    from pathlib import Path

    from countenance.doors.cli.records import Record
    from countenance.ledger import Checkpoint
    from countenance.operations.explain_decision import Explanation, PackFacts


def show(file: Path | None, data_dir: Path | None, request_id: str, *, as_json: bool) -> None:
    """Print the explanation of an answer, whose proofs were computed again.

    Raises:
        LedgerEntryNotFound: the ledger holds nothing of such a request.
        ReceiptBroken: the ledger does not prove what it holds of it.
    """
    with at_work(file, data_dir) as work:
        with work.office.store.reading_ledger() as ledger:
            found = explain_decision(ledger, work.act, request_id)
        key = str(work.office.store.verifier_key)
    signed = check_proofs(request_id, found.entries, found.checkpoint, key)
    if as_json:
        print(json_line(_record(found)))
    else:
        _print(found, signed)


def _print(found: Explanation, signed: Checkpoint) -> None:
    asked, rate, expected = found.asked, found.false_match_rate, found.expected_false_matches
    of = f" of the collection {asked['collection']}" if "collection" in asked else ""
    places = ", ".join(f"{proved.place:,}" for proved in found.entries)
    print_facts(
        {
            "request": found.request_id,
            "asked": f"{asked.get('operation')}{of}",
            "when": asked.get("time"),
            "by": asked.get("key"),
            "outcome": asked.get("outcome"),
            "reasons": _listed(asked.get("reasons")),
            "review": asked.get("review"),
            "pack": _pack_in_words(found.pack) if found.pack is not None else None,
            "threshold": asked.get("threshold"),
            "false match rate": f"{rate:.3g}, strangers reach the threshold {rate_in_words(rate)}"
            if rate
            else None,
            "gallery": found.gallery_size,
            "false matches": expected_in_words(expected) if expected is not None else None,
            "proof": f"holds: entry {places} of {signed.size:,} that are signed, root {signed.root.hex()}",
        }
    )
    if _pairs(asked.get("results")):
        print_rows(("result", "similarity"), _pairs(asked.get("results")))
    if found.pack is not None and found.pack.measurements:
        print_rows(("measured of the pack", "value", "on"), found.pack.measurements)


def _pack_in_words(pack: PackFacts) -> str:
    if pack.comparisons is None:
        return pack.name
    return f"{pack.name}; its rates rest on {pack.comparisons:,} comparisons of strangers, {pack.data}"


def _listed(names: Any) -> str | None:
    return ", ".join(map(str, names)) if isinstance(names, list) and names else None


def _pairs(results: Any) -> list[list[Any]]:
    rows = results if isinstance(results, list) else []
    return [row for row in rows if isinstance(row, list)]


def _record(found: Explanation) -> Record:
    pack = found.pack
    return {
        "request_id": found.request_id,
        "asked": found.asked,
        "false_match_rate": found.false_match_rate,
        "gallery_size": found.gallery_size,
        "expected_false_matches": found.expected_false_matches,
        "pack": None
        if pack is None
        else {
            "name": pack.name,
            "comparisons": pack.comparisons,
            "data": pack.data,
            "measurements": [
                {"what": what, "value": value, "data": data} for what, value, data in pack.measurements
            ],
        },
        "entries": [
            {
                "place": proved.place,
                "entry": json.loads(proved.entry),
                "proof": [base64.b64encode(part).decode() for part in proved.proof],
            }
            for proved in found.entries
        ],
        "checkpoint": found.checkpoint,
        "proof_holds": True,
    }
