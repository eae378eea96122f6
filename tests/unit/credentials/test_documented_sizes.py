"""The sizes that the documentation tells are those of the pass that it describes."""

from __future__ import annotations

import base64
import random
from datetime import UTC, datetime, timedelta

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, derive_private_key
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from countenance.credentials.cose import issue
from countenance.credentials.qr import qr_code
from countenance.credentials.quantising import quantise
from countenance.credentials.sd_jwt import issue_sd_jwt
from countenance.credentials.sealing import seal
from countenance.credentials.values import Claims, Credential, StatusPlace
from countenance.credentials.wire45 import to_text

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
KEY, HOLDER_KEY = derive_private_key(7, SECP256R1()), derive_private_key(8, SECP256R1())


def boarding_pass() -> Credential:
    drawn = random.Random(5)
    vector = np.random.default_rng(5).normal(size=128).astype(np.float32)
    template = quantise(vector / np.linalg.norm(vector))
    assert len(template) == 96
    claims = Claims(
        credential_id=base64.urlsafe_b64encode(drawn.randbytes(16)).decode().rstrip("="),
        issuer="https://air.example",
        holder="r-81",
        kind="boarding",
        audience=("terminal B",),
        valid_from=NOW,
        valid_until=NOW + timedelta(hours=6),
        pack="dlib",
        pack_sha256=drawn.randbytes(32),
        status=StatusPlace("https://air.example/status/1", 94_567),
        event={"flight": "CN 204", "seat": "12A"},
    )
    return Credential(claims, seal(template, claims, [X25519PrivateKey.generate().public_key()]))


def test_a_pass_of_447_bytes_is_a_qr_code_of_version_17() -> None:
    signed = issue(boarding_pass(), KEY)
    assert len(signed) == 447
    code = qr_code(to_text(signed))
    assert (code.version, code.modules) == (17, 85)


def test_the_same_pass_for_a_wallet_has_1700_bytes() -> None:
    assert len(issue_sd_jwt(boarding_pass(), HOLDER_KEY.public_key(), KEY)) == 1744
