"""A face credential for wallets: SD-JWT VC (draft-ietf-oauth-sd-jwt-vc, RFC 9901) with key binding.

Always told: issuer, times, kind (`vct`), identifier, audience, pack, where its status is written, and the
holder's key (`cnf`). Shown or kept back by the holder, each by itself: the reference to the holder (`sub`),
each fact of the event, and the sealed template. A presentation is signed by the holder's key for one gate and
one nonce. That a nonce is taken once, and whether the credential was revoked, is left to who asks.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from countenance.credentials.disclosures import (
    ALGORITHM,
    ALGORITHM_NAME,
    DIGESTS,
    disclosable,
    read_disclosure,
    revealed,
)
from countenance.credentials.jose import (
    base64url,
    check_time,
    from_base64url,
    instant,
    key_from_jwk,
    keys_of,
    public_jwk,
    sign,
    verified,
)
from countenance.credentials.values import Claims, StatusPlace
from countenance.errors import CredentialBroken, CredentialForOthers

if TYPE_CHECKING:
    from collections.abc import Collection

    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey

    from countenance.credentials.jose import Trusted
    from countenance.credentials.values import Credential

MEDIA_TYPE, BINDING_TYPE = "dc+sd-jwt", "kb+jwt"
# What comes before a credential's kind in its `vct`.
TYPE_PREFIX = "urn:countenance:face:"
HOLDER, EVENT, TEMPLATE = "sub", "event", "template"
_LONGEST = 65_536
_LONGEST_BINDING = 4096
_LONGEST_TEXT = 256
_LONGEST_INDEX = 10
_MOST_DISCLOSURES = 64
_ID_BYTES, _DIGEST_BYTES = 16, 32
_BINDING_LASTS = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a gate asks a wallet to sign with the holder's key.

    Attributes:
        gate: the gate's name or address; nobody else can use the answer.
        nonce: random, for one presentation; the gate takes it once.
    """

    gate: str
    nonce: str


@dataclass(frozen=True, slots=True)
class Presented:
    """What a holder has shown, all of it verified.

    Attributes:
        claims: without what was kept back: an empty ``holder``, facts missing from ``event``.
        sealed_template: None where it was kept back.
    """

    claims: Claims
    sealed_template: bytes | None


def issue_sd_jwt(credential: Credential, holder: EllipticCurvePublicKey, key: EllipticCurvePrivateKey) -> str:
    """Return a credential signed with the issuer's ``key``, bound to the holder's, with all disclosures.

    Raises:
        CredentialBroken: no gate could read it, such as for a text of more than 256 characters, or for times
            that are not whole seconds.
        ValueError: a key is not on P-256, or a fact has a name that SD-JWT keeps for itself.

    Example:
        >>> text = issue_sd_jwt(Credential(claims, sealed), wallet_key, issuer_key)  # doctest: +SKIP
    """
    claims = credential.claims
    top = [disclosable(TEMPLATE, base64url(credential.sealed_template))]
    if claims.holder:
        top.append(disclosable(HOLDER, claims.holder))
    facts = [disclosable(name, value) for name, value in claims.event.items()]
    payload: dict[str, Any] = {
        "iss": claims.issuer,
        "vct": TYPE_PREFIX + claims.kind,
        "jti": claims.credential_id,
        "aud": list(claims.audience),
        "nbf": int(claims.valid_from.timestamp()),
        "exp": int(claims.valid_until.timestamp()),
        "pack": {"name": claims.pack, "sha256": base64url(claims.pack_sha256)},
        "cnf": {"jwk": public_jwk(holder)},
        # Sorted, so that their order does not tell which digest is of which claim.
        EVENT: {DIGESTS: sorted(fact.digest for fact in facts)},
        DIGESTS: sorted(part.digest for part in top),
        ALGORITHM_NAME: ALGORITHM,
    }
    if claims.status is not None:
        payload["credentialStatus"] = _written(claims.status)
    if _presented(revealed(payload, [*top, *facts])) != Presented(claims, credential.sealed_template):
        raise CredentialBroken("the times of a credential are whole seconds of a time zone")
    return "~".join([sign(payload, MEDIA_TYPE, key), *(part.text for part in [*top, *facts]), ""])


