"""Templates of a picture: as the pack makes them, for keys that may have them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from conformance import pictures
from rest.api import Api, in_base64

if TYPE_CHECKING:
    from serving import RunningServer


def templates(api: Api, image: object) -> dict[str, Any]:
    reply = api.post("/v1/templates", {"image": image})
    assert reply.status == 200, reply.body
    return dict(reply.json)


def test_a_faces_template_its_place_and_its_quality_are_told(api: Api, client: Any, collins: bytes) -> None:
    made = templates(api, {"bytes": in_base64(collins)})
    width, height = pictures.opened(collins).size
    assert (made["pack"], made["width_px"], made["height_px"]) == ("dlib-cc0", width, height)
    (face,) = made["faces"]
    assert len(face["template"]) == 128
    assert math.hypot(*face["template"]) == pytest.approx(1, abs=1e-5)
    detected = client.detect_faces(Image={"Bytes": collins}, Attributes=["DEFAULT"])["FaceDetails"][0]
    box = detected["BoundingBox"]
    assert face["box"]["left_px"] == pytest.approx(box["Left"] * width, abs=0.01)
    assert face["box"]["height_px"] == pytest.approx(box["Height"] * height, abs=0.01)
    assert face["confidence_percent"] == pytest.approx(detected["Confidence"], abs=0.01)
    assert face["quality"]["sharpness"] == pytest.approx(detected["Quality"]["Sharpness"], abs=0.01)
    assert face["pose"]["yaw_degrees"] == pytest.approx(detected["Pose"]["Yaw"], abs=0.01)
    nose = next(each for each in detected["Landmarks"] if each["Type"] == "nose")
    assert face["landmarks"]["nose"]["x_px"] == pytest.approx(nose["X"] * width, abs=0.01)


def test_templates_of_one_person_are_alike_and_of_two_are_not(
    api: Api, collins: bytes, hopper: bytes
) -> None:
    first, again, other = (
        np.array(templates(api, {"bytes": in_base64(picture)})["faces"][0]["template"])
        for picture in (collins, pictures.lighter(collins, 1.1), hopper)
    )
    assert first @ again > first @ other + 0.05


def test_a_picture_may_be_in_a_bucket(api: Api, governed: RunningServer, collins: bytes) -> None:
    (governed.data_dir / "pictures" / "collins.jpg").write_bytes(collins)
    in_bucket = templates(api, {"bucket": "pictures", "name": "collins.jpg"})
    assert in_bucket == templates(api, {"bytes": in_base64(collins)})


def test_a_picture_of_nobody_has_no_templates(api: Api) -> None:
    made = templates(api, {"bytes": in_base64(pictures.empty())})
    assert made["faces"] == []


def test_faces_come_largest_first(api: Api, collins: bytes, hopper: bytes) -> None:
    both = pictures.side_by_side((hopper, 300), (collins, 512))
    faces = templates(api, {"bytes": in_base64(both)})["faces"]
    assert len(faces) == 2
    assert faces[0]["box"]["height_px"] > faces[1]["box"]["height_px"]


@pytest.mark.parametrize(
    ("image", "status", "problem"),
    [
        ({"bytes": "not base64!"}, 400, "image-broken"),
        ({"bytes": "é"}, 400, "image-broken"),
        ({"bytes": in_base64(b"GIF")}, 400, "image-format-not-supported"),
        ({"bytes": ""}, 400, "image-format-not-supported"),
        ({"bytes": in_base64(pictures.empty()[:200])}, 400, "image-broken"),
        ({"bucket": "nowhere", "name": "a"}, 400, "object-not-readable"),
        ({"bucket": "pictures", "name": "../master.key"}, 400, "object-not-readable"),
        ({"bucket": "pictures", "name": "none.jpg"}, 400, "object-not-readable"),
        ({}, 422, "request-invalid"),
        ({"bytes": 1}, 422, "request-invalid"),
        ({"bytes": None}, 422, "request-invalid"),
        ({"bytes": "", "bucket": "a", "name": "b"}, 422, "request-invalid"),
        ({"bucket": "pictures"}, 422, "request-invalid"),
        ({"bucket": "pictures", "name": "a\0"}, 422, "request-invalid"),
        ({"bucket": "../", "name": "a"}, 422, "request-invalid"),
        ({"content": ""}, 422, "request-invalid"),
        ("", 422, "request-invalid"),
        (None, 422, "request-invalid"),
    ],
    ids=lambda value: ascii(value)[:60],
)
def test_what_is_no_picture_is_refused(api: Api, image: object, status: int, problem: str) -> None:
    refused = api.post("/v1/templates", {"image": image})
    assert (refused.status, refused.problem) == (status, problem)


def test_a_picture_of_too_many_pixels_is_refused(api: Api) -> None:
    huge = pictures.encoded(Image.new("L", (31_000, 3)), "PNG")
    refused = api.post("/v1/templates", {"image": {"bytes": in_base64(huge)}})
    assert (refused.status, refused.problem) == (413, "image-too-large")


def test_a_key_may_be_kept_from_templates(api: Api, collins: bytes) -> None:
    limited = api.with_key(operations=["detect_faces", "search_*"])
    refused = limited.post("/v1/templates", {"image": {"bytes": in_base64(collins)}})
    assert (refused.status, refused.problem) == (403, "not-permitted")


def test_a_key_of_some_purposes_gets_no_templates_which_have_none(api: Api, collins: bytes) -> None:
    limited = api.with_key(purposes=["access-control"])
    refused = limited.post("/v1/templates", {"image": {"bytes": in_base64(collins)}})
    assert (refused.status, refused.problem) == (403, "policy-forbids")


def test_neither_picture_nor_template_is_in_ledger_or_log(
    api: Api, governed: RunningServer, collins: bytes
) -> None:
    reply = api.post("/v1/templates", {"image": {"bytes": in_base64(collins)}})
    (entry,) = api.get(f"/v1/receipts/{reply.request_id}").json["entries"]
    assert entry["entry"]["faces"] == 1
    assert len(entry["entry"]["pictures"]) == 1
    number = str(reply.json["faces"][0]["template"][0])
    assert number not in str(entry)
    assert number not in governed.log()
    assert in_base64(collins)[:60] not in governed.log()
