"""A browser verifies receipts and checkpoints by itself, and finds every byte that somebody altered."""

from __future__ import annotations

import base64
import json
import re
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from countenance.ledger import Checkpoint, VerifierKey, canonical, leaf_hash, node_hash, sign_checkpoint

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page, Route

    from rest.api import Api
    from serving import RunningServer

FORGER = Ed25519PrivateKey.from_private_bytes(b"f" * 32)


@pytest.fixture(scope="module")
def request_id(console: RunningServer) -> str:
    """A request with an entry in the ledger, and others before and after it."""
    client = console.boto3_client()
    client.list_collections()
    answer = client.create_collection(CollectionId=f"verified-{uuid.uuid4()}")
    client.list_collections()
    return str(answer["ResponseMetadata"]["RequestId"])


@pytest.fixture
def receipt(api: Api, request_id: str) -> dict[str, Any]:
    """Its receipt."""
    found = api.get(f"/v1/receipts/{request_id}")
    assert found.status == 200
    return dict(found.json)


def outcome(page: Page, section: str = "") -> str:
    """Wait until something was found; return what, by its name."""
    place = page.locator(f"{section} [data-outcome]:not([data-outcome=working]):not(:empty)".strip())
    place.wait_for()
    return str(place.get_attribute("data-outcome"))


def verified(page: Page, request_id: str) -> str:
    page.goto(f"/console/ledger/requests/{request_id}")
    page.get_by_role("button", name="Verify in this browser").click()
    return outcome(page)


def dropped(page: Page, receipt: bytes, key: str = "") -> str:
    """Choose a receipt's file, as if it was dropped; return what was found."""
    page.goto("/console/ledger/verify")
    page.get_by_label("Public key").fill(key)
    page.get_by_label("Receipt", exact=True).set_input_files(
        {"name": "receipt.json", "mimeType": "application/json", "buffer": receipt}
    )
    return outcome(page, "[data-verify=file]")


def compared(page: Page, note: str, key: str = "") -> str:
    """Compare a checkpoint with the ledger of now; return what was found."""
    page.goto("/console/ledger/verify")
    page.get_by_label("Public key").fill(key)
    page.get_by_label("The checkpoint you kept").fill(note)
    page.get_by_role("button", name="Compare with the ledger of now").click()
    return outcome(page, "[data-verify=checkpoint]")


def altered(text: str) -> str:
    """Return base64 of which one bit is another."""
    content = bytearray(base64.b64decode(text))
    content[5] ^= 1
    return base64.b64encode(content).decode()


def test_a_request_verifies_in_its_page_and_each_step_is_told(tab: Page, request_id: str) -> None:
    assert verified(tab, request_id) == "whole"
    assert tab.locator(".step.good").count() == 3
    assert tab.locator(".step.bad").count() == 0
    told = tab.locator("[data-steps]").inner_text()
    assert "The public key comes from this server" in told
    assert re.search(r"Entry no\. \d+, hashes on the way: \d+", told)
    tab.get_by_text("What was verified").click()
    assert request_id in tab.locator(".step pre").inner_text()


def test_the_key_is_remembered_and_another_one_is_told(tab: Page, request_id: str) -> None:
    assert verified(tab, request_id) == "whole"
    assert verified(tab, request_id) == "whole"
    assert "has remembered since" in tab.locator("[data-steps]").inner_text()
    other = str(VerifierKey.of("countenance", FORGER))
    tab.route("**/ledger/key.txt", lambda route: route.fulfill(body=f"{other}\n"))
    assert verified(tab, request_id) == "broken"
    assert "The server now shows another public key" in tab.locator(".step.bad").inner_text()


def alter_entry(receipt: dict[str, Any]) -> None:
    receipt["entries"][0]["entry"]["outcome"] = "dona"


def alter_proof(receipt: dict[str, Any]) -> None:
    proof = receipt["entries"][0]["proof"]
    proof[-1] = altered(proof[-1])


def shorten_proof(receipt: dict[str, Any]) -> None:
    receipt["entries"][0]["proof"].pop()


def lengthen_proof(receipt: dict[str, Any]) -> None:
    receipt["entries"][0]["proof"].append(receipt["entries"][0]["proof"][0])


def move_entry(receipt: dict[str, Any]) -> None:
    receipt["entries"][0]["place"] += 1


def name_another_request(receipt: dict[str, Any]) -> None:
    receipt["request"] = str(uuid.uuid4())


def alter_checkpoint(receipt: dict[str, Any]) -> None:
    origin, size, root, *rest = receipt["checkpoint"].split("\n")
    receipt["checkpoint"] = "\n".join([origin, size, altered(root), *rest])


