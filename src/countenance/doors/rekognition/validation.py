"""Checks JSON against a shape of Amazon's service model and turns it into Python values.

Clients check little before they send (botocore: required members and minimums), so all that the model says is
enforced here: types, required members, lengths, ranges, patterns, enumerations. Members that the model does
not know are passed over, as Amazon does, and so is null.
"""

from __future__ import annotations

import base64
import binascii
import functools
import json
import math
from typing import TYPE_CHECKING, Any

import regex

from countenance.doors.rekognition.faults import IMAGE_TOO_LARGE, Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape

_IMAGE_BYTES = "ImageBlob"
_SHOWN_CHARACTERS = 100


def parse_json(body: bytes) -> dict[str, Any]:
    """Read a request's body, a JSON object; an empty body is an empty object.

    Raises:
        Fault: SerializationException, it is something else.
    """
    try:
        document = json.loads(body or b"{}", parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise Fault("SerializationException", "The request's body is not JSON.") from None
    if not isinstance(document, dict):
        raise Fault("SerializationException", "The request's body must be a JSON object.")
    return document


def validated(shape: Shape, value: object) -> dict[str, Any]:
    """Return the value of an input shape, blobs decoded, members that are null or not in the model left out.

    Raises:
        Fault: SerializationException for a wrong type, ImageTooLargeException for an image's bytes over the
            limit, ValidationException for all other violations, which are counted and named in one message.
    """
    problems: list[str] = []
    converted: dict[str, Any] = _convert(shape, value, "", problems)
    if problems:
        noun = "error" if len(problems) == 1 else "errors"
        raise Fault(
            "ValidationException", f"{len(problems)} validation {noun} detected: {'; '.join(problems)}"
        )
    return converted


def _convert(shape: Shape, value: object, path: str, problems: list[str]) -> Any:
    return _CONVERTERS[shape.type_name](shape, value, path, problems)


def _structure(shape: StructureShape, value: object, path: str, problems: list[str]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _wrong_type(path, "an object")
    converted = {}
    for name, member in shape.members.items():
        where = f"{path}.{_camel(name)}" if path else _camel(name)
        if value.get(name) is not None:
            converted[name] = _convert(member, value[name], where, problems)
        elif name in shape.required_members:
            problems.append(f"Value null at '{where}' failed to satisfy constraint: Member must not be null")
    return converted


def _list(shape: ListShape, value: object, path: str, problems: list[str]) -> list[Any]:
    if not isinstance(value, list):
        raise _wrong_type(path, "a list")
    problems.extend(_length_problems(shape, value, len(value), path))
    if problems:
        return []
    return [
        _convert(shape.member, item, f"{path}.{place + 1}.member", problems)
        for place, item in enumerate(value)
    ]


def _map(shape: MapShape, value: object, path: str, problems: list[str]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _wrong_type(path, "an object")
    problems.extend(_length_problems(shape, value, len(value), path))
    return {
        _convert(shape.key, key, path, problems): _convert(shape.value, item, f"{path}.{key}", problems)
        for key, item in value.items()
    }


def _string(shape: StringShape, value: object, path: str, problems: list[str]) -> str:
    if not isinstance(value, str):
        raise _wrong_type(path, "a string")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise Fault(
            "SerializationException", f"'{path}' holds a surrogate that stands for no character."
        ) from None
    problems.extend(_length_problems(shape, value, len(value), path))
    pattern = shape.metadata.get("pattern")
    if pattern and not _compiled(pattern).fullmatch(value, timeout=1):
        problems.append(_problem(value, path, f"Member must satisfy regular expression pattern: {pattern}"))
    allowed = shape.metadata.get("enum")
    if allowed and value not in allowed:
        problems.append(_problem(value, path, f"Member must satisfy enum value set: [{', '.join(allowed)}]"))
    return value


def _integer(shape: Shape, value: object, path: str, problems: list[str]) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise _wrong_type(path, "an integer")
    if abs(value) > 2**31:
        raise Fault("SerializationException", f"'{path}' is too large for an integer.")
    problems.extend(_range_problems(shape, value, path))
    return value


def _float(shape: Shape, value: object, path: str, problems: list[str]) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise _wrong_type(path, "a number")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise Fault("SerializationException", f"'{path}' is too large for a number.")
    problems.extend(_range_problems(shape, number, path))
    return number


def _boolean(shape: Shape, value: object, path: str, problems: list[str]) -> bool:  # noqa: ARG001
    if not isinstance(value, bool):
        raise _wrong_type(path, "true or false")
    return value


def _blob(shape: Shape, value: object, path: str, problems: list[str]) -> bytes:
    if not isinstance(value, str):
        raise _wrong_type(path, "a string of base64")
    try:
        content = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise Fault("SerializationException", f"'{path}' is not base64.") from None
    most = shape.metadata.get("max")
    if shape.name == _IMAGE_BYTES and most is not None and len(content) > most:
        raise Fault(
            "ImageTooLargeException", f"{IMAGE_TOO_LARGE} ({len(content):,} bytes; the limit is {most:,})"
        )
    problems.extend(_length_problems(shape, "a blob", len(content), path))
    return content


_CONVERTERS: dict[str, Callable[[Any, object, str, list[str]], Any]] = {
    "structure": _structure,
    "list": _list,
    "map": _map,
    "string": _string,
    "integer": _integer,
    "long": _integer,
    "float": _float,
    "double": _float,
    "boolean": _boolean,
    "blob": _blob,
}


def _length_problems(shape: Shape, value: object, length: int, path: str) -> Iterator[str]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and length < least:
        yield _problem(value, path, f"Member must have length greater than or equal to {least}")
    if most is not None and length > most:
        yield _problem(value, path, f"Member must have length less than or equal to {most}")


def _range_problems(shape: Shape, value: float, path: str) -> Iterator[str]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and value < least:
        yield _problem(value, path, f"Member must have value greater than or equal to {least}")
    if most is not None and value > most:
        yield _problem(value, path, f"Member must have value less than or equal to {most}")


def _problem(value: object, path: str, constraint: str) -> str:
    shown = str(value)
    if len(shown) > _SHOWN_CHARACTERS:
        shown = f"{shown[:_SHOWN_CHARACTERS]}…"
    return f"Value '{shown}' at '{path}' failed to satisfy constraint: {constraint}"


def _wrong_type(path: str, wanted: str) -> Fault:
    return Fault("SerializationException", f"'{path or 'request'}' must be {wanted}.")


def _camel(name: str) -> str:
    return name[0].lower() + name[1:]


@functools.cache
def _compiled(pattern: str) -> regex.Pattern[str]:
    return regex.compile(pattern)  # patterns such as that of tag keys need Unicode classes, \p{L}


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")
