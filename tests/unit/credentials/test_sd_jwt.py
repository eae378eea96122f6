"""A wallet shows of its credential what its holder wants, to one gate, once, and nothing that was altered."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    SECP384R1,
    EllipticCurvePublicKey,
    derive_private_key,
)
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given, settings
from hypothesis import strategies as st
from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS
from sd_jwt.common import SDObj
from sd_jwt.holder import SDJWTHolder
from sd_jwt.issuer import SDJWTIssuer
from sd_jwt.verifier import SDJWTVerifier

from countenance.credentials.disclosures import disclosable
from countenance.credentials.jose import sign, verified
from countenance.credentials.sd_jwt import Challenge, Presented, issue_sd_jwt, read_presentation
from countenance.credentials.sealing import seal, unseal
from countenance.credentials.values import Claims, Credential, StatusPlace
from countenance.errors import (
    CredentialBroken,
    CredentialError,
    CredentialForOthers,
    CredentialNotValidNow,
    CredentialUntrusted,
)

ISSUER_KEY, HOLDER_KEY, OTHER_KEY = (derive_private_key(number, SECP256R1()) for number in (7, 8, 9))
ISSUER = "https://air.example"
TRUSTED = {ISSUER: [ISSUER_KEY.public_key()]}
NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
CHALLENGE = Challenge("gate 7", "n-0S6_WzA2Mj")
CREDENTIAL = Credential(
    Claims(
        credential_id="AAECAwQFBgcICQoLDA0ODw",
        issuer=ISSUER,
        holder="r-81",
        kind="boarding",
        audience=("terminal B",),
        valid_from=NOW - timedelta(hours=1),
        valid_until=NOW + timedelta(hours=6),
        pack="dlib",
        pack_sha256=bytes(range(32)),
        status=StatusPlace("https://air.example/status/1", 94_567),
        event={"flight": "CN 204", "seat": "12A"},
    ),
    b"a sealed template",
)
ISSUED = issue_sd_jwt(CREDENTIAL, HOLDER_KEY.public_key(), ISSUER_KEY)
EVERYTHING = {"sub", "template", "flight", "seat"}


def shown(issued: str = ISSUED, names: set[str] = EVERYTHING, *extra: str) -> str:
    """Return a credential with only these of its disclosures and ``extra`` ones, not signed by its holder."""
    signed, *disclosures, _ = issued.split("~")
    kept = [part for part in disclosures if unpacked(part)[1] in names]
    return "~".join([signed, *kept, *extra, ""])


def bound(what: str, key: Any = HOLDER_KEY, kind: str = "kb+jwt", **said: Any) -> str:
    """Return what a wallet sends: ``what``, signed by the holder's key."""
    digest = base64.urlsafe_b64encode(hashlib.sha256(what.encode()).digest()).rstrip(b"=").decode()
    told = {
        "iat": int(NOW.timestamp()),
        "aud": CHALLENGE.gate,
        "nonce": CHALLENGE.nonce,
        "sd_hash": digest,
        **said,
    }
    return what + sign(told, kind, key)