def alter_signature(receipt: dict[str, Any]) -> None:
    head, _, signature = receipt["checkpoint"].rstrip("\n").rpartition(" ")
    content = bytearray(base64.b64decode(signature))
    content[-1] ^= 1
    receipt["checkpoint"] = f"{head} {base64.b64encode(content).decode()}\n"


def sign_it_oneself(receipt: dict[str, Any]) -> None:
    """Make a ledger of two entries, of which one says something else, and sign it with a key of one's own."""
    entry = {**receipt["entries"][0]["entry"], "outcome": "NotPermitted"}
    root = node_hash(leaf_hash(canonical(entry)), b"x" * 32)
    receipt["entries"] = [{"place": 0, "entry": entry, "proof": [base64.b64encode(b"x" * 32).decode()]}]
    receipt["checkpoint"] = sign_checkpoint(Checkpoint("countenance", 2, root), FORGER)


def take_entries_away(receipt: dict[str, Any]) -> None:
    receipt["entries"] = []


def repeat_entry(receipt: dict[str, Any]) -> None:
    receipt["entries"] *= 2


@pytest.mark.parametrize(
    ("alter", "told"),
    [
        (alter_entry, "This entry is not in the ledger that was signed"),
        (alter_proof, "This entry is not in the ledger that was signed"),
        (shorten_proof, "This entry is not in the ledger that was signed"),
        (lengthen_proof, "This entry is not in the ledger that was signed"),
        (move_entry, "This entry is not in the ledger that was signed"),
        (name_another_request, "This entry is of another request"),
        (alter_checkpoint, "The checkpoint is not signed with this key"),
        (alter_signature, "The checkpoint is not signed with this key"),
        (sign_it_oneself, "The checkpoint is not signed with this key"),
        (take_entries_away, "It is no receipt"),
        (repeat_entry, "It is no receipt"),
    ],
)
def test_a_receipt_in_which_something_was_altered_does_not_verify(
    tab: Page, request_id: str, receipt: dict[str, Any], alter: Callable[[dict[str, Any]], None], told: str
) -> None:
    alter(receipt)
    tab.route("**/receipt.json", lambda route: route.fulfill(body=json.dumps(receipt)))
    assert verified(tab, request_id) == "broken"
    assert told in tab.locator(".step.bad").inner_text()


def test_no_byte_of_a_file_can_be_altered_without_being_found(tab: Page, receipt: dict[str, Any]) -> None:
    whole = canonical(receipt)
    assert dropped(tab, whole) == "whole"
    found = tab.evaluate(ALTER_EVERY_BYTE, [whole.decode(), tab.evaluate(PROOFS_ADDRESS)])
    assert found["tried"] == len(whole.decode())
    assert found["unnoticed"] == []


PROOFS_ADDRESS = "document.querySelector('script[src*=verify]').src.replace('verify.js', 'ledger_proofs.js')"
ALTER_EVERY_BYTE = """async ([whole, address]) => {
  const proofs = await import(address);
  const key = await proofs.readKey(await (await fetch("/console/ledger/key.txt")).text());
  const holds = async (text) => {
    try {
      const receipt = proofs.readReceipt(text);
      if (!(await proofs.isSigned(receipt.checkpoint, key))) return false;
      for (const { place, entry, proof } of receipt.entries) {
        const { size, root } = receipt.checkpoint;
        if (!(await proofs.leadsTo(root, await proofs.leafHash(entry), place, size, proof))) return false;
        if (entry.request !== receipt.request) return false;
      }
      return true;
    } catch (error) {
      if (error instanceof proofs.NotWhole) return false;
      throw error;
    }
  };
  if (!(await holds(whole))) throw new Error("the receipt itself does not verify");
  const unnoticed = [];
  for (let at = 0; at < whole.length; at += 1) {
    const other = String.fromCharCode(whole.charCodeAt(at) ^ 1);
    if (await holds(whole.slice(0, at) + other + whole.slice(at + 1))) unnoticed.push([at, whole[at]]);
  }
  return { tried: whole.length, unnoticed };
}"""


def test_a_file_verifies_with_the_key_that_one_was_given(
    tab: Page, api: Api, receipt: dict[str, Any]
) -> None:
    key = api.get("/v1/ledger/key").body.decode()
    content = json.dumps(receipt, indent=1).encode()
    assert dropped(tab, content, key) == "whole"
    assert "is the one that you gave" in tab.locator("[data-verify=file] [data-steps]").inner_text()
    assert dropped(tab, content, str(VerifierKey.of("countenance", FORGER))) == "broken"
    assert dropped(tab, content, "countenance+00000000+AAAA") == "broken"
    assert dropped(tab, b"\xff\xfe no JSON", key) == "broken"


