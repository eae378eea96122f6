"""A receipt proves what it says to who has the public key, and whatever was altered in it is found."""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from countenance.errors import ReceiptBroken
from countenance.ledger import (
    Checkpoint,
    GrowingTree,
    ProvedEntry,
    VerifiedReceipt,
    VerifierKey,
    canonical,
    inclusion_proof,
    leaf_hash,
    make_receipt,
    sign_checkpoint,
    verify_receipt,
)

SIGNER = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEY = VerifierKey.of("countenance", SIGNER)
REQUEST, OTHER_REQUEST = "5d2f0e7c", "0c1b2a39"


def entry(number: int, request: str, **facts: Any) -> dict[str, Any]:
    return {
        "v": 1,
        "time": f"2026-07-01T00:00:{number:02}+00:00",
        "request": request,
        "key": "k",
        "outcome": "done",
    } | facts


ENTRIES = [
    *(entry(number, OTHER_REQUEST, operation="list_faces") for number in range(5)),
    entry(5, REQUEST, operation="delete_faces", erased=[{"faces": 3, "subjects": ["ä"]}, {"faces": 2}]),
    entry(6, OTHER_REQUEST, operation="delete_faces", erased=[{"faces": 90}]),
    entry(7, REQUEST, operation="erase_collection", erased=[{"faces": 10}]),
    entry(8, REQUEST, operation="destroy_keys", keys=4),
    *(entry(number, OTHER_REQUEST, operation="destroy_keys", keys=70) for number in range(9, 11)),
]


def ledger_of(entries: list[dict[str, Any]]) -> tuple[GrowingTree, dict[tuple[int, int], bytes]]:
    tree, nodes = GrowingTree(), dict[tuple[int, int], bytes]()
    for place, each in enumerate(entries):
        nodes[0, place] = leaf_hash(canonical(each))
        for level, at, root in tree.append(leaf_hash(canonical(each))):
            nodes[level, at] = root
    return tree, nodes


def proved(entries: list[dict[str, Any]], request: str) -> list[ProvedEntry]:
    _, nodes = ledger_of(entries)
    return [
        ProvedEntry(
            place,
            canonical(each),
            tuple(inclusion_proof(place, len(entries), lambda level, at: nodes[level, at])),
        )
        for place, each in enumerate(entries)
        if each["request"] == request
    ]


def note_of(entries: list[dict[str, Any]], signer: Ed25519PrivateKey = SIGNER) -> str:
    tree, _ = ledger_of(entries)
    return sign_checkpoint(Checkpoint("countenance", tree.size, tree.root()), signer)


NOTE = note_of(ENTRIES)
RECEIPT = make_receipt(REQUEST, proved(ENTRIES, REQUEST), NOTE)
TEXT = json.dumps(RECEIPT)


