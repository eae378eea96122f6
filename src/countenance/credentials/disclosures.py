"""Claims that the holder may show or keep back: the disclosures of SD-JWT (RFC 9901).

The issuer signs the digest of a salted claim; who holds the credential shows the salt and the claim, or does
not. Only members of objects, with texts as values, are disclosed here: all that a face credential needs.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from countenance.credentials.jose import base64url, from_base64url
from countenance.errors import CredentialBroken

if TYPE_CHECKING:
    from collections.abc import Sequence

DIGESTS, ALGORITHM_NAME, ALGORITHM = "_sd", "_sd_alg", "sha-256"
_RESERVED = frozenset({DIGESTS, ALGORITHM_NAME, "..."})
_SALT_BYTES = 16
_DEEPEST = 6


@dataclass(frozen=True, slots=True)
class Disclosure:
    """One claim that can be shown.

    Attributes:
        name: the claim's.
        value: the claim's.
        text: salt, name and value as they are sent, in base64url.
    """

    name: str
    value: str
    text: str

    @property
    def digest(self) -> str:
        """What the issuer signs: SHA-256 of the text, in base64url."""
        return base64url(hashlib.sha256(self.text.encode("ascii")).digest())


def disclosable(name: str, value: str) -> Disclosure:
    """Return a claim with a new salt of 128 bits.

    Raises:
        ValueError: the name is one that SD-JWT keeps for itself.

    Example:
        >>> disclosable("seat", "12A").value
        '12A'
    """
    if name in _RESERVED:
        raise ValueError(f"no claim can be called {name}")
    salt = base64url(secrets.token_bytes(_SALT_BYTES))
    parts = json.dumps([salt, name, value], ensure_ascii=False, separators=(",", ":"))
    return Disclosure(name, value, base64url(parts.encode()))


def read_disclosure(text: str) -> Disclosure:
    """Return the claim that a text discloses.

    Raises:
        CredentialBroken: it is no disclosure of a text by its name.
    """
    try:
        parts = json.loads(from_base64url(text, "a disclosure").decode())
    except (ValueError, RecursionError):
        raise CredentialBroken("a disclosure is no JSON") from None
    if not isinstance(parts, list) or len(parts) != 3 or not all(isinstance(part, str) for part in parts):
        raise CredentialBroken("a disclosure is not of salt, name and text")
    if parts[1] in _RESERVED:
        raise CredentialBroken(f"a disclosure cannot be called {parts[1]}")
    return Disclosure(parts[1], parts[2], text)


def revealed(payload: dict[str, Any], disclosures: Sequence[Disclosure]) -> dict[str, Any]:
    """Return what an issuer signed with what the holder shows in its place (RFC 9901, 7.1), without digests.

    Raises:
        CredentialBroken: a digest or disclosure stands twice, a disclosure was not signed or names something
            that is there already, or the digests are of another algorithm than SHA-256.
    """
    if payload.get(ALGORITHM_NAME, ALGORITHM) != ALGORITHM:
        raise CredentialBroken(f"the digests are not of {ALGORITHM}")
    shown = {disclosure.digest: disclosure for disclosure in disclosures}
    if len(shown) != len(disclosures):
        raise CredentialBroken("a disclosure stands twice")
    met: set[str] = set()
    read = _revealed({name: payload[name] for name in payload if name != ALGORITHM_NAME}, shown, met, 0)
    if not shown.keys() <= met:
        raise CredentialBroken("something is disclosed that the issuer did not sign")
    return dict(read)


def _revealed(value: Any, shown: dict[str, Disclosure], met: set[str], depth: int) -> Any:
    if depth > _DEEPEST:
        raise CredentialBroken(f"the claims are nested more than {_DEEPEST} deep")
    if isinstance(value, list):
        return [_revealed(part, shown, met, depth + 1) for part in value]
    if not isinstance(value, dict):
        return value
    if "..." in value:
        raise CredentialBroken("parts of lists cannot be disclosed in a face credential")
    read = {name: _revealed(part, shown, met, depth + 1) for name, part in value.items() if name != DIGESTS}
    for digest in _digests(value):
        if digest in met:
            raise CredentialBroken("a digest stands twice")
        met.add(digest)
        disclosure = shown.get(digest)
        if disclosure is None:
            continue
        if disclosure.name in read:
            raise CredentialBroken(f"{disclosure.name} is disclosed and there already")
        read[disclosure.name] = disclosure.value
    return read


def _digests(value: dict[str, Any]) -> list[str]:
    digests = value.get(DIGESTS, [])
    if not isinstance(digests, list) or not all(isinstance(digest, str) for digest in digests):
        raise CredentialBroken(f"{DIGESTS} is no list of digests")
    return digests
