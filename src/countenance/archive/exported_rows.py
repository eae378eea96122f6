"""Rows of an export's files as values, each checked: the files may come from anybody."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from countenance.archive.exports import ExportedFace
from countenance.archive.texts import as_external_id, as_user_id
from countenance.archive.values import KeptRecord, PictureRecord
from countenance.errors import ManifestInvalid
from countenance.faces import RelativeBox

if TYPE_CHECKING:
    from collections.abc import Mapping

_UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MOST_PORTRAIT_BYTES = 1_048_576
_MOST_RECORD = 65_536
_JPEG = b"\xff\xd8\xff"
# Float32 templates of length 1 are that within rounding.
_LENGTH_TOLERANCE = 1e-3


def face_of(row: Mapping[str, Any], dimensions: int) -> ExportedFace:
    """Return a face; raises ManifestInvalid where a value is not allowed."""
    external_id, user_id = row.get("external_image_id"), row.get("user_id")
    return ExportedFace(
        face_id=_uuid(row, "face_id"),
        image_id=_uuid(row, "image_id"),
        external_image_id=as_external_id(_text(external_id)) if external_id is not None else None,
        user_id=as_user_id(_text(user_id)) if user_id is not None else None,
        source=_text(row.get("source")),
        box=RelativeBox(
            *(_number(row, f"box_{side}", -10, 10) for side in ("left", "top", "width", "height"))
        ),
        confidence=_number(row, "confidence", 0, 100),
        quality=_number(row, "quality", 0, 100),
        enrolled_at=_time(row, "enrolled_at"),
        last_interaction_at=_time(row, "last_interaction_at"),
        vector=_vector(row.get("template"), dimensions),
        portrait=_portrait(row.get("portrait")),
    )


def user_id_of(row: Mapping[str, Any]) -> str:
    """Return a user's id; raises ManifestInvalid."""
    return as_user_id(_text(row.get("user_id")))


def record_of(row: Mapping[str, Any]) -> KeptRecord:
    """Return what a picture came with; raises ManifestInvalid."""
    text = _text(row.get("record"))
    try:
        if len(text) > _MOST_RECORD:
            raise ManifestInvalid(f"a record has {len(text):,} characters; the limit is {_MOST_RECORD:,}")
        return KeptRecord(0, _uuid(row, "image_id"), PictureRecord.from_json(json.loads(text)))
    except (ValueError, RecursionError, AttributeError):
        raise ManifestInvalid("a record of a picture is not as exports have it") from None


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ManifestInvalid("a text is missing")
    return value


def _uuid(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    if not isinstance(value, str) or not _UUID.fullmatch(value):
        raise ManifestInvalid(f"{name} is no UUID")
    return value


def _number(row: Mapping[str, Any], name: str, least: float, most: float) -> float:
    value = row.get(name)
    if not isinstance(value, float) or not least <= value <= most:
        raise ManifestInvalid(f"{name} is no number from {least} to {most}")
    return value


def _time(row: Mapping[str, Any], name: str) -> datetime:
    value = row.get(name)
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise ManifestInvalid(f"{name} is no time")
    return value


def _vector(value: object, dimensions: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    try:
        vector = np.asarray(value, np.float32)
    except (TypeError, ValueError):
        raise ManifestInvalid("a template is missing") from None
    if vector.shape != (dimensions,) or not abs(float(np.linalg.norm(vector)) - 1) < _LENGTH_TOLERANCE:
        raise ManifestInvalid(f"a template is not {dimensions} numbers of length 1 together")
    return vector


def _portrait(value: object) -> bytes | None:
    if value is None:
        return None
    if not isinstance(value, bytes) or not value.startswith(_JPEG) or len(value) > _MOST_PORTRAIT_BYTES:
        raise ManifestInvalid("a portrait is no small JPEG")
    return value
