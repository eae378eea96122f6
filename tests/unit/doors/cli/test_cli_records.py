"""JSON says everything that was measured, with units in its names."""

from __future__ import annotations

import json
from pathlib import Path

from made_faces import face_at

from countenance.doors.cli.detecting import NotSeen, Seen
from countenance.doors.cli.records import comparison_record, error_record, json_line, picture_record
from countenance.faces import RejectionReason, Similarity
from countenance.images import open_image
from countenance.operations.compare_faces import Comparison, Match
from countenance.operations.detect_faces import DetectedFaces, RejectedFace

FACE = face_at(10.123, 20, 50)


def test_a_picture_is_one_line_with_its_faces_and_those_set_aside() -> None:
    reasons = (RejectionReason.LOW_SHARPNESS, RejectionReason.EXTREME_POSE)
    faces = DetectedFaces([FACE], [RejectedFace(FACE, reasons)], 640, 480)
    line = json_line(picture_record(Seen(Path("a.jpg"), faces, None), "dlib-cc0"))
    assert "\n" not in line
    record = json.loads(line)
    assert (record["picture"], record["width_px"], record["height_px"]) == ("a.jpg", 640, 480)
    assert record["pack"] == "dlib-cc0"
    (face,), (rejected,) = record["faces"], record["rejected"]
    assert face["box"] == {"left_px": 10.12, "top_px": 20.0, "width_px": 50.0, "height_px": 50.0}
    assert face["confidence_percent"] == 99.96
    assert face["pose"] == {"pitch_degrees": 3.2, "roll_degrees": -1.5, "yaw_degrees": 12.0}
    assert list(face["landmarks"]) == ["eye_left", "eye_right", "nose", "mouth_left", "mouth_right"]
    assert face["landmarks"]["nose"] == {"x_px": 35.12, "y_px": 50.0}
    assert face["quality"]["sharpness"] == 45.5
    assert rejected == {**face, "reasons": ["LOW_SHARPNESS", "EXTREME_POSE"]}


def test_a_name_of_any_bytes_is_ascii_and_comes_back() -> None:
    path = Path("Zoë \u202e \udce9\n.jpg")
    line = json_line(error_record(NotSeen(path, "it is broken", "ImageBroken")))
    assert line.isascii()
    assert json.loads(line) == {"picture": str(path), "error": "it is broken", "error_kind": "ImageBroken"}


def test_a_comparison_has_a_similarity_and_a_false_match_rate_for_each_face(astronaut: Path) -> None:
    picture = open_image(astronaut)
    comparison = Comparison(FACE, [Match(FACE, Similarity(83.456, 1 / 1500))], picture, picture)
    record = json.loads(json_line(comparison_record(Path("a.jpg"), Path("b.jpg"), comparison, "dlib-cc0")))
    assert (record["source"], record["target"]) == ("a.jpg", "b.jpg")
    (match,) = record["matches"]
    assert match["similarity_percent"] == 83.46
    assert match["false_match_rate"] == 0.0006667
    assert match["face"] == record["source_face"]
