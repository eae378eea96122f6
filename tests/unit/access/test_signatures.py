"""A signature is good if botocore made it of this very request, lately, with a key that is valid."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from countenance.access import SignedRequest, new_access_key, verify
from countenance.errors import AccessError, AccessKeyUnknown, AuthenticationMissing, SignatureInvalid

if TYPE_CHECKING:
    from countenance.access import AccessKey

KEY = new_access_key("test", datetime.now(UTC))
HOST = "faces.example.org:8443"
NAMES = st.from_regex(r"x-amz-[a-z]{1,8}", fullmatch=True).filter(
    lambda name: name not in {"x-amz-date", "x-amz-security"}
)
VALUES = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30)
WORDS = st.text(st.characters(codec="ascii", categories=("L", "N")), max_size=8)
QUERIES = st.lists(
    st.tuples(st.text("abcXYZ019-_.~", min_size=1, max_size=6), st.text("abc019-_.~", max_size=6)), max_size=4
)


def find(key_id: str) -> AccessKey | None:
    return KEY if key_id == KEY.key_id else None


def signed(
    body: bytes = b"{}",
    query: str = "",
    service: str = "rekognition",
    **headers: str,
) -> SignedRequest:
    """Return a request as botocore signs it now."""
    url = f"https://{HOST}/" + (f"?{query}" if query else "")
    request = AWSRequest(
        "POST", url, {name.replace("_", "-"): value for name, value in headers.items()}, body
    )
    SigV4Auth(Credentials(KEY.key_id, KEY.secret), service, "eu-west-1").add_auth(request)
    sent = [(name.lower(), value) for name, value in request.headers.items()]
    return SignedRequest("POST", "/", query, [("host", HOST), *sent], body)


def having(request: SignedRequest, **changes: str) -> SignedRequest:
    """Return the request with headers that somebody altered on the way."""
    altered = {name.replace("_", "-"): value for name, value in changes.items()}
    others = [(name, value) for name, value in request.headers if name not in altered]
    return replace(request, headers=[*others, *altered.items()])


def authorization(request: SignedRequest) -> str:
    return dict(request.headers)["authorization"]


def test_what_botocore_signs_is_the_keys() -> None:
    caller = verify(signed(X_Amz_Target="RekognitionService.ListFaces"), find, datetime.now(UTC))
    assert (caller.key, caller.region) == (KEY, "eu-west-1")


@given(body=st.binary(max_size=200), headers=st.dictionaries(NAMES, VALUES, max_size=4), query=QUERIES)
def test_whatever_botocore_signs_is_the_keys(
    body: bytes, headers: dict[str, str], query: list[tuple[str, str]]
) -> None:
    text = "&".join(f"{name}={value}" for name, value in query)
    request = signed(body, text, **headers)
    assert verify(request, find, datetime.now(UTC)).key is KEY


@given(body=st.binary(max_size=50), other=st.binary(max_size=50))
def test_a_signature_is_for_its_body_only(body: bytes, other: bytes) -> None:
    request = replace(signed(body), body=other)
    if body == other:
        verify(request, find, datetime.now(UTC))
        return
    with pytest.raises(SignatureInvalid):
        verify(request, find, datetime.now(UTC))


GOOD = signed(X_Amz_Target="RekognitionService.ListFaces")


@pytest.mark.parametrize(
    "altered",
    [
        pytest.param(having(GOOD, x_amz_target="RekognitionService.DeleteFaces"), id="another operation"),
        pytest.param(having(GOOD, host="elsewhere.example.org"), id="another server"),
        pytest.param(having(GOOD, x_amz_more="1"), id="one more of Amazon's headers, not signed"),
        pytest.param(replace(GOOD, query="a=b"), id="a query"),
        pytest.param(replace(GOOD, path="/other"), id="another path"),
        pytest.param(replace(GOOD, method="PUT"), id="another method"),
        pytest.param(
            replace(GOOD, headers=[*GOOD.headers, ("x-amz-target", "RekognitionService.DeleteFaces")]),
            id="a header twice",
        ),
        pytest.param(
            having(GOOD, authorization=authorization(GOOD).replace("host;", "")), id="the host not signed"
        ),
        pytest.param(
            having(GOOD, authorization=authorization(GOOD).replace("eu-west-1", "us-east-1")),
            id="another region",
        ),
        pytest.param(having(GOOD, x_amz_content_sha256="0" * 64), id="another hash of the body"),
        pytest.param(signed(service="s3"), id="another service"),
        pytest.param(having(GOOD, x_amz_date="yesterday"), id="a date that is none"),
        pytest.param(having(GOOD, x_amz_date="20269999T999999Z"), id="a date that cannot be"),
    ],
)
def test_a_request_that_was_altered_is_refused(altered: SignedRequest) -> None:
    with pytest.raises(SignatureInvalid):
        verify(altered, find, datetime.now(UTC))


@pytest.mark.parametrize("minutes", [-5.1, 5.1])
def test_a_signature_of_another_time_is_refused(minutes: float) -> None:
    with pytest.raises(SignatureInvalid, match=r"expired|not yet current"):
        verify(GOOD, find, _signing_time(GOOD) + timedelta(minutes=minutes))


@pytest.mark.parametrize("minutes", [-4.9, 4.9])
def test_clocks_may_differ_by_five_minutes(minutes: float) -> None:
    assert verify(GOOD, find, _signing_time(GOOD) + timedelta(minutes=minutes)).key is KEY


def test_a_key_that_nobody_has_and_one_that_is_revoked_are_told_alike() -> None:
    revoked = replace(KEY, revoked_at=datetime.now(UTC))
    said = []
    for known in (None, revoked):
        with pytest.raises(AccessKeyUnknown) as refused:
            verify(GOOD, lambda _, known=known: known, _signing_time(GOOD))  # type: ignore[misc]
        said.append(str(refused.value))
    assert said[0] == said[1]


def test_a_request_without_a_signature_is_told_so() -> None:
    unsigned = [(name, value) for name, value in GOOD.headers if name != "authorization"]
    with pytest.raises(AuthenticationMissing):
        verify(replace(GOOD, headers=unsigned), find, datetime.now(UTC))


@given(
    text=st.text() | WORDS.map(lambda word: f"AWS4-HMAC-SHA256 Credential={word}/20260101/a/b/aws4_request")
)
def test_no_authorization_header_does_worse_than_being_refused(text: str) -> None:
    with pytest.raises(AccessError):
        verify(having(GOOD, authorization=text), find, _signing_time(GOOD))


@given(data=st.data())
def test_no_altered_letter_of_a_signature_is_let_in(data: st.DataObject) -> None:
    text = authorization(GOOD)
    place = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.characters(codec="ascii").filter(lambda letter: letter != text[place]))
    altered = text[:place] + letter + text[place + 1 :]
    if altered.replace(" ", "") == text.replace(" ", ""):
        return
    with pytest.raises(AccessError):
        verify(having(GOOD, authorization=altered), find, _signing_time(GOOD))


def _signing_time(request: SignedRequest) -> datetime:
    stamp = dict(request.headers)["x-amz-date"]
    return datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
