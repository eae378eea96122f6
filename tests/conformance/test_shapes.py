"""The checker of responses finds what is wrong with a response, and nothing in one that is right."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.shapes import EXCUSED, violations
from countenance.doors.rekognition.service_model import service_model

FACE_ID = "0123abcd-0123-0123-0123-0123456789ab"


def problems(operation: str, response: object) -> list[str]:
    return violations(service_model().operation_model(operation).output_shape, response)


def test_a_response_as_amazon_documents_it_has_no_violations() -> None:
    box = {"Width": 0.5, "Height": 0.25, "Left": -0.1, "Top": 0}
    face = {"FaceId": FACE_ID, "BoundingBox": box, "ImageId": FACE_ID, "Confidence": 99.9}
    response = {
        "SearchedFaceId": FACE_ID,
        "FaceMatches": [{"Similarity": 99, "Face": face}],
        "FaceModelVersion": "7.0",
    }
    assert problems("SearchFaces", response) == []


@pytest.mark.parametrize(
    ("operation", "response", "words"),
    [
        ("DescribeCollection", [], "not an object"),
        ("DescribeCollection", {"Owner": "x"}, "has Owner"),
        ("DescribeCollection", {"FaceCount": "7"}, "not of the kind long"),
        ("DescribeCollection", {"FaceCount": 7.5}, "not of the kind long"),
        ("DescribeCollection", {"FaceCount": True}, "not of the kind long"),
        ("DescribeCollection", {"FaceCount": -1}, "less than 0"),
        ("DescribeCollection", {"CollectionARN": None}, "not a string"),
        ("DescribeCollection", {"CreationTimestamp": "2024-01-01"}, "not of the kind timestamp"),
        ("SearchFaces", {"SearchedFaceId": FACE_ID.upper()}, "not [0-9a-f]"),
        ("SearchFaces", {"FaceMatches": {}}, "not a list"),
        ("SearchFaces", {"FaceMatches": [{"Similarity": 100.1}]}, "more than 100"),
        ("SearchFaces", {"FaceMatches": [{"Similarity": float("nan")}]}, "not finite"),
        ("AssociateFaces", {"UserStatus": "BUSY"}, "none of"),
        ("AssociateFaces", {"AssociatedFaces": [{"FaceId": FACE_ID}] * 101}, "more than 100"),
        ("ListTagsForResource", {"Tags": {"team": 7}}, "not a string"),
        ("ListTagsForResource", {"Tags": {"aws:team": ""}}, "Tags key"),
        ("ListTagsForResource", {"Tags": []}, "not an object"),
        ("IndexFaces", {"FaceRecords": [{"FaceDetail": {"Smile": {"Value": 1}}}]}, "not true or false"),
    ],
)
def test_a_violation_is_named(operation: str, response: Any, words: str) -> None:
    (problem,) = problems(operation, response)
    assert words in problem


def test_what_is_excused_is_in_the_model_with_the_constraint_that_is_excused() -> None:
    for name, constraint in EXCUSED.items():
        assert constraint in service_model().shape_for(name).metadata
