"""Checks a response's raw JSON, before any client parses it, against the output shape of Amazon's model.

Clients pass over what they do not know and check no pattern or range, so a wrong answer would not be seen
through them.
"""

from __future__ import annotations

import base64
import binascii
import math
from typing import TYPE_CHECKING

import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from botocore.model import Shape

# Constraints of the model that answers do not keep, by shape, each for a reason that the reference names.
EXCUSED = {
    "IndexFacesModelVersion": "pattern",  # digits and dots at Amazon; here the name of the pack
    "FaceIdList": "min",  # not empty in a request; DeletedFaces, which has the same shape, may be
}


def violations(shape: Shape, value: object, path: str = "response") -> list[str]:
    """Return how a JSON value breaks a shape; nothing where it keeps it."""
    return list(_violations(shape, value, path))


def _violations(shape: Shape, value: object, path: str) -> Iterator[str]:
    kind = shape.type_name
    if kind == "structure":
        yield from _in_structure(shape, value, path)
    elif kind == "list":
        yield from _in_list(shape, value, path)
    elif kind == "map":
        yield from _in_map(shape, value, path)
    elif kind in ("string", "blob"):
        yield from _in_text(shape, value, path)
    elif kind == "boolean":
        if not isinstance(value, bool):
            yield f"{path} is {value!r}, not true or false"
    else:
        yield from _in_number(shape, value, path)


def _in_structure(shape: Shape, value: object, path: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path} is {type(value).__name__}, not an object"
        return
    yield from (f"{path} lacks {name}" for name in shape.required_members if name not in value)
    for name, member in value.items():
        if name in shape.members:
            yield from _violations(shape.members[name], member, f"{path}.{name}")
        else:
            yield f"{path} has {name}, which {shape.name} does not"


def _in_list(shape: Shape, value: object, path: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{path} is {type(value).__name__}, not a list"
        return
    yield from _out_of_bounds(shape, len(value), path)
    for place, item in enumerate(value):
        yield from _violations(shape.member, item, f"{path}[{place}]")


def _in_map(shape: Shape, value: object, path: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path} is {type(value).__name__}, not an object"
        return
    yield from _out_of_bounds(shape, len(value), path)
    for key, item in value.items():
        yield from _violations(shape.key, key, f"{path} key")
        yield from _violations(shape.value, item, f"{path}.{key}")


def _in_text(shape: Shape, value: object, path: str) -> Iterator[str]:
    if not isinstance(value, str):
        yield f"{path} is {type(value).__name__}, not a string"
        return
    if shape.type_name == "blob":
        try:
            yield from _out_of_bounds(shape, len(base64.b64decode(value, validate=True)), path)
        except binascii.Error:
            yield f"{path} is not base64"
        return
    yield from _out_of_bounds(shape, len(value), path)
    allowed, pattern = shape.metadata.get("enum"), shape.metadata.get("pattern")
    if allowed and value not in allowed:
        yield f"{path} is {value!r}, none of {allowed}"
    if pattern and EXCUSED.get(shape.name) != "pattern" and not regex.fullmatch(pattern, value):
        yield f"{path} is {value!r}, not {pattern}"


def _in_number(shape: Shape, value: object, path: str) -> Iterator[str]:
    whole = shape.type_name in ("integer", "long")
    if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
        yield f"{path} is {value!r}, not of the kind {shape.type_name}"
    elif not math.isfinite(value):
        yield f"{path} is {value!r}, not finite"
    else:
        yield from _out_of_bounds(shape, value, path)


def _out_of_bounds(shape: Shape, size: float, path: str) -> Iterator[str]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and size < least and EXCUSED.get(shape.name) != "min":
        yield f"{path} is (or has) {size}, less than {least}"
    if most is not None and size > most:
        yield f"{path} is (or has) {size}, more than {most}"
