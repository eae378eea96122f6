"""Each way in which a signature can be wrong is refused, and told by its own error."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signed_requests import KEY, authorised, having, header, known_key, signed, signing_time, without

from countenance.access import SignedRequest, new_access_key, verify
from countenance.errors import AccessError, AccessKeyUnknown, AuthenticationMissing, SignatureInvalid

GOOD = signed(headers={"X-Amz-Target": "RekognitionService.ListFaces"}, body=b'{"CollectionId":"staff"}')
SIGNED_AT = signing_time(GOOD)
STAMP = header(GOOD, "x-amz-date")
WRONG = "The request signature we calculated does not match"
MALFORMED = "The Authorization header is not a complete AWS4-HMAC-SHA256 signature"
MINUTES, SECOND = timedelta(minutes=5), timedelta(seconds=1)


def signature(request: SignedRequest) -> str:
    return header(request, "authorization")[-64:]


def dated(stamp: str) -> SignedRequest:
    """Return the request with another time, in its scope and in its header alike."""
    return having(authorised(GOOD, f"/{STAMP[:8]}/", f"/{stamp[:8]}/"), "x-amz-date", stamp)


# What was done to the request, and what is said of it.
ALTERED: dict[str, tuple[SignedRequest, str]] = {
    "another body": (replace(GOOD, body=b'{"CollectionId":"board"}'), WRONG),
    "a body cut short": (replace(GOOD, body=GOOD.body[:-1]), WRONG),
    "no body": (replace(GOOD, body=b""), WRONG),
    "another target": (having(GOOD, "x-amz-target", "RekognitionService.DeleteFaces"), WRONG),
    "no target": (without(GOOD, "x-amz-target"), "The signed header x-amz-target is missing"),
    "another host": (having(GOOD, "host", "elsewhere.example.org"), WRONG),
    "no host": (without(GOOD, "host"), "The signed header host is missing"),
    "no date": (without(GOOD, "x-amz-date"), "The signed header x-amz-date is missing"),
    "another method": (replace(GOOD, method="PUT"), WRONG),
    "another path": (replace(GOOD, path="/admin"), WRONG),
    "a query": (replace(GOOD, query="a"), WRONG),
    "a second later": (dated((SIGNED_AT + SECOND).strftime("%Y%m%dT%H%M%SZ")), WRONG),
    "another day in scope": (
        authorised(GOOD, f"/{STAMP[:8]}/", "/20200101/"),
        "Date in Credential scope",
    ),
    "another day in the header": (having(GOOD, "x-amz-date", "20200101T000000Z"), "Date in Credential scope"),
    "no time": (having(GOOD, "x-amz-date", "yesterday"), "must have the form YYYYMMDDThhmmssZ"),
    "two times": (having(GOOD, "x-amz-date", f"{STAMP}, {STAMP}"), "must have the form YYYYMMDDThhmmssZ"),
    "digits of another script": (having(GOOD, "x-amz-date", "٢" + STAMP[1:]), "must have the form"),
    "the 30th of February": (dated("20260230T000000Z"), "is no time"),
    "a leap second": (dated("20161231T235960Z"), "is no time"),
    "the year nought": (dated("00000101T000000Z"), "is no time"),
    "another region": (authorised(GOOD, "eu-west-1", "us-east-1"), WRONG),
    "another service": (authorised(GOOD, "/rekognition/", "/s3/"), "correct service: 'rekognition'"),
    "an older scheme": (authorised(GOOD, "/aws4_request", "/aws3_request"), MALFORMED),
    "a longer scope": (authorised(GOOD, "/aws4_request", "/x/aws4_request"), MALFORMED),
    "the host unsigned": (authorised(GOOD, "=host;", "="), "These headers must be signed: host"),
    "the date unsigned": (authorised(GOOD, ";x-amz-date", ""), "These headers must be signed: x-amz-date"),
    "the target unsigned": (authorised(GOOD, ";x-amz-target", ""), "must be signed: x-amz-target"),
    "only the host signed": (
        authorised(GOOD, ";x-amz-date;x-amz-target", ""),
        "signed: x-amz-date, x-",
    ),
    "a header that is absent": (
        authorised(GOOD, "=host", "=accept;host"),
        "signed header accept is missing",
    ),
    "names in disorder": (
        authorised(GOOD, "host;x-amz-date", "x-amz-date;host"),
        "must be sorted, each once",
    ),
    "a name twice": (authorised(GOOD, "=host;", "=host;host;"), "must be sorted, each once"),
    "an empty name": (authorised(GOOD, "=host;", "=;host;"), "The signed header  is missing"),
    "a name in capitals": (authorised(GOOD, "=host", "=Host"), MALFORMED),
    "no names": (authorised(GOOD, "host;x-amz-date;x-amz-target", ""), MALFORMED),
    "another of Amazon's headers": (having(GOOD, "x-amz-more", "1"), "must be signed: x-amz-more"),
    "another hash": (having(GOOD, "x-amz-content-sha256", "0" * 64), "must be signed: x-amz-content-sha256"),
    "a signature of noughts": (authorised(GOOD, signature(GOOD), "0" * 64), WRONG),
    "a signature in capitals": (authorised(GOOD, signature(GOOD), signature(GOOD).upper()), MALFORMED),
    "a signature too short": (authorised(GOOD, signature(GOOD), signature(GOOD)[:-1]), MALFORMED),
    "a signature too long": (authorised(GOOD, signature(GOOD), signature(GOOD) + "0"), MALFORMED),
    "another request's signature": (
        authorised(GOOD, signature(GOOD), signature(signed(body=b"x"))),
        WRONG,
    ),
    "an algorithm of less": (authorised(GOOD, "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA1"), MALFORMED),
    "a password": (having(GOOD, "authorization", "Basic YWRtaW46YWRtaW4="), MALFORMED),
    "two signatures": (replace(GOOD, headers=[*GOOD.headers, GOOD.headers[-1]]), MALFORMED),
}


@pytest.mark.parametrize("what", ALTERED)
def test_an_altered_request_is_refused_and_told_why(what: str) -> None:
    altered, said = ALTERED[what]
    with pytest.raises(SignatureInvalid) as refused:
        verify(altered, known_key, SIGNED_AT)
    assert said in str(refused.value)


def test_the_request_that_was_altered_was_good() -> None:
    assert verify(GOOD, known_key, SIGNED_AT).key is KEY


def test_a_hash_that_is_not_the_bodys_is_refused_though_it_is_signed() -> None:
    request = signed(headers={"X-Amz-Content-SHA256": "0" * 64})
    with pytest.raises(SignatureInvalid, match=r"x-amz-content-sha256 header is not the hash"):
        verify(request, known_key, signing_time(request))


@pytest.mark.parametrize("text", [None, "", " "])
def test_a_request_that_is_not_signed_at_all_is_told_so(text: str | None) -> None:
    bare = without(GOOD, "authorization")
    with pytest.raises(AuthenticationMissing):
        verify(bare if text is None else having(bare, "authorization", text), known_key, SIGNED_AT)


@pytest.mark.parametrize("late", [-MINUTES, -SECOND, timedelta(), SECOND, MINUTES])
@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=-11)), timezone(timedelta(hours=14))])
def test_a_signature_is_good_for_five_minutes_either_way(late: timedelta, zone: timezone) -> None:
    assert verify(GOOD, known_key, (SIGNED_AT + late).astimezone(zone)).key is KEY


@pytest.mark.parametrize("late", [MINUTES + SECOND, timedelta(days=1), timedelta(days=36_500)])
def test_an_old_signature_has_expired_and_a_new_one_is_not_yet_current(late: timedelta) -> None:
    with pytest.raises(SignatureInvalid, match=f"^Signature expired: {STAMP} is now earlier than"):
        verify(GOOD, known_key, SIGNED_AT + late)
    with pytest.raises(SignatureInvalid, match=f"^Signature not yet current: {STAMP} is still later than"):
        verify(GOOD, known_key, SIGNED_AT - late)


def _nobody(_: str) -> None:
    return None


@pytest.mark.parametrize(
    ("request_", "find"),
    [
        pytest.param(GOOD, _nobody, id="a key that nobody has"),
        pytest.param(GOOD, lambda _: replace(KEY, revoked_at=SIGNED_AT), id="a revoked key"),
        pytest.param(
            GOOD,
            lambda _: replace(KEY, revoked_at=datetime.now(UTC) + timedelta(days=1)),
            id="a key that is revoked as of tomorrow",
        ),
        pytest.param(authorised(GOOD, KEY.key_id, "CTNCNOBODYHASTHISKEY"), known_key, id="another key id"),
        pytest.param(signed(token="session"), known_key, id="a session token"),  # noqa: S106
    ],
)
def test_a_key_that_is_not_valid_is_unknown_whatever_is_wrong_with_it(
    request_: SignedRequest, find: Callable[[str], None]
) -> None:
    with pytest.raises(AccessKeyUnknown, match=r"^The security token included in the request is invalid\.$"):
        verify(request_, find, signing_time(request_))


def test_another_keys_secret_does_not_do() -> None:
    other = replace(new_access_key("other", SIGNED_AT), key_id=KEY.key_id)
    with pytest.raises(SignatureInvalid, match=WRONG):
        verify(GOOD, lambda _: other, SIGNED_AT)


NAMES = "host;x-amz-date;x-amz-target"
PARTS = ("AWS4-HMAC-SHA256", "Credential=", KEY.key_id, STAMP[:8], "eu-west-1", "rekognition", "aws4_request")
MORE_PARTS = ("SignedHeaders=", NAMES, "Signature=", signature(GOOD), "\n", "\x00", "é", "..", "a" * 200)
PIECES = st.sampled_from((*PARTS, *MORE_PARTS, *" ,/=;"))
TEXTS = st.lists(PIECES, max_size=20).map("".join) | st.text()


@given(text=TEXTS)
def test_any_text_in_any_header_ends_in_an_access_error(text: str) -> None:
    for name in ("authorization", "x-amz-date", "host", "x-amz-content-sha256", "x-amz-security-token"):
        if text.strip() == dict(GOOD.headers).get(name):
            continue
        with pytest.raises(AccessError):
            verify(having(GOOD, name, text), known_key, SIGNED_AT)


@given(
    key_id=st.text("AZ09_-/", max_size=6),
    scope=st.lists(st.sampled_from((*PARTS, "", "..", "é")), max_size=5).map("/".join),
    names=st.lists(st.sampled_from((*NAMES.split(";"), "accept", "authorization", ""))).map(";".join),
    end=st.text("0123456789abcdefg", min_size=60, max_size=68),
)
def test_any_authorization_of_the_right_shape_ends_in_an_access_error(
    key_id: str, scope: str, names: str, end: str
) -> None:
    text = f"AWS4-HMAC-SHA256 Credential={key_id}/{scope}, SignedHeaders={names}, Signature={end}"
    for find in (known_key, lambda _: KEY):
        with pytest.raises(AccessError):
            verify(having(GOOD, "authorization", text), find, SIGNED_AT)


@given(names=st.lists(st.sampled_from((*NAMES.split(";"), "accept", "authorization", "")), unique=True))
def test_no_other_list_of_signed_headers_will_do(names: list[str]) -> None:
    if ";".join(names) == NAMES:
        return
    with pytest.raises(SignatureInvalid):
        verify(authorised(GOOD, NAMES, ";".join(names)), known_key, SIGNED_AT)