def altered(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    receipt: dict[str, Any] = copy.deepcopy(RECEIPT)
    change(receipt)
    return receipt


def test_a_receipt_proves_what_it_says() -> None:
    verified = verify_receipt(json.loads(TEXT), KEY)
    assert (verified.request_id, verified.checkpoint.size) == (REQUEST, len(ENTRIES))
    assert list(verified.entries) == [ENTRIES[5], ENTRIES[7], ENTRIES[8]]
    assert (verified.erased_faces, verified.keys_destroyed) == (15, 4)


def test_a_receipt_of_the_only_entry_needs_no_proof() -> None:
    only = [entry(0, REQUEST, operation="delete_faces", erased=[{"faces": 1}])]
    receipt = make_receipt(REQUEST, proved(only, REQUEST), note_of(only))
    assert receipt["entries"][0]["proof"] == []
    assert verify_receipt(receipt, KEY).erased_faces == 1


def test_what_failed_was_not_erased() -> None:
    facts: dict[str, Any] = {"erased": [{"faces": 7}], "outcome": "HoldInForce"}
    failed = [entry(0, REQUEST, operation="erase_subject", **facts)]
    receipt = make_receipt(REQUEST, proved(failed, REQUEST), note_of(failed))
    assert verify_receipt(receipt, KEY).erased_faces == 0


@pytest.mark.parametrize(
    "facts",
    [
        {"erased": [{"faces": True}, {"faces": "7"}, {"faces": -7}, {}, [], None, 7]},
        {"erased": {"faces": 7}},
        {"erased": "7"},
        {"operation": "destroy_keys", "keys": "7"},
        {"operation": "destroy_keys", "keys": -7},
        {"operation": "delete_faces", "keys": 7},
        {"operation": ["destroy_keys"], "keys": 7},
        *(
            {"operation": "destroy_keys", "keys": 7, "erased": [{"faces": 7}], "outcome": outcome}
            for outcome in ("failed", "HoldInForce", None)
        ),
    ],
)
def test_what_is_no_count_of_what_was_erased_is_not_counted(facts: dict[str, Any]) -> None:
    strange = [entry(0, REQUEST, **facts), entry(1, OTHER_REQUEST)]
    verified = verify_receipt(make_receipt(REQUEST, proved(strange, REQUEST), note_of(strange)), KEY)
    assert (verified.erased_faces, verified.keys_destroyed) == (0, 0)


A_HASH, A_SHORT_HASH = (base64.b64encode(bytes(length)).decode() for length in (32, 31))


def first(receipt: dict[str, Any]) -> dict[str, Any]:
    """Return the first entry with its place and its proof."""
    found: dict[str, Any] = receipt["entries"][0]
    return found


ATTACKS: dict[str, Callable[[dict[str, Any]], object]] = {
    "more faces": lambda receipt: first(receipt)["entry"]["erased"][0].update(faces=4),
    "faces as a fraction": lambda receipt: first(receipt)["entry"]["erased"][0].update(faces=3.0),
    "another time": lambda receipt: first(receipt)["entry"].update(time="2026-06-01T00:00:05+00:00"),
    "another key": lambda receipt: first(receipt)["entry"].update(key="boss"),
    "a fact more": lambda receipt: first(receipt)["entry"].update(note="x"),
    "a fact less": lambda receipt: first(receipt)["entry"].pop("v"),
    "the entry of another place": lambda receipt: first(receipt).update(place=4),
    "no place": lambda receipt: first(receipt).pop("place"),
    "a place before the first": lambda receipt: first(receipt).update(place=-1),
    "a place behind the last": lambda receipt: first(receipt).update(place=len(ENTRIES)),
    "a huge place": lambda receipt: first(receipt).update(place=10**5000),
    "a place that is true": lambda receipt: first(receipt).update(place=True),
    "a place that is a fraction": lambda receipt: first(receipt).update(place=5.0),
    "entries exchanged": lambda receipt: receipt["entries"].insert(
        0, receipt["entries"][1] | {"place": receipt["entries"][0]["place"]}
    ),
    "no entries": lambda receipt: receipt.update(entries=[]),
    "an entry of another request": lambda receipt: receipt.update(
        entries=make_receipt(OTHER_REQUEST, proved(ENTRIES, OTHER_REQUEST), NOTE)["entries"]
    ),
    "one entry of another request": lambda receipt: receipt["entries"].append(
        make_receipt(OTHER_REQUEST, proved(ENTRIES, OTHER_REQUEST), NOTE)["entries"][5]
    ),
    "another request": lambda receipt: receipt.update(request=OTHER_REQUEST),
    "a made-up entry": lambda receipt: receipt["entries"].append(
        receipt["entries"][0] | {"entry": entry(5, REQUEST, operation="destroy_keys", keys=1000)}
    ),
    "an inner node as an entry": lambda receipt: first(receipt).update(proof=first(receipt)["proof"][1:]),
    "a proof that is too long": lambda receipt: first(receipt)["proof"].append(A_HASH),
    "a proof without end": lambda receipt: first(receipt).update(proof=[A_HASH] * 10_000),
    "a proof of short hashes": lambda receipt: first(receipt).update(proof=[A_SHORT_HASH]),
    "a proof in the wrong order": lambda receipt: first(receipt)["proof"].reverse(),
    "a proof that is no list": lambda receipt: first(receipt).update(proof={"0": "x"}),
    "a proof that is text": lambda receipt: first(receipt).update(proof="AAAA"),
    "no proof": lambda receipt: first(receipt).pop("proof"),
    "a checkpoint of another ledger": lambda receipt: receipt.update(checkpoint=note_of(ENTRIES[:6])),
    "a checkpoint by another key": lambda receipt: receipt.update(
        checkpoint=note_of(ENTRIES, Ed25519PrivateKey.from_private_bytes(bytes(32)))
    ),
    "a checkpoint without a signature": lambda receipt: receipt.update(checkpoint=NOTE.split("—")[0]),
    "an empty checkpoint": lambda receipt: receipt.update(checkpoint=""),
    "a huge checkpoint": lambda receipt: receipt.update(checkpoint=NOTE * 10_000),
    "no checkpoint": lambda receipt: receipt.pop("checkpoint"),
    "another type": lambda receipt: receipt.update(type="countenance-receipt/2"),
    "no type": lambda receipt: receipt.pop("type"),
    "too many entries": lambda receipt: receipt.update(entries=receipt["entries"] * 40_000),
    "entries by name": lambda receipt: receipt.update(entries={"0": receipt["entries"][0]}),
    "an entry that is text": lambda receipt: first(receipt).update(entry=json.dumps(ENTRIES[5])),
    "an entry that is a list": lambda receipt: first(receipt).update(entry=[ENTRIES[5]]),
    "an entry of surrogates": lambda receipt: first(receipt).update(entry={"request": "\ud800"}),
    "an entry that is not a number": lambda receipt: first(receipt).update(entry={"v": float("nan")}),
    "an entry with a huge number": lambda receipt: first(receipt).update(entry={"v": 10**5000}),
    "a deep entry": lambda receipt: first(receipt).update(entry=deep(200_000)),
    "a deep proof": lambda receipt: first(receipt).update(proof=[deep(200_000)]),
}


def deep(levels: int) -> dict[str, Any]:
    inner: dict[str, Any] = {}
    for _ in range(levels):
        inner = {"a": inner}
    return inner


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_was_altered_is_found(attack: str) -> None:
    with pytest.raises(ReceiptBroken):
        verify_receipt(altered(ATTACKS[attack]), KEY)


def test_a_receipt_from_which_an_entry_was_dropped_proves_only_what_is_left() -> None:
    without_keys = verify_receipt(altered(lambda receipt: receipt["entries"].pop()), KEY)
    assert (without_keys.erased_faces, without_keys.keys_destroyed) == (15, 0)
    without_faces = verify_receipt(altered(lambda receipt: receipt["entries"].pop(0)), KEY)
    assert (without_faces.erased_faces, without_faces.keys_destroyed) == (10, 4)


@pytest.mark.parametrize("place", [0, 2])
def test_an_entry_that_comes_twice_is_not_counted_twice(place: int) -> None:
    receipt = altered(lambda receipt: receipt["entries"].insert(place, receipt["entries"][place]))
    with pytest.raises(ReceiptBroken):
        verify_receipt(receipt, KEY)


def test_entries_in_another_order_are_no_receipt() -> None:
    with pytest.raises(ReceiptBroken):
        verify_receipt(altered(lambda receipt: receipt["entries"].reverse()), KEY)


def test_another_public_key_verifies_nothing() -> None:
    for name, signer in (("countenance", bytes(32)), ("another", bytes(range(32)))):
        key = VerifierKey.of(name, Ed25519PrivateKey.from_private_bytes(signer))
        with pytest.raises(ReceiptBroken, match="has not signed"):
            verify_receipt(RECEIPT, key)


def outcome(text: str | bytes) -> VerifiedReceipt | None:
    """Return what a text proves, None where it is found to be altered; anything else is a failure."""
    try:
        receipt = json.loads(text)
    except (ValueError, RecursionError):
        return None
    try:
        return verify_receipt(receipt, KEY)
    except ReceiptBroken:
        return None


@given(at=st.integers(0, len(TEXT.encode()) - 1), bits=st.integers(1, 255))
def test_whatever_byte_is_flipped_nothing_else_is_proved(at: int, bits: int) -> None:
    content = bytearray(TEXT.encode())
    content[at] ^= bits
    # Some bytes mean nothing: spaces between members, and the last bits of base64.
    assert outcome(bytes(content)) in (None, verify_receipt(RECEIPT, KEY))


@given(at=st.integers(0, len(TEXT) - 1))
def test_no_receipt_that_was_cut_off_proves_anything(at: int) -> None:
    assert outcome(TEXT[:at]) is None


PATHS = st.sampled_from(
    [
        *(("type",), ("request",), ("entries",), ("checkpoint",), ("entries", 0), ("entries", 0, "place")),
        *(("entries", 0, "entry"), ("entries", 0, "proof"), ("entries", 0, "proof", 0), ("entries", 2)),
        ("entries", 0, "entry", "request"),
    ]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(path=PATHS, value=JSON)
def test_whatever_a_part_is_replaced_by_proves_nothing(path: tuple[Any, ...], value: Any) -> None:
    receipt: Any = copy.deepcopy(RECEIPT)
    part = receipt
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = value
    with pytest.raises(ReceiptBroken):
        verify_receipt(receipt, KEY)


@given(value=JSON)
def test_what_is_no_receipt_at_all_proves_nothing(value: Any) -> None:
    with pytest.raises(ReceiptBroken):
        verify_receipt(value, KEY)