def test_a_receipt_of_many_entries_with_every_kind_of_value_verifies_as_it_does_in_python(tab: Page) -> None:
    values: dict[str, Any] = {
        "text": 'ä"\\\n\x01\u2028\x7f😀</script>',
        "numbers": [0, -5, 2**53 - 1],
        "b": {"z": None, "a": True},
    }
    entries = [{"request": "r", "time": str(each), "operation": "x", **values} for each in range(5)]
    leaves = [leaf_hash(canonical(entry)) for entry in entries]
    pairs = [node_hash(leaves[0], leaves[1]), node_hash(leaves[2], leaves[3])]
    four = node_hash(*pairs)
    root = node_hash(four, leaves[4])
    paths = [
        [leaves[1], pairs[1], leaves[4]],
        [leaves[0], pairs[1], leaves[4]],
        [leaves[3], pairs[0], leaves[4]],
        [leaves[2], pairs[0], leaves[4]],
        [four],
    ]
    receipt = {
        "type": "countenance-receipt/1",
        "request": "r",
        "entries": [
            {"place": place, "entry": entry, "proof": [base64.b64encode(part).decode() for part in path]}
            for place, (entry, path) in enumerate(zip(entries, paths, strict=True))
        ],
        "checkpoint": sign_checkpoint(Checkpoint("countenance", 5, root), FORGER),
    }
    content = json.dumps(receipt, ensure_ascii=False).encode()
    assert dropped(tab, content, str(VerifierKey.of("countenance", FORGER))) == "whole"
    assert tab.locator("[data-verify=file] .step.good").count() == 8


def test_a_checkpoint_that_was_kept_is_the_beginning_of_the_ledger_of_now(tab: Page, api: Api) -> None:
    kept = api.get("/v1/ledger/checkpoint").body.decode()
    for _ in range(3):
        api.get("/v1/collections")
    assert compared(tab, kept) == "grown"
    steps = tab.locator("[data-verify=checkpoint] [data-steps]").inner_text()
    assert "hashes lead to the root of now" in steps


def test_a_ledger_that_was_rewritten_or_shortened_since_is_found(tab: Page, api: Api) -> None:
    """Whoever holds the key could sign another past: here a forger does, whose key the reader was given."""
    key = str(VerifierKey.of("countenance", FORGER))
    now = api.get("/v1/ledger/checkpoint").body.decode().split("\n")

    def signed_anew(size: int, root: bytes) -> str:
        return sign_checkpoint(Checkpoint("countenance", size, root), FORGER)

    def answer(route: Route) -> None:
        growth = route.fetch().json()
        origin, size, root, *_ = growth["checkpoint"].split("\n")
        assert origin == now[0]
        growth["checkpoint"] = signed_anew(int(size), base64.b64decode(root))
        route.fulfill(json=growth)

    tab.route("**/consistency.json?*", answer)
    size, root = int(now[1]), base64.b64decode(now[2])
    assert compared(tab, signed_anew(size, root), key) == "grown"
    assert compared(tab, signed_anew(size, b"another past, of just 32 bytes.."), key) == "rewritten"
    assert "No hashes lead" in tab.locator("[data-verify=checkpoint] .step.bad").inner_text()
    tab.unroute("**/consistency.json?*")
    assert compared(tab, signed_anew(10**9, root), key) == "rewritten"
    assert "now has fewer entries" in tab.locator("[data-verify=checkpoint] .step.bad").inner_text()
    assert compared(tab, "no checkpoint") == "rewritten"
    assert compared(tab, signed_anew(size, root)) == "rewritten"


def test_where_the_browser_has_no_ed25519_it_says_that_the_signature_was_not_checked(
    tab: Page, request_id: str
) -> None:
    tab.add_init_script("crypto.subtle.importKey = () => Promise.reject(new Error('NotSupportedError'))")
    assert verified(tab, request_id) == "whole-unsigned"
    assert "has no Ed25519" in tab.locator(".step.warn").last.inner_text()


def test_where_the_browser_lends_no_cryptography_the_page_says_so(tab: Page, request_id: str) -> None:
    tab.add_init_script("Object.defineProperty(Crypto.prototype, 'subtle', { get: () => undefined })")
    tab.goto(f"/console/ledger/requests/{request_id}")
    assert tab.get_by_text("This browser verifies nothing on this page").is_visible()
    assert not tab.get_by_role("button", name="Verify in this browser").is_visible()


def test_what_the_server_does_not_answer_is_not_taken_for_verified(tab: Page, request_id: str) -> None:
    tab.route("**/receipt.json", lambda route: route.fulfill(status=500, body="{}"))
    assert verified(tab, request_id) == "not-asked"