def unpacked(part: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def packed(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def read(
    text: str,
    now: datetime = NOW,
    challenge: Challenge = CHALLENGE,
    group: str = "terminal B",
    kind: str = "boarding",
    trusted: Mapping[str, list[EllipticCurvePublicKey]] = TRUSTED,
) -> Presented:
    return read_presentation(
        text,
        trusted=trusted,
        challenge=challenge,
        now=now,
        audience={"gate 7", group},
        kinds={kind},
        clock_skew_seconds=60,
    )


def signed_again(change: Callable[[dict[str, Any]], object], kind: str = "dc+sd-jwt") -> str:
    """Return the credential as its issuer would have signed it with something else in it."""
    signed, rest = ISSUED.split("~", 1)
    said = unpacked(signed.split(".")[1])
    change(said)
    return f"{sign(said, kind, ISSUER_KEY)}~{rest}"


def test_a_holder_who_shows_everything_shows_what_was_issued() -> None:
    presented = read(bound(ISSUED))
    assert presented == Presented(CREDENTIAL.claims, CREDENTIAL.sealed_template)


def test_a_holder_shows_the_template_and_the_flight_and_keeps_the_rest_back() -> None:
    presented = read(bound(shown(names={"template", "flight"})))
    kept_back = replace(CREDENTIAL.claims, holder="", event={"flight": "CN 204"})
    assert presented == Presented(kept_back, CREDENTIAL.sealed_template)


def test_a_gate_opens_the_template_of_a_holder_who_shows_nothing_else() -> None:
    gate_key = X25519PrivateKey.generate()
    claims = CREDENTIAL.claims
    sealed = seal(b"a quantised template", claims, [gate_key.public_key()])
    issued = issue_sd_jwt(Credential(claims, sealed), HOLDER_KEY.public_key(), ISSUER_KEY)
    presented = read(bound(shown(issued, {"template"})))
    assert presented.sealed_template is not None
    credential = Credential(presented.claims, presented.sealed_template)
    assert unseal(credential, gate_key, claims.pack_sha256) == b"a quantised template"


def test_a_holder_who_shows_nothing_shows_whom_to_trust_and_until_when() -> None:
    presented = read(bound(shown(names=set())))
    assert presented == Presented(replace(CREDENTIAL.claims, holder="", event={}), None)


def test_what_is_kept_back_is_not_in_what_is_sent() -> None:
    sent = bound(shown(names={"template"}))
    decoded = b"".join(
        base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
        for part in sent.replace("~", ".").split(".")
        if part
    )
    assert b"r-81" not in decoded
    assert b"12A" not in decoded


@given(
    event=st.dictionaries(
        st.sampled_from(["flight", "seat", "Größe", "exp"]), st.sampled_from(["", "12A", "東京"])
    ),
    holder=st.sampled_from(["", "r-81"]),
    template=st.binary(max_size=300),
    status=st.sampled_from([None, StatusPlace("https://air.example/status/1", 0)]),
)
@settings(max_examples=30)
def test_every_credential_is_read_as_it_was_issued(
    event: dict[str, str], holder: str, template: bytes, status: StatusPlace | None
) -> None:
    claims = replace(CREDENTIAL.claims, event=event, holder=holder, status=status)
    issued = issue_sd_jwt(Credential(claims, template), HOLDER_KEY.public_key(), ISSUER_KEY)
    assert read(bound(issued)) == Presented(claims, template)


def test_the_reference_implementation_verifies_a_presentation() -> None:
    verifier = SDJWTVerifier(
        bound(shown(names={"template", "seat"})),
        lambda _issuer, _header: JWK.from_pyca(ISSUER_KEY.public_key()),
        CHALLENGE.gate,
        CHALLENGE.nonce,
    )
    told = verifier.get_verified_payload()
    assert told["event"] == {"seat": "12A"}
    assert told["vct"] == "urn:countenance:face:boarding"
    assert "sub" not in told


def test_a_presentation_by_the_reference_implementations_wallet_is_read() -> None:
    # That wallet signs with the time of its clock, so the credential is valid now.
    now = datetime.now(UTC).replace(microsecond=0)
    claims = replace(CREDENTIAL.claims, valid_from=now, valid_until=now + timedelta(hours=1))
    wallet = SDJWTHolder(
        issue_sd_jwt(replace(CREDENTIAL, claims=claims), HOLDER_KEY.public_key(), ISSUER_KEY)
    )
    what = {"template": True, "event": {"seat": True}}
    wallet.create_presentation(what, CHALLENGE.nonce, CHALLENGE.gate, JWK.from_pyca(HOLDER_KEY))
    kept_back = replace(claims, holder="", event={"seat": "12A"})
    assert read(wallet.sd_jwt_presentation, now=now) == Presented(kept_back, CREDENTIAL.sealed_template)


def test_a_credential_that_the_reference_implementation_issued_is_read() -> None:
    open_claims = unpacked(ISSUED.split("~")[0].split(".")[1])
    told = {name: open_claims[name] for name in open_claims.keys() - {"_sd", "_sd_alg", "cnf", "event"}}
    template = base64.urlsafe_b64encode(CREDENTIAL.sealed_template).rstrip(b"=").decode()
    issuer = SDJWTIssuer(
        {
            **told,
            SDObj("sub"): "r-81",
            SDObj("template"): template,
            "event": {SDObj("flight"): "CN 204", SDObj("seat"): "12A"},
        },
        JWK.from_pyca(ISSUER_KEY),
        JWK.from_pyca(HOLDER_KEY),
        add_decoy_claims=True,
        extra_header_parameters={"typ": "dc+sd-jwt"},
    )
    presented = read(bound(issuer.sd_jwt_issuance))
    assert presented == Presented(CREDENTIAL.claims, CREDENTIAL.sealed_template)


@pytest.mark.parametrize(
    ("challenge", "error", "why"),
    [
        (Challenge("gate 7", "another"), CredentialBroken, "another nonce"),
        (Challenge("gate 8", CHALLENGE.nonce), CredentialForOthers, "another gate"),
    ],
)
def test_a_presentation_is_no_good_a_second_time_or_at_another_gate(
    challenge: Challenge, error: type[CredentialError], why: str
) -> None:
    with pytest.raises(error, match=why):
        read(bound(ISSUED), challenge=challenge)


@pytest.mark.parametrize("seconds", [-61, 360, 3600])
def test_a_key_binding_lasts_for_five_minutes(seconds: int) -> None:
    with pytest.raises(CredentialBroken, match="within the last"):
        read(bound(ISSUED), now=NOW + timedelta(seconds=seconds))


def test_who_has_copied_a_credential_cannot_show_it() -> None:
    with pytest.raises(CredentialBroken, match="not by a key"):
        read(bound(ISSUED, OTHER_KEY))
    with pytest.raises(CredentialBroken, match="no key binding"):
        read(ISSUED)


def test_a_disclosure_that_is_taken_away_or_added_after_the_holder_signed_is_noticed() -> None:
    binding = bound(shown(names={"template"})).rsplit("~", 1)[1]
    for names in (set[str](), {"template", "seat"}):
        with pytest.raises(CredentialBroken, match="other disclosures"):
            read(shown(names=names) + binding)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"kind": "vc+jwt"}, "the type in the header"),
        ({"iat": "now"}, "no whole number"),
        ({"sd_hash": None}, "other disclosures"),
        ({"aud": ["gate 7"]}, "another gate"),
        ({"iat": 10**17}, "1970"),
    ],
)
def test_a_key_binding_of_another_form_is_refused(change: dict[str, Any], why: str) -> None:
    with pytest.raises(CredentialError, match=why):
        read(bound(ISSUED, **change))


