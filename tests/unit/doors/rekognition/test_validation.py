"""What a request's JSON must be, read from Amazon's own model."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.doors.rekognition.actions import ACTIONS
from countenance.doors.rekognition.faults import Fault
from countenance.doors.rekognition.service_model import service_model
from countenance.doors.rekognition.validation import parse_json, validated

if TYPE_CHECKING:
    from collections.abc import Callable

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
FACE_ID = "0123abcd-0123-0123-0123-0123456789ab"


def check(operation: str, **members: Any) -> dict[str, Any]:
    return validated(service_model().operation_model(operation).input_shape, members)


def fault_of(operation: str, **members: Any) -> Fault:
    with pytest.raises(Fault) as caught:
        check(operation, **members)
    return caught.value


def test_every_served_operation_is_one_of_amazons() -> None:
    assert set(ACTIONS) <= set(service_model().operation_names)


def test_parameters_that_keep_the_model_pass_unchanged() -> None:
    asked = {"CollectionId": "staff", "MaxResults": 4096, "FaceIds": [FACE_ID]}
    assert check("ListFaces", **asked) == asked


def test_an_images_base64_becomes_bytes() -> None:
    encoded = base64.b64encode(b"picture").decode()
    assert check("DetectFaces", Image={"Bytes": encoded}) == {"Image": {"Bytes": b"picture"}}


def test_null_and_members_that_amazon_does_not_know_are_passed_over() -> None:
    assert check("ListFaces", CollectionId="staff", MaxResults=None, Colour="red") == {
        "CollectionId": "staff"
    }


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({}, "Value null at 'collectionId' failed to satisfy constraint: Member must not be null"),
        ({"CollectionId": ""}, "length greater than or equal to 1"),
        ({"CollectionId": "a" * 256}, "length less than or equal to 255"),
        ({"CollectionId": "a b"}, "regular expression pattern"),
        ({"CollectionId": "staff\n"}, "regular expression pattern"),
        ({"CollectionId": "staff", "MaxResults": -1}, "value greater than or equal to 0"),
        ({"CollectionId": "staff", "MaxResults": 4097}, "value less than or equal to 4096"),
        ({"CollectionId": "staff", "FaceIds": []}, "length greater than or equal to 1"),
        ({"CollectionId": "staff", "FaceIds": [FACE_ID.upper()]}, "at 'faceIds.1.member'"),
        ({"CollectionId": "staff", "NextToken": "t" * 256}, "length less than or equal to 255"),
    ],
)
def test_a_broken_constraint_is_named_as_amazon_names_it(members: dict[str, Any], words: str) -> None:
    fault = fault_of("ListFaces", **members)
    assert (fault.code, fault.status) == ("ValidationException", 400)
    assert words in fault.message


def test_every_broken_constraint_is_named_in_one_message() -> None:
    fault = fault_of("SearchFaces", CollectionId="a b", FaceId="x", MaxFaces=0)
    assert fault.message.startswith("3 validation errors detected: ")


@pytest.mark.parametrize("quality", ["auto", "BEST", ""])
def test_a_word_outside_an_enumeration_is_refused(quality: str) -> None:
    fault = fault_of("IndexFaces", CollectionId="staff", Image={}, QualityFilter=quality)
    assert "enum value set: [NONE, AUTO, LOW, MEDIUM, HIGH]" in fault.message


@pytest.mark.parametrize(
    ("members"),
    [
        {"CollectionId": 7},
        {"CollectionId": "staff", "MaxResults": "7"},
        {"CollectionId": "staff", "MaxResults": 7.5},
        {"CollectionId": "staff", "MaxResults": True},
        {"CollectionId": "staff", "MaxResults": 10**30},
        {"CollectionId": "staff", "FaceIds": FACE_ID},
        {"CollectionId": "staff", "FaceIds": {"0": FACE_ID}},
        {"CollectionId": "staff", "FaceIds": [None]},
        {"CollectionId": "\ud800"},
    ],
)
def test_a_wrong_type_is_no_amazon_json(members: dict[str, Any]) -> None:
    assert fault_of("ListFaces", **members).code == "SerializationException"


@pytest.mark.parametrize("threshold", [10**400, "80", False, []])
def test_a_number_must_be_a_finite_number(threshold: object) -> None:
    fault = fault_of("SearchFaces", CollectionId="staff", FaceId=FACE_ID, FaceMatchThreshold=threshold)
    assert fault.code == "SerializationException"


@pytest.mark.parametrize("blob", ["not base64!", "YQ", "YQ=", "ÿÿÿÿ", "YQ==\n", 7])
def test_what_is_no_base64_is_refused(blob: object) -> None:
    assert fault_of("DetectFaces", Image={"Bytes": blob}).code == "SerializationException"


def test_an_image_of_one_byte_more_than_5_mb_is_too_large() -> None:
    encoded = base64.b64encode(bytes(5_242_881)).decode()
    fault = fault_of("DetectFaces", Image={"Bytes": encoded})
    assert fault.code == "ImageTooLargeException"
    assert fault.message.startswith("Image size is too large.")


def test_a_tag_key_may_have_letters_of_any_script_but_not_amazons_prefix() -> None:
    arn = "arn:aws:rekognition:eu-west-1:000000000000:collection/staff"
    assert check("UntagResource", ResourceArn=arn, TagKeys=["Zweck é 目的"])
    assert fault_of("UntagResource", ResourceArn=arn, TagKeys=["aws:x"]).code == "ValidationException"


@pytest.mark.parametrize("body", [b"{", b"[]", b'"x"', b"nul", b"\xff\xfe", b'{"a": NaN}', b"[" * 100_000])
def test_a_body_that_is_no_json_object_is_refused(body: bytes) -> None:
    with pytest.raises(Fault) as caught:
        parse_json(body)
    assert caught.value.code == "SerializationException"


def code_of(call: Callable[[], object]) -> str | None:
    """Return the code of the fault that a call ends in, if it does."""
    try:
        call()
    except Fault as fault:
        return fault.code
    return None


def test_an_empty_body_is_an_empty_object() -> None:
    assert parse_json(b"") == {}


@given(body=st.binary(max_size=200))
def test_no_bytes_do_worse_than_a_serialization_exception(body: bytes) -> None:
    assert code_of(lambda: parse_json(body)) in {None, "SerializationException"}


@given(operation=st.sampled_from(sorted(ACTIONS)), data=st.data())
def test_no_json_does_worse_than_a_named_fault(operation: str, data: st.DataObject) -> None:
    members = list(service_model().operation_model(operation).input_shape.members)
    keys = st.sampled_from(members) if members else st.text()
    document = data.draw(st.dictionaries(keys, JSON))
    shape = service_model().operation_model(operation).input_shape
    code = code_of(lambda: validated(shape, json.loads(json.dumps(document))))
    assert code in {None, "ValidationException", "SerializationException"}
