"""Faces and comparisons as JSON; docs/reference/command-line.md describes every field."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from countenance.doors.cli.detecting import NotSeen, Seen
    from countenance.faces import Box, Face, Point
    from countenance.operations.compare_faces import Comparison

Record = dict[str, object]


def json_line(record: Mapping[str, object]) -> str:
    """Return a record as one line of ASCII, whatever characters its file names have."""
    return json.dumps(record, allow_nan=False)


def picture_record(seen: Seen, pack: str) -> Record:
    """Return what was found in a picture."""
    return {
        "picture": str(seen.path),
        "width_px": seen.faces.width_px,
        "height_px": seen.faces.height_px,
        "pack": pack,
        "faces": [face_record(face) for face in seen.faces.faces],
        "rejected": [
            {**face_record(rejected.face), "reasons": [str(reason) for reason in rejected.reasons]}
            for rejected in seen.faces.rejected
        ],
    }


def error_record(not_seen: NotSeen) -> Record:
    """Return why nothing can be said of a picture."""
    return {"picture": str(not_seen.path), "error": not_seen.message, "error_kind": not_seen.kind}


def comparison_record(source: Path, target: Path, comparison: Comparison, pack: str) -> Record:
    """Return how similar the faces of one picture are to another's largest."""
    return {
        "source": str(source),
        "target": str(target),
        "pack": pack,
        "source_face": face_record(comparison.source),
        "matches": [
            {
                "similarity_percent": _rounded(match.similarity.percent),
                "false_match_rate": float(f"{match.similarity.false_match_rate:.4g}"),
                "face": face_record(match.face),
            }
            for match in comparison.matches
        ],
    }


def face_record(face: Face) -> Record:
    """Return what was measured of a face."""
    return {
        "box": box_record(face.box),
        "confidence_percent": _rounded(face.confidence),
        "landmarks": {name: _point_record(point) for name, point in _landmarks_of(face)},
        "pose": {name: _rounded(value) for name, value in asdict(face.pose).items()},
        "quality": {name: _rounded(value) for name, value in asdict(face.quality).items()},
    }


def _landmarks_of(face: Face) -> list[tuple[str, Point]]:
    names = ("eye_left", "eye_right", "nose", "mouth_left", "mouth_right")
    return list(zip(names, face.landmarks, strict=True))


def box_record(box: Box) -> Record:
    """Return a rectangle in pixels."""
    return {
        "left_px": _rounded(box.left),
        "top_px": _rounded(box.top),
        "width_px": _rounded(box.width),
        "height_px": _rounded(box.height),
    }


def _point_record(point: Point) -> Record:
    return {"x_px": _rounded(point.x), "y_px": _rounded(point.y)}


def _rounded(value: float) -> float:
    return round(float(value), 2)