def test_another_issuer_is_not_trusted() -> None:
    with pytest.raises(CredentialUntrusted):
        read(bound(ISSUED), trusted={"https://rail.example": [ISSUER_KEY.public_key()]})
    with pytest.raises(CredentialBroken, match="not by a key"):
        read(bound(ISSUED), trusted={ISSUER: [OTHER_KEY.public_key()]})


def test_a_credential_for_other_gates_is_refused() -> None:
    with pytest.raises(CredentialForOthers, match="for terminal B, not for this gate"):
        read(bound(ISSUED), group="terminal C")


def test_a_credential_for_another_purpose_is_refused() -> None:
    with pytest.raises(CredentialForOthers, match="for boarding, which this gate does not take"):
        read(bound(ISSUED), kind="certificate")


def test_a_credential_is_valid_for_its_time_and_for_what_clocks_may_be_apart() -> None:
    def at(time: datetime) -> Presented:
        return read(bound(ISSUED, iat=int(time.timestamp())), now=time)

    claims = CREDENTIAL.claims
    assert at(claims.valid_from - timedelta(seconds=60)).claims == claims
    assert at(claims.valid_until + timedelta(seconds=59)).claims == claims
    for time in (claims.valid_from - timedelta(seconds=61), claims.valid_until + timedelta(seconds=60)):
        with pytest.raises(CredentialNotValidNow):
            at(time)


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none", "typ": "dc+sd-jwt"},
        {"alg": "HS256", "typ": "dc+sd-jwt"},
        {"alg": "ES384", "typ": "dc+sd-jwt"},
        {"alg": ["ES256"], "typ": "dc+sd-jwt"},
        {"typ": "dc+sd-jwt"},
        {"alg": "ES256", "typ": "JWT"},
        {"alg": "ES256", "typ": "dc+sd-jwt", "crit": ["b64"], "b64": False},
        {"alg": "ES256", "typ": "dc+sd-jwt", "crit": ["new"], "new": 1},
    ],
)
def test_another_algorithm_type_or_extension_is_refused(header: dict[str, Any]) -> None:
    signed, rest = ISSUED.split("~", 1)
    _, payload, signature = signed.split(".")
    for end in (signature, ""):
        with pytest.raises(CredentialBroken):
            read(bound(f"{packed(header)}.{payload}.{end}~{rest}"))


