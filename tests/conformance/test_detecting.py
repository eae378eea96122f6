"""DetectFaces and CompareFaces, through boto3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance import pictures

if TYPE_CHECKING:
    from pathlib import Path

DEFAULT = {"BoundingBox", "Confidence", "Landmarks", "Pose", "Quality"}


def test_a_face_is_told_with_the_default_attributes(client: Any, collins: bytes) -> None:
    (face,) = client.detect_faces(Image={"Bytes": collins})["FaceDetails"]
    assert set(face) == DEFAULT
    assert face["Confidence"] > 99
    box = face["BoundingBox"]
    assert box == pytest.approx({"Left": 0.31, "Top": 0.21, "Width": 0.31, "Height": 0.37}, abs=0.06)
    assert set(face["Pose"]) == {"Roll", "Yaw", "Pitch"}
    assert set(face["Quality"]) == {"Brightness", "Sharpness"}


def test_left_and_right_of_the_landmarks_are_the_viewers(client: Any, collins: bytes) -> None:
    (face,) = client.detect_faces(Image={"Bytes": collins})["FaceDetails"]
    points = {landmark["Type"]: landmark for landmark in face["Landmarks"]}
    assert set(points) == {"eyeLeft", "eyeRight", "nose", "mouthLeft", "mouthRight"}
    assert points["eyeLeft"]["X"] < points["nose"]["X"] < points["eyeRight"]["X"]
    assert points["mouthLeft"]["X"] < points["mouthRight"]["X"]
    assert points["eyeLeft"]["Y"] < points["nose"]["Y"] < points["mouthLeft"]["Y"]


def test_attributes_that_are_not_measured_are_absent_not_invented(client: Any, collins: bytes) -> None:
    (face,) = client.detect_faces(Image={"Bytes": collins}, Attributes=["ALL"])["FaceDetails"]
    assert set(face) == DEFAULT
    asked = ["DEFAULT", "AGE_RANGE", "SMILE", "FACE_OCCLUDED"]
    (face,) = client.detect_faces(Image={"Bytes": collins}, Attributes=asked)["FaceDetails"]
    assert set(face) == DEFAULT


def test_faces_are_told_largest_first(client: Any, both: bytes) -> None:
    faces = client.detect_faces(Image={"Bytes": both})["FaceDetails"]
    areas = [face["BoundingBox"]["Width"] * face["BoundingBox"]["Height"] for face in faces]
    assert len(areas) == 2
    assert areas == sorted(areas, reverse=True)


def test_of_more_than_a_hundred_faces_the_hundred_largest_are_told(client: Any, collins: bytes) -> None:
    face = pictures.jpeg(pictures.opened(collins).crop((40, 20, 240, 260)))
    crowd = pictures.tiled(face, columns=12, rows=9, height_px=110)
    assert len(client.detect_faces(Image={"Bytes": crowd})["FaceDetails"]) == 100


def test_a_picture_of_nobody_has_no_faces(client: Any) -> None:
    assert client.detect_faces(Image={"Bytes": pictures.empty()})["FaceDetails"] == []


@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_boxes_are_of_the_upright_picture_however_its_pixels_are_stored(
    client: Any, collins: bytes, orientation: int
) -> None:
    upright = client.detect_faces(Image={"Bytes": collins})
    turned = client.detect_faces(Image={"Bytes": pictures.turned(collins, orientation)})
    assert "OrientationCorrection" not in turned
    box, expected = (found["FaceDetails"][0]["BoundingBox"] for found in (turned, upright))
    assert box == pytest.approx(expected, abs=0.03)


def test_png_and_jpeg_of_eighty_pixels_and_of_five_megabytes_are_read(client: Any, collins: bytes) -> None:
    small = pictures.opened(collins).resize((80, 80))
    for kind in ("PNG", "JPEG"):
        client.detect_faces(Image={"Bytes": pictures.encoded(small, kind)})
    padded = collins + bytes(5_242_880 - len(collins))
    assert len(client.detect_faces(Image={"Bytes": padded})["FaceDetails"]) == 1


def test_the_same_person_matches_and_another_does_not(client: Any, collins: bytes, both: bytes) -> None:
    compared = client.compare_faces(SourceImage={"Bytes": collins}, TargetImage={"Bytes": both})
    (match,) = compared["FaceMatches"]
    (other,) = compared["UnmatchedFaces"]
    assert match["Similarity"] > 99
    assert "Similarity" not in other
    assert set(match["Face"]) == set(other) == DEFAULT
    source = client.detect_faces(Image={"Bytes": collins})["FaceDetails"][0]
    assert compared["SourceImageFace"] == {
        "BoundingBox": pytest.approx(source["BoundingBox"]),
        "Confidence": pytest.approx(source["Confidence"]),
    }
    assert "SourceImageOrientationCorrection" not in compared


def test_the_largest_face_of_the_source_is_compared(
    client: Any, both: bytes, collins: bytes, hopper: bytes
) -> None:
    images = {"SourceImage": {"Bytes": both}}
    assert client.compare_faces(TargetImage={"Bytes": collins}, **images)["FaceMatches"]
    assert not client.compare_faces(TargetImage={"Bytes": hopper}, **images)["FaceMatches"]


def test_the_threshold_parts_matches_from_the_others_and_matches_come_best_first(
    client: Any, collins: bytes, both: bytes
) -> None:
    images = {"SourceImage": {"Bytes": collins}, "TargetImage": {"Bytes": both}}
    everybody = client.compare_faces(SimilarityThreshold=0, **images)
    similarities = [match["Similarity"] for match in everybody["FaceMatches"]]
    assert len(similarities) == 2
    assert similarities == sorted(similarities, reverse=True)
    assert everybody["UnmatchedFaces"] == []
    between = sum(similarities) / 2
    assert len(client.compare_faces(SimilarityThreshold=between, **images)["FaceMatches"]) == 1
    default = client.compare_faces(**images)
    assert default == client.compare_faces(SimilarityThreshold=80, **images) | metadata(default)
    assert default == client.compare_faces(QualityFilter="NONE", **images) | metadata(default)


def test_the_quality_filter_leaves_out_unfit_faces_of_both_pictures(client: Any, collins: bytes) -> None:
    dark = pictures.darkened(collins)
    images = {"SourceImage": {"Bytes": collins}, "TargetImage": {"Bytes": dark}}
    assert len(client.compare_faces(QualityFilter="NONE", **images)["FaceMatches"]) == 1
    with pytest.raises(client.exceptions.InvalidParameterException):
        client.compare_faces(QualityFilter="HIGH", **images)


def test_a_picture_gives_the_same_answer_from_bytes_and_from_a_bucket(
    client: Any, buckets: Path, collins: bytes
) -> None:
    (buckets / "people").mkdir(exist_ok=True)
    (buckets / "people" / "collins (1).jpg").write_bytes(collins)
    stored = {"S3Object": {"Bucket": "pictures", "Name": "people/collins (1).jpg"}}
    from_bucket = client.detect_faces(Image=stored)
    assert from_bucket == client.detect_faces(Image={"Bytes": collins}) | metadata(from_bucket)


def test_an_object_may_be_larger_than_bytes_may(client: Any, buckets: Path, collins: bytes) -> None:
    (buckets / "large.jpg").write_bytes(collins + bytes(15_728_640 - len(collins)))
    found = client.detect_faces(Image={"S3Object": {"Bucket": "pictures", "Name": "large.jpg"}})
    assert len(found["FaceDetails"]) == 1


def metadata(response: dict[str, Any]) -> dict[str, Any]:
    """Return what differs from response to response."""
    return {"ResponseMetadata": response["ResponseMetadata"]}