def read_presentation(
    text: str,
    *,
    trusted: Trusted,
    challenge: Challenge,
    now: datetime,
    audience: Collection[str],
    kinds: Collection[str],
    clock_skew_seconds: int,
) -> Presented:
    """Return what a wallet shows to a gate.

    1. Is it a credential, disclosures and a key binding, in bounds?
    2. Is it signed by a trusted issuer's key?
    3. Did the issuer sign what is disclosed, and is every claim what it should be?
    4. Did the holder's key sign it for this gate and nonce, now?
    5. Is it valid now, and for this gate and its purpose?

    Args:
        text: the presentation, as it was received.
        trusted: the keys of each issuer that the gate trusts.
        challenge: what the wallet had to sign.
        now: with its time zone.
        audience: the names that this gate goes by: its own, and its groups'.
        kinds: what this gate takes credentials for, such as ``boarding``.
        clock_skew_seconds: how far the clocks of gates, wallets and issuers may be apart.

    Raises:
        CredentialBroken: it is no such presentation, was altered, or was made for another nonce.
        CredentialUntrusted: its issuer is none of the trusted ones.
        CredentialNotValidNow: it is not valid yet, or not any more.
        CredentialForOthers: the issuer or the holder did not mean it for this gate, or it is of another kind.

    Example:
        >>> read_presentation(text, trusted={"https://air.example": [key]}, challenge=challenge, now=now,
        ...     audience={"gate 7"}, kinds={"boarding"}, clock_skew_seconds=60)  # doctest: +SKIP
    """
    skew = timedelta(seconds=clock_skew_seconds)
    # 1
    if len(text) > _LONGEST or not text.isascii():
        raise CredentialBroken(f"it is no ASCII text of at most {_LONGEST} characters")
    signed, _, rest = text.partition("~")
    *disclosed, binding = rest.split("~", _MOST_DISCLOSURES + 1)
    if len(disclosed) > _MOST_DISCLOSURES:
        raise CredentialBroken(f"it has more than {_MOST_DISCLOSURES} disclosures")
    if not binding:
        raise CredentialBroken("the holder's key has not signed it: there is no key binding")
    # 2
    payload = verified(signed, MEDIA_TYPE, lambda said: keys_of(trusted, said.get("iss")), _LONGEST)
    # 3
    shown = [read_disclosure(part) for part in disclosed]
    _check_places(payload)
    presented = _presented(revealed(payload, shown))
    # 4
    _check_binding(binding, text.removesuffix(binding), payload["cnf"], challenge, now, skew)
    # 5
    claims = presented.claims
    check_time(claims.valid_from, claims.valid_until, now, skew)
    if set(audience).isdisjoint(claims.audience):
        raise CredentialForOthers(f"the credential is for {', '.join(claims.audience)}, not for this gate")
    if claims.kind not in kinds:
        raise CredentialForOthers(f"the credential is for {claims.kind}, which this gate does not take")
    return presented


def _check_places(payload: dict[str, Any]) -> None:
    # What must always be told (draft-ietf-oauth-sd-jwt-vc, 2.2.2) is not taken from a disclosure.
    missing = {"iss", "vct", "jti", "aud", "nbf", "exp", "pack", "cnf", EVENT} - payload.keys()
    if missing:
        raise CredentialBroken(f"what must always be told is missing: {', '.join(sorted(missing))}")


def _check_binding(
    binding: str, bound: str, cnf: object, challenge: Challenge, now: datetime, skew: timedelta
) -> None:
    holder = key_from_jwk(_object(cnf, "cnf").get("jwk"))
    said = verified(binding, BINDING_TYPE, lambda _: [holder], _LONGEST_BINDING)
    if said.get("aud") != challenge.gate:
        raise CredentialForOthers("the holder signed it for another gate")
    if said.get("nonce") != challenge.nonce:
        raise CredentialBroken("the holder signed another nonce: it was shown before, or elsewhere")
    if said.get("sd_hash") != base64url(hashlib.sha256(bound.encode("ascii")).digest()):
        raise CredentialBroken("the holder signed other disclosures than are shown")
    signed = instant(said.get("iat"), "iat of the key binding")
    if not signed - skew <= now < signed + _BINDING_LASTS + skew:
        raise CredentialBroken(f"the holder did not sign it within the last {_BINDING_LASTS}")


def _presented(read: dict[str, Any]) -> Presented:
    pack, event, template = _object(read["pack"], "pack"), _object(read[EVENT], EVENT), read.get(TEMPLATE)
    kind = _text(read["vct"], "vct")
    if not kind.startswith(TYPE_PREFIX):
        raise CredentialForOthers(f"it is no face credential: its vct does not begin with {TYPE_PREFIX}")
    audience = read["aud"] if isinstance(read["aud"], list) else [read["aud"]]
    digest = from_base64url(pack.get("sha256"), "the digest of the pack")
    if len(digest) != _DIGEST_BYTES or len(from_base64url(read["jti"], "jti")) != _ID_BYTES:
        raise CredentialBroken("jti is not of 16 bytes, or the digest of the pack is not of 32")
    claims = Claims(
        credential_id=read["jti"],
        issuer=_text(read["iss"], "iss"),
        holder=_text(read.get(HOLDER, ""), HOLDER),
        kind=kind.removeprefix(TYPE_PREFIX),
        audience=tuple(_text(name, "aud") for name in audience),
        valid_from=instant(read["nbf"], "nbf"),
        valid_until=instant(read["exp"], "exp"),
        pack=_text(pack.get("name"), "the name of the pack"),
        pack_sha256=digest,
        status=_status(read.get("credentialStatus")),
        event={_text(name, "a fact's name"): _text(value, name) for name, value in event.items()},
    )
    return Presented(claims, None if template is None else from_base64url(template, TEMPLATE))


def _written(status: StatusPlace) -> dict[str, str]:
    return {
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": str(status.index),
        "statusListCredential": status.list_uri,
    }


def _status(value: object) -> StatusPlace | None:
    if value is None:
        return None
    entry = _object(value, "credentialStatus")
    index = _text(entry.get("statusListIndex"), "statusListIndex")
    if not index.isascii() or not index.isdigit() or len(index) > _LONGEST_INDEX:
        raise CredentialBroken("statusListIndex is no plain number")
    uri = _text(entry.get("statusListCredential"), "statusListCredential")
    place = StatusPlace(uri, int(index))
    if _written(place) != entry:
        raise CredentialBroken("the status is no revocation entry of a Bitstring Status List")
    return place


def _object(value: object, name: str) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    raise CredentialBroken(f"{name} is no JSON object")


def _text(value: object, name: str) -> str:
    if isinstance(value, str) and len(value) <= _LONGEST_TEXT and value.isprintable():
        return value
    raise CredentialBroken(f"{name} is no printable text of at most {_LONGEST_TEXT} characters")