@pytest.mark.parametrize(
    ("header", "why"),
    [
        ({"alg": "none", "typ": "dc+sd-jwt"}, "not by ES256"),
        ({"alg": "HS256", "typ": "dc+sd-jwt"}, "not by ES256"),
        ({"alg": "ES256", "typ": "JWT"}, "the type in the header"),
        (
            {"alg": "ES256", "typ": "dc+sd-jwt", "crit": ["exp"], "exp": 1},
            "demands an extension|no signed JSON",
        ),
        ({"alg": "ES256", "typ": "dc+sd-jwt", "crit": ["kid"], "kid": "k"}, "demands an extension"),
    ],
)
def test_a_good_signature_under_another_header_is_refused(header: dict[str, Any], why: str) -> None:
    signed, rest = ISSUED.split("~", 1)
    content = f"{packed(header)}.{signed.split('.')[1]}"
    numbers = decode_dss_signature(ISSUER_KEY.sign(content.encode(), ECDSA(SHA256())))
    raw = b"".join(number.to_bytes(32) for number in numbers)
    signature = base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
    with pytest.raises(CredentialBroken, match=why):
        read(bound(f"{content}.{signature}~{rest}"))


@pytest.mark.parametrize(
    ("extra", "why"),
    [
        (disclosable("upgrade", "yes").text, "the issuer did not sign"),
        (ISSUED.split("~")[1], "stands twice"),
        ("", "no JSON"),
        ("!", "base64url"),
        (packed(["salt", "name", 5]), "salt, name and text"),
        (packed(["salt", "text"]), "salt, name and text"),
        (packed(["salt", "_sd", "text"]), "cannot be called"),
        (packed([[[]]]), "salt, name and text"),
    ],
    ids=count(),  # what is drawn at random must not name a test
)
def test_a_disclosure_that_the_issuer_did_not_sign_is_refused(extra: str, why: str) -> None:
    with pytest.raises(CredentialBroken, match=why):
        read(bound(shown(ISSUED, EVERYTHING, extra)))


def test_endless_disclosures_are_refused() -> None:
    many = [disclosable("n", str(number)).text for number in range(70)]
    with pytest.raises(CredentialBroken, match="more than 64"):
        read(bound(shown(ISSUED, set(), *many)))
    with pytest.raises(CredentialBroken, match="65536"):
        read(bound(shown(ISSUED, set(), "A" * 70_000)))


def nested(depth: int) -> Any:
    return [nested(depth - 1)] if depth else 1


