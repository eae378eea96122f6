// What the ledger proves, computed anew: leaves and paths (RFC 6962, RFC 9162), checkpoints (C2SP signed notes).
// Everything here is arithmetic: it shows nothing, asks nobody, and throws NotWhole where something is wrong.

export class NotWhole extends Error {}

const TYPE = "countenance-receipt/1";
const HASH_BYTES = 32;
const MOST_HASHES = 64;
const ED25519 = 1;
const encoder = new TextEncoder();

// Arithmetic instead of bits: places may have more than 32.
const half = (number) => Math.floor(number / 2);
const isOdd = (number) => number % 2 === 1;
const isCount = (value) => Number.isSafeInteger(value) && value >= 0;

function require(holds) {
  if (!holds) throw new NotWhole();
}

export function decoded(base64) {
  require(typeof base64 === "string" && base64.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(base64));
  const characters = atob(base64);
  require(btoa(characters) === base64); // the same bytes, spelt otherwise
  return Uint8Array.from(characters, (character) => character.charCodeAt(0));
}

export const inHex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

const same = (one, other) => one.length === other.length && one.every((byte, place) => byte === other[place]);

async function sha256(...parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return new Uint8Array(await crypto.subtle.digest("SHA-256", whole));
}

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);
const joined = (left, right) => sha256(NODE, left, right);

// The canonical form that is hashed: members in order, no spaces, whole numbers only.
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value !== null && typeof value === "object") {
    const members = Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`);
    return `{${members.join(",")}}`;
  }
  require(typeof value !== "number" || Number.isSafeInteger(value));
  return JSON.stringify(value);
}

export const leafHash = (entry) => sha256(LEAF, encoder.encode(canonical(entry)));

// RFC 9162, 2.1.3.2
export async function leadsTo(root, leaf, place, size, proof) {
  if (place >= size) return false;
  let at = place, last = size - 1, found = leaf;
  for (const sibling of proof) {
    if (last === 0) return false;
    if (isOdd(at) || at === last) {
      found = await joined(sibling, found);
      while (!isOdd(at) && at !== 0) [at, last] = [half(at), half(last)];
    } else {
      found = await joined(found, sibling);
    }
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && same(found, root);
}

// RFC 9162, 2.1.4.2
export async function onlyGrew(oldSize, oldRoot, size, root, proof) {
  if (oldSize > size) return false;
  if (oldSize === 0 || oldSize === size) return proof.length === 0 && (oldSize === 0 || same(oldRoot, root));
  const hashes = [...proof];
  let isPower = oldSize;
  while (!isOdd(isPower)) isPower = half(isPower);
  if (isPower === 1) hashes.unshift(oldRoot);
  if (hashes.length === 0) return false;
  let at = oldSize - 1, last = size - 1;
  while (isOdd(at)) [at, last] = [half(at), half(last)];
  let oldFound = hashes[0], found = hashes[0];
  for (const sibling of hashes.slice(1)) {
    if (last === 0) return false;
    if (isOdd(at) || at === last) {
      oldFound = await joined(sibling, oldFound);
      found = await joined(sibling, found);
      while (!isOdd(at) && at !== 0) [at, last] = [half(at), half(last)];
    } else {
      found = await joined(found, sibling);
    }
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && same(oldFound, oldRoot) && same(found, root);
}

// A public key as text is name+id+key.
export async function readKey(text) {
  const [name, id, ...rest] = text.trim().split("+");
  const content = decoded(rest.join("+"));
  require(/^[^\s+]{1,255}$/.test(name) && content.length === 1 + HASH_BYTES && content[0] === ED25519);
  const named = await sha256(encoder.encode(`${name}\n`), content);
  require(id === inHex(named.subarray(0, 4)));
  return { text: text.trim(), name, id, bytes: content.subarray(1) };
}

// A checkpoint: origin, number of entries, root, an empty line, signatures.
export function readCheckpoint(note) {
  require(typeof note === "string" && note.length <= 16384);
  const end = note.indexOf("\n\n");
  require(end > 0);
  const body = note.slice(0, end + 1);
  const lines = body.split("\n");
  require(lines.length >= 4 && lines[0] !== "" && /^(0|[1-9][0-9]{0,18})$/.test(lines[1]));
  const root = decoded(lines[2]), size = Number(lines[1]);
  require(root.length === HASH_BYTES && isCount(size));
  return { body, size, root, signatures: note.slice(end + 2).split("\n").slice(0, 32) };
}

function orNothing(base64) {
  try {
    return decoded(base64);
  } catch {
    return new Uint8Array();
  }
}

// Tells whether a key has signed a checkpoint; null where the browser cannot say.
export async function isSigned(checkpoint, key) {
  const begin = `— ${key.name} `;
  const mine = checkpoint.signatures
    .filter((line) => line.startsWith(begin))
    .map((line) => orNothing(line.slice(begin.length)))
    .find((content) => inHex(content.subarray(0, 4)) === key.id);
  if (mine === undefined) return false;
  let imported;
  try {
    imported = await crypto.subtle.importKey("raw", key.bytes, { name: "Ed25519" }, false, ["verify"]);
  } catch {
    return null;
  }
  return crypto.subtle.verify({ name: "Ed25519" }, imported, mine.subarray(4), encoder.encode(checkpoint.body));
}

// A receipt, taken apart: its checkpoint, and its entries with their proofs as bytes.
export function readReceipt(text) {
  let receipt;
  try {
    receipt = JSON.parse(text);
  } catch {
    throw new NotWhole();
  }
  require(receipt !== null && typeof receipt === "object" && receipt.type === TYPE);
  require(typeof receipt.request === "string" && Array.isArray(receipt.entries) && receipt.entries.length > 0);
  let before = -1;
  const entries = receipt.entries.map((part) => {
    require(part !== null && typeof part === "object" && isCount(part.place) && part.place > before);
    require(part.entry !== null && typeof part.entry === "object" && !Array.isArray(part.entry));
    require(Array.isArray(part.proof) && part.proof.length <= MOST_HASHES);
    const proof = part.proof.map(decoded);
    require(proof.every((hash) => hash.length === HASH_BYTES));
    before = part.place;
    return { place: part.place, entry: part.entry, proof };
  });
  return { request: receipt.request, entries, checkpoint: readCheckpoint(receipt.checkpoint) };
}
