"""Whatever a path, a query or a header is made of, botocore and we agree on what was signed."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signed_requests import KEY, having, known_key, signed, signing_time

from countenance.access import SignedRequest, verify
from countenance.errors import SignatureInvalid

TEXTS = st.text(max_size=10)
# Any character, percent-encoded where it must be; segments of dots only are a matter of their own.
WORDS = st.text(min_size=1, max_size=8).filter(lambda text: set(text) != {"."})
SEGMENTS = WORDS.map(lambda text: quote(text, ""))
PATHS = st.lists(SEGMENTS, max_size=4).map(lambda segments: "/" + "/".join(segments))
OTHER_PATHS = ("/", "/a/", "/a%20b", "/a%2Fb", "/a%2fb", "/%25", "/~-_.", "/!$&'()*+,;=:@")
# What may stand in a header; spaces anywhere.
VALUES = st.text(st.sampled_from("  aZ09,;=\"'%/é~ÿ"), max_size=20)


def accepted(request: SignedRequest) -> bool:
    return verify(request, known_key, signing_time(request)).key is KEY


@given(path=PATHS)
def test_an_encoded_path_is_signed_as_it_is_sent(path: str) -> None:
    assert accepted(signed(path))


@pytest.mark.parametrize("path", OTHER_PATHS)
def test_a_path_is_signed_whatever_it_means(path: str) -> None:
    assert accepted(signed(path))


@given(parameters=st.dictionaries(TEXTS, TEXTS, max_size=4))
def test_the_parameters_of_a_query_are_signed_in_any_order(parameters: dict[str, str]) -> None:
    request = signed(parameters=parameters)
    assert accepted(request)
    assert accepted(replace(request, query="&".join(reversed(request.query.split("&")))))


@pytest.mark.parametrize(
    "parameters",
    [
        {"a": "b c"},
        {"a": "b+c"},
        {"a": "1", "A": "2", "a-b": "3", "a b": "4"},
        {"a": "="},
        {"a=b": "c"},
        {"a&b": "&"},
        {"é": "€", "%": "%2F"},
        {"a": ""},
    ],
)
def test_a_query_is_signed_whatever_it_is_made_of(parameters: dict[str, str]) -> None:
    assert accepted(signed(parameters=parameters))


@given(parameters=st.dictionaries(TEXTS, TEXTS, max_size=3), others=st.dictionaries(TEXTS, TEXTS, max_size=3))
def test_a_signature_is_for_its_query_only(parameters: dict[str, str], others: dict[str, str]) -> None:
    request, other = signed(parameters=parameters), signed(parameters=others)
    altered = replace(request, query=other.query)
    if parameters == others:
        assert accepted(altered)
        return
    with pytest.raises(SignatureInvalid):
        accepted(altered)


@given(path=PATHS, other=PATHS)
def test_a_signature_is_for_its_path_only(path: str, other: str) -> None:
    altered = replace(signed(path), path=other)
    if path == other:
        assert accepted(altered)
        return
    with pytest.raises(SignatureInvalid):
        accepted(altered)


@given(value=VALUES)
def test_spaces_in_a_header_do_not_matter_and_all_else_does(value: str) -> None:
    request = signed(headers={"X-Amz-Note": value})
    folded = " ".join(value.split())
    for same in (value, folded, f"  {folded} ", folded.replace(" ", "   ")):
        assert accepted(having(request, "x-amz-note", same))
    with pytest.raises(SignatureInvalid):
        accepted(having(request, "x-amz-note", folded + "!"))


def test_a_header_that_came_twice_is_signed_as_one() -> None:
    request = signed(headers={"X-Amz-Note": "a,b"})
    others = [each for each in request.headers if each[0] != "x-amz-note"]
    assert accepted(replace(request, headers=[*others, ("x-amz-note", "a"), ("x-amz-note", " b ")]))
    with pytest.raises(SignatureInvalid):
        accepted(replace(request, headers=[*others, ("x-amz-note", "b"), ("x-amz-note", "a")]))


def test_the_case_of_a_headers_name_does_not_matter() -> None:
    request = signed(headers={"X-Amz-Note": "a"})
    shouted = replace(request, headers=[(name.upper(), value) for name, value in request.headers])
    assert verify(shouted, known_key, signing_time(request)).key is KEY


@given(
    body=st.binary(max_size=300),
    path=PATHS,
    parameters=st.dictionaries(TEXTS, TEXTS, max_size=2),
    value=VALUES,
)
def test_all_of_a_request_together_is_the_keys(
    body: bytes, path: str, parameters: dict[str, str], value: str
) -> None:
    headers = {"X-Amz-Target": "RekognitionService.ListFaces", "X-Amz-Note": value}
    assert accepted(signed(path, parameters, headers, body))


@pytest.mark.parametrize("path", ["//", "/a//b", "/a/./b", "/a/../b"])
def test_a_path_with_detours_is_refused_though_botocore_signs_where_it_leads(path: str) -> None:
    with pytest.raises(SignatureInvalid):
        accepted(signed(path))


def test_a_header_with_a_tab_is_refused_though_botocore_signs_it_as_a_space() -> None:
    with pytest.raises(SignatureInvalid):
        accepted(signed(headers={"X-Amz-Note": "a\tb"}))


def test_a_query_of_other_bytes_is_another_query() -> None:
    request = signed(parameters={"a": "\ufffd"})
    with pytest.raises(SignatureInvalid):
        accepted(replace(request, query="a=%FF"))