@pytest.mark.parametrize(
    ("name", "value", "error", "why"),
    [
        ("_sd_alg", "sha-1", CredentialBroken, "sha-256"),
        ("_sd", "digest", CredentialBroken, "no list of digests"),
        ("_sd", [5], CredentialBroken, "no list of digests"),
        ("sub", "somebody", CredentialBroken, "there already"),
        ("more", {"...": "digest"}, CredentialBroken, "parts of lists"),
        ("more", nested(20), CredentialBroken, "nested"),
        ("vct", "https://example.org/diploma", CredentialForOthers, "no face credential"),
        ("jti", "AAAA", CredentialBroken, "16 bytes"),
        ("nbf", True, CredentialBroken, "whole number"),
        ("exp", -5, CredentialBroken, "1970"),
        ("aud", [5], CredentialBroken, "aud is no printable text"),
        ("aud", ["a\nb"], CredentialBroken, "aud is no printable text"),
        ("pack", "dlib", CredentialBroken, "pack is no JSON object"),
        ("pack", {"name": "dlib", "sha256": "AA"}, CredentialBroken, "not of 32"),
        ("pack", {"name": "dlib"}, CredentialBroken, "digest of the pack is no text"),
        ("jti", CREDENTIAL.claims.credential_id[:-1] + "x", CredentialBroken, "without padding"),
        ("cnf", None, CredentialBroken, "cnf is no JSON object"),
        ("cnf", {"jwk": {"kty": "oct", "k": "AA"}}, CredentialBroken, "no public P-256 key"),
        ("cnf", {"jwk": {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}}, CredentialBroken, "no point"),
        ("cnf", {"jwk": {"kty": "EC", "crv": "P-256"}}, CredentialBroken, "no point"),
        ("event", [], CredentialBroken, "the issuer did not sign"),
        ("credentialStatus", {"type": "Else"}, CredentialBroken, "statusListIndex"),
    ],
)
def test_a_signed_credential_with_something_else_in_it_is_refused(
    name: str, value: Any, error: type[CredentialError], why: str
) -> None:
    with pytest.raises(error, match=why):
        read(bound(signed_again(lambda said: said.update({name: value}))))


@pytest.mark.parametrize("name", ["vct", "jti", "aud", "nbf", "exp", "pack", "cnf", "event"])
def test_what_must_always_be_told_is_not_missing(name: str) -> None:
    with pytest.raises(CredentialBroken, match=f"missing: {name}"):
        read(bound(shown(signed_again(lambda said: said.pop(name)), set())))


@pytest.mark.parametrize("index", ["-1", "1.5", "٣", "01", "9" * 12])
def test_a_status_index_that_is_no_plain_number_is_refused(index: str) -> None:
    with pytest.raises(CredentialBroken, match=r"no plain number|no revocation entry"):
        read(bound(signed_again(lambda said: said["credentialStatus"].update(statusListIndex=index))))


@pytest.mark.parametrize(("event", "why"), [([], "event is no JSON object"), ({"seat": 12}, "seat is no")])
def test_an_event_that_is_not_texts_by_name_is_refused(event: object, why: str) -> None:
    with pytest.raises(CredentialBroken, match=why):
        read(bound(shown(signed_again(lambda said: said.update(event=event)), {"template"})))


def test_a_digest_that_stands_twice_is_refused() -> None:
    def twice(said: dict[str, Any]) -> None:
        said["event"]["_sd"].append(said["_sd"][0])

    with pytest.raises(CredentialBroken, match="digest stands twice"):
        read(bound(signed_again(twice)))


def test_a_name_that_stands_twice_is_refused() -> None:
    signed, rest = ISSUED.split("~", 1)
    header, payload, signature = signed.split(".")
    text = json.dumps(unpacked(payload))[:-1] + ', "exp": 4000000000}'
    doubled = base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()
    with pytest.raises(CredentialBroken, match="stands twice"):
        read(bound(f"{header}.{doubled}.{signature}~{rest}"))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b'{"iss":' + b"[" * 40_000 + b"]" * 40_000 + b"}", "no JSON"),
        (b'{"iss": NaN}', "no whole number"),
        (b'{"iss": 1e400}', "no whole number"),
        (b'{"iss": ' + b"9" * 5000 + b"}", "too large"),
        (b'{"iss": "\xff"}', "no JSON"),
        (b'{"iss": "a"} more', "no JSON"),
        (b'["iss"]', "no JSON object"),
        (b"", "no JSON|no signed JSON"),
    ],
)
def test_json_that_is_made_to_harm_is_refused(content: bytes, why: str) -> None:
    header, _, signature = ISSUED.split("~")[0].split(".")
    payload = base64.urlsafe_b64encode(content).rstrip(b"=").decode()
    with pytest.raises(CredentialBroken, match=why):
        verified(f"{header}.{payload}.{signature}", "dc+sd-jwt", lambda _: [], 100_000)


