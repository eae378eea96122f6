"""A report as bytes from which it can be made again, with its figures, unlike from the JSON for clients."""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from typing import Any

from countenance.errors import ReportBroken, ReportTooLarge
from countenance.reporting import (
    Column,
    Estimate,
    Fact,
    Figure,
    Numbers,
    Picture,
    Report,
    Section,
    Table,
    ToBeFilledIn,
)

MOST_BYTES = 16 * 1024**2
"""A report that takes more, unpacked, is not kept: whoever reads it holds it in memory."""

_VERSION = 1
_VALUES = {
    kind.__name__: kind
    for kind in (Column, Estimate, Fact, Figure, Numbers, Picture, Report, Section, Table, ToBeFilledIn)
}


def packed_report(report: Report) -> bytes:
    """Return a report as bytes.

    Raises:
        ReportTooLarge: it is larger than what is kept.
    """
    content = json.dumps([_VERSION, _node(report)], separators=(",", ":"), allow_nan=False).encode()
    if len(content) > MOST_BYTES:
        raise ReportTooLarge(
            f"the report takes {len(content):,} bytes; the limit is {MOST_BYTES:,}: measure less at a time"
        )
    return zlib.compress(content)


def unpacked_report(content: bytes) -> Report:
    """Return the report that was packed.

    Raises:
        ReportBroken: this is none, or a newer version of this program packed it.
    """
    try:
        opener = zlib.decompressobj()
        text = opener.decompress(content, MOST_BYTES)
        version, node = json.loads(text)
        report = _value(node) if version == _VERSION else None
    except (ValueError, TypeError, KeyError, RecursionError, zlib.error):
        report = None
    if not isinstance(report, Report):
        raise ReportBroken("a kept report cannot be read: it is damaged, or a newer version kept it")
    return report


def _node(value: Any) -> Any:
    if is_dataclass(value):
        node = {field.name: _node(getattr(value, field.name)) for field in fields(value)}
        return {"type": type(value).__name__, **node}
    match value:
        case tuple():
            return [_node(each) for each in value]
        case bytes():
            return {"type": "bytes", "base64": base64.b64encode(value).decode()}
        case datetime():
            return {"type": "time", "iso": value.isoformat()}
        case timedelta():
            return {"type": "span", "days": value.days, "seconds": value.seconds, "us": value.microseconds}
    return value


def _value(node: Any) -> Any:
    if isinstance(node, list):
        return tuple(_value(each) for each in node)
    if not isinstance(node, dict):
        return node
    match node["type"]:
        case "bytes":
            return base64.b64decode(node["base64"])
        case "time":
            return datetime.fromisoformat(node["iso"])
        case "span":
            return timedelta(node["days"], node["seconds"], node["us"])
    return _VALUES[node["type"]](**{name: _value(each) for name, each in node.items() if name != "type"})
