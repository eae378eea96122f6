"""What a face credential says, whatever form it has on the wire."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class StatusPlace:
    """Where it is written whether a credential was revoked.

    Attributes:
        list_uri: the address of a Bitstring Status List; gates need not ask it at each passage.
        index: the credential's bit in it, drawn at random, so that it tells no order of issuing.
    """

    list_uri: str
    index: int


@dataclass(frozen=True, slots=True)
class Claims:
    """What an issuer vouches for.

    Attributes:
        credential_id: 22 characters of base64url, 128 random bits; the only name that a gate's ledger sees.
        issuer: who vouches, as gates know them: an https address or a name.
        holder: a reference that tells the issuer alone who it is, random for each credential; may be empty.
        kind: what the credential is for, such as ``boarding`` or ``certificate``.
        audience: the gates, or groups of gates, that may take it.
        valid_from: UTC, to the second; not before then.
        valid_until: UTC, to the second; not from then on.
        pack: the pack of models that made the template.
        pack_sha256: the digest of that pack's networks: templates of others are never compared with it.
        status: where it is written whether it was revoked; None where it cannot be.
        event: what a gate needs to know besides, such as flight and seat; short texts by name.
    """

    credential_id: str
    issuer: str
    holder: str
    kind: str
    audience: tuple[str, ...]
    valid_from: datetime
    valid_until: datetime
    pack: str
    pack_sha256: bytes
    status: StatusPlace | None = None
    event: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Credential:
    """Claims with the face they are bound to.

    Attributes:
        claims: what the issuer vouches for.
        sealed_template: the quantised template, encrypted to the keys of the gates of the audience.
    """

    claims: Claims
    sealed_template: bytes
