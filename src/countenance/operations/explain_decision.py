"""Explain an answer that was given: what was asked, what was found, how sure it is, why it was permitted."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from countenance.errors import LedgerEntryNotFound, PackError
from countenance.operations.look_into_ledger import prove_request, require_own
from countenance.operations.names import KINDS
from countenance.vision import packs

if TYPE_CHECKING:
    from countenance.ledger import LedgerReader, ProvedEntry
    from countenance.operations.acts import Act


@dataclass(frozen=True, slots=True)
class PackFacts:
    """A pack and what is measured of it.

    Attributes:
        name: its name.
        comparisons: how many comparisons of different people its false match rates rest on.
        data: which data they are from.
        measurements: what was measured, its value and on which data.
    """

    name: str
    comparisons: int | None
    data: str | None
    measurements: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """An answer explained from the ledger alone.

    Attributes:
        request_id: the request.
        asked: the entry that the request left: operation, key, time, outcome and reasons, results.
        false_match_rate: how often strangers reach the threshold (FMR); None where none was compared.
        gallery_size: how many faces or users were searched; None where nothing was searched.
        expected_false_matches: how many of them would reach it by chance, gallery size times the rate.
        pack: what compared, None where nothing was.
        entries: all entries of the request, with proofs.
        checkpoint: the signed checkpoint that the proofs lead to.
    """

    request_id: str
    asked: dict[str, Any]
    false_match_rate: float | None
    gallery_size: int | None
    expected_false_matches: float | None
    pack: PackFacts | None
    entries: list[ProvedEntry]
    checkpoint: str


def explain_decision(ledger: LedgerReader, act: Act, request_id: str) -> Explanation:
    """Return what is known of a decision.

    Raises:
        NotPermitted: the caller's key does not allow it, or is neither an administrator's nor who asked.
        LedgerEntryNotFound: the ledger holds nothing of such a request.
    """
    act.permit("explain_decision")
    act.note(about=request_id)
    entries, checkpoint = prove_request(ledger, request_id)
    require_own(act, entries)
    explanation = explanation_of(request_id, entries, checkpoint)
    if explanation is None:
        raise LedgerEntryNotFound(f"the ledger holds nothing that somebody asked as {request_id}")
    return explanation


def explanation_of(request_id: str, entries: list[ProvedEntry], checkpoint: str) -> Explanation | None:
    """Return what entries of a request tell; None where nobody asked for what they record."""
    records = [json.loads(proved.entry) for proved in entries]
    asked = next((record for record in records if record["operation"] in KINDS), None)
    if asked is None:
        return None
    rate = float(asked["threshold_fmr"]) if "threshold_fmr" in asked else None
    size = asked.get("gallery")
    return Explanation(
        request_id=request_id,
        asked=asked,
        false_match_rate=rate,
        gallery_size=size,
        expected_false_matches=rate * size if rate is not None and size is not None else None,
        pack=_pack(asked.get("pack"), fair=asked.get("calibration") == "fair"),
        entries=entries,
        checkpoint=checkpoint,
    )


def _pack(name: str | None, *, fair: bool) -> PackFacts | None:
    if name is None:
        return None
    try:
        description = packs.find_pack(name).description
    except PackError:
        return PackFacts(name, None, None, ())
    used = description.calibration
    known = used.regions if fair and used is not None and used.regions is not None else used
    return PackFacts(
        name,
        known.non_mated_comparisons if known else None,
        known.data if known else None,
        tuple((item.what, item.value, item.data) for item in description.measurements),
    )
