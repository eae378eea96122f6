// Lets the reader's browser verify receipts and checkpoints, and says each step in the page's own words.

import * as proofs from "./ledger_proofs.js";

const REMEMBERED = "countenance-ledger-key";
const MOST_SHOWN = 50;

// What is said is in the page's templates; only numbers, hashes and entries are filled in.
function say(name, slots = {}) {
  const said = document.querySelector(`template[data-say="${name}"]`).content.cloneNode(true);
  for (const slot of said.querySelectorAll("[data-slot]")) slot.textContent = slots[slot.dataset.slot] ?? "";
  return said;
}

class Outlet {
  constructor(section) {
    this.outcome = section.querySelector("[data-outcome]");
    this.steps = section.querySelector("[data-steps]");
  }

  begin() {
    this.steps.replaceChildren();
    this.end("working");
  }

  step(name, slots) {
    this.steps.append(say(name, slots));
  }

  end(name) {
    this.outcome.replaceChildren(say(name));
    this.outcome.dataset.outcome = name;
  }
}

// A step that has said itself what is wrong.
class Told extends Error {}

function refuse(outlet, name, slots) {
  outlet.step(name, slots);
  throw new Told();
}

function remembered() {
  try {
    return JSON.parse(localStorage.getItem(REMEMBERED));
  } catch {
    return null;
  }
}

function remember(key) {
  try {
    localStorage.setItem(REMEMBERED, JSON.stringify({ key, since: new Date().toISOString().slice(0, 10) }));
  } catch {
    // A browser that keeps nothing takes the server's key every time, and says so every time.
  }
}

async function fetched(address) {
  const answer = await fetch(address, { credentials: "same-origin", cache: "no-store", redirect: "error" });
  if (!answer.ok) throw new Error(`${answer.status}`);
  return answer.text();
}

// The key to verify with: the one that was pasted, or the server's where it is the one of before.
async function keyFor(outlet, address) {
  const pasted = document.getElementById("ledger-key")?.value.trim();
  if (pasted) {
    try {
      const given = await proofs.readKey(pasted);
      outlet.step("key-given", { id: given.id });
      return given;
    } catch {
      return refuse(outlet, "key-bad");
    }
  }
  const known = remembered();
  const shown = address ? await proofs.readKey(await fetched(address)) : null;
  if (known && shown && known.key !== shown.text) {
    const kept = await proofs.readKey(known.key);
    return refuse(outlet, "key-other", { since: known.since, id: kept.id, other: shown.id });
  }
  if (known) {
    const kept = await proofs.readKey(known.key);
    outlet.step("key-same", { since: known.since, id: kept.id });
    return kept;
  }
  if (!shown) {
    outlet.end("key-missing");
    return null;
  }
  remember(shown.text);
  outlet.step("key-first", { key: shown.text });
  return shown;
}

async function verifyReceipt(outlet, text, keyAddress) {
  let receipt;
  try {
    receipt = proofs.readReceipt(text);
  } catch (error) {
    if (!(error instanceof proofs.NotWhole)) throw error;
    refuse(outlet, "form-bad");
  }
  outlet.step("form-ok", { count: receipt.entries.length });
  const key = await keyFor(outlet, keyAddress);
  if (!key) return;
  const signed = await proofs.isSigned(receipt.checkpoint, key);
  if (signed === false) refuse(outlet, "not-signed");
  outlet.step(signed ? "signed" : "signature-unchecked", { size: receipt.checkpoint.size });
  await verifyEntries(outlet, receipt);
  outlet.end(signed ? "whole" : "whole-unsigned");
}

async function verifyEntries(outlet, receipt) {
  const { size, root } = receipt.checkpoint;
  let shown = 0;
  for (const { place, entry, proof } of receipt.entries) {
    const leaf = await proofs.leafHash(entry);
    if (!(await proofs.leadsTo(root, leaf, place, size, proof))) refuse(outlet, "entry-bad", { place });
    if (entry.request !== receipt.request) refuse(outlet, "entry-elsewhere", { place });
    shown += 1;
    if (shown > MOST_SHOWN) continue;
    const what = { place, hashes: proof.length, hash: proofs.inHex(leaf), entry: JSON.stringify(entry, null, 2) };
    outlet.step("entry-ok", what);
  }
  if (shown > MOST_SHOWN) outlet.step("more-entries", { count: shown - MOST_SHOWN });
}

async function compareCheckpoint(outlet, note, keyAddress, address) {
  let kept;
  try {
    kept = proofs.readCheckpoint(note);
  } catch (error) {
    if (!(error instanceof proofs.NotWhole)) throw error;
    refuse(outlet, "note-bad");
  }
  const key = await keyFor(outlet, keyAddress);
  if (!key) return;
  const keptSigned = await proofs.isSigned(kept, key);
  if (keptSigned === false) refuse(outlet, "kept-not-signed");
  outlet.step(keptSigned ? "kept-signed" : "signature-unchecked", { size: kept.size });
  const growth = await growthSince(outlet, kept, address);
  const now = proofs.readCheckpoint(growth.checkpoint);
  const nowSigned = await proofs.isSigned(now, key);
  if (nowSigned === false) refuse(outlet, "not-signed");
  outlet.step(nowSigned ? "signed" : "signature-unchecked", { size: now.size });
  const hashes = growth.proof.map(proofs.decoded);
  const grew = await proofs.onlyGrew(kept.size, kept.root, now.size, now.root, hashes);
  outlet.step(grew ? "consistent" : "inconsistent", { hashes: hashes.length });
  outlet.end(grew ? (nowSigned ? "grown" : "grown-unsigned") : "rewritten");
}

async function growthSince(outlet, kept, address) {
  const options = { credentials: "same-origin", cache: "no-store", redirect: "error" };
  const answer = await fetch(`${address}?size=${kept.size}`, options);
  if (answer.status === 404) {
    outlet.step("shrunk", { size: kept.size });
    throw new proofs.NotWhole();
  }
  if (!answer.ok) throw new Error(`${answer.status}`);
  return answer.json();
}

// What is wrong is said by a step; here only what follows from it.
async function run(outlet, work, whenWrong) {
  outlet.begin();
  try {
    await work();
  } catch (error) {
    if (error instanceof Told || error instanceof proofs.NotWhole) outlet.end(whenWrong);
    else outlet.end("not-asked");
  }
}

const keeper = document.querySelector("[data-key-keeper]");
const works = {
  request: (section, outlet) => async () =>
    verifyReceipt(outlet, await fetched(section.dataset.receipt), section.dataset.key),
  file: (section, outlet) => async () => {
    const file = section.querySelector("input[type=file]").files[0];
    await verifyReceipt(outlet, file ? await file.text() : "", keeper.dataset.key);
  },
  checkpoint: (section, outlet) => () =>
    compareCheckpoint(
      outlet, section.querySelector("textarea").value, keeper.dataset.key, section.dataset.consistency,
    ),
};

for (const section of document.querySelectorAll("[data-verify]")) {
  const kind = section.dataset.verify, outlet = new Outlet(section);
  if (!globalThis.crypto?.subtle) {
    section.querySelector("[data-insecure]").hidden = false;
    continue;
  }
  const button = section.querySelector("[data-run]");
  button.hidden = false;
  const whenWrong = kind === "checkpoint" ? "rewritten" : "broken";
  const start = () => run(outlet, works[kind](section, outlet), whenWrong);
  button.addEventListener("click", start);
  section.querySelector("input[type=file]")?.addEventListener("change", start);
}