def test_a_header_that_is_made_to_harm_is_refused() -> None:
    _, payload, signature = ISSUED.split("~")[0].split(".")
    for depth in (1000, 2900, 100_000):
        header = base64.urlsafe_b64encode(b'{"alg":' + b"[" * depth + b"]" * depth + b"}").decode()
        with pytest.raises(CredentialBroken):
            read(bound(f"{header.rstrip('=')}.{payload}.{signature}~"[:60_000]))


@pytest.mark.parametrize("text", ["\ud800", "a\u202eb", "a\nb", "x" * 257])
def test_a_text_that_cannot_be_shown_is_refused(text: str) -> None:
    said = json.dumps({**unpacked(ISSUED.split("~")[0].split(".")[1]), "iss": ISSUER, "vct": text})
    signer = JWS(said.encode())
    signer.add_signature(
        JWK.from_pyca(ISSUER_KEY), protected=json.dumps({"alg": "ES256", "typ": "dc+sd-jwt"})
    )
    with pytest.raises(CredentialBroken, match="vct is no printable text"):
        read(bound(f"{signer.serialize(compact=True)}~"))


@given(st.data())
@settings(max_examples=60)
def test_a_presentation_with_any_character_altered_is_refused(data: st.DataObject) -> None:
    text = bound(ISSUED)
    place = data.draw(st.integers(0, len(text) - 3))
    other = data.draw(st.sampled_from("Aaz09-_.~=é"))
    altered = text[:place] + other + text[place + 1 :]
    if altered != text:
        with pytest.raises(CredentialError):
            read(altered)


@given(st.one_of(st.text(max_size=300), st.text("~.aA9", max_size=300)))
def test_what_is_no_presentation_is_refused(text: str) -> None:
    with pytest.raises(CredentialError):
        read(text)


def test_what_no_gate_could_read_is_not_issued() -> None:
    with pytest.raises(CredentialBroken, match="256 characters"):
        issue_sd_jwt(
            replace(CREDENTIAL, claims=replace(CREDENTIAL.claims, holder="x" * 257)),
            HOLDER_KEY.public_key(),
            ISSUER_KEY,
        )
    with pytest.raises(CredentialBroken, match="whole seconds"):
        issue_sd_jwt(
            replace(
                CREDENTIAL, claims=replace(CREDENTIAL.claims, valid_until=NOW + timedelta(milliseconds=5))
            ),
            HOLDER_KEY.public_key(),
            ISSUER_KEY,
        )
    with pytest.raises(ValueError, match="called _sd"):
        issue_sd_jwt(
            replace(CREDENTIAL, claims=replace(CREDENTIAL.claims, event={"_sd": "x"})),
            HOLDER_KEY.public_key(),
            ISSUER_KEY,
        )
    with pytest.raises(ValueError, match="P-256"):
        issue_sd_jwt(CREDENTIAL, derive_private_key(5, SECP384R1()).public_key(), ISSUER_KEY)


def test_digests_and_salts_of_two_credentials_with_the_same_claims_have_nothing_in_common() -> None:
    def random_parts(issued: str) -> set[str]:
        signed, *disclosures, _ = issued.split("~")
        said = unpacked(signed.split(".")[1])
        return {*said["_sd"], *said["event"]["_sd"], *disclosures}

    again = issue_sd_jwt(CREDENTIAL, HOLDER_KEY.public_key(), ISSUER_KEY)
    assert random_parts(ISSUED).isdisjoint(random_parts(again))
