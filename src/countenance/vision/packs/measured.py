"""What an evaluation measured of a pack, kept beside its description, as Markdown tables.

``countenance evaluate … --card FILE`` writes such a file: the sections of its report that a model card shows.
"""

from __future__ import annotations

import functools
import importlib.resources
import json
from typing import TYPE_CHECKING, Any

from countenance.reporting import Estimate, rounded

if TYPE_CHECKING:
    from collections.abc import Mapping

_MEASURED = importlib.resources.files("countenance.vision.packs") / "measured"
_HIDDEN_COLUMNS = frozenset({"score", "fnmr_with_failures", "samples"})


@functools.cache
def measured_report(pack: str) -> Mapping[str, Any] | None:
    """Return the report of what was measured of a pack of the catalogue; None where nothing is kept."""
    file = _MEASURED / f"{pack}.json"
    if not file.is_file():
        return None
    report: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return report


def measured_sections(pack: str) -> str:
    """Return what was measured of a pack of the catalogue; an empty text where nothing is kept."""
    report = measured_report(pack)
    if report is None:
        return ""
    parts = ["## Measured error", f"{report['introduction']} Made with:", f"    {report['command']}"]
    for section in report["sections"]:
        parts += [f"### {section['heading']}", section["text"], *_facts(section), _table(section["table"])]
    return "\n\n".join(part for part in parts if part)


def _facts(section: dict[str, Any]) -> list[str]:
    labels = section["labels"]
    known = {key: value for key, value in section["facts"].items() if value not in (None, [])}
    return ["\n".join(f"- {labels[key]}: {_shown(value)}" for key, value in known.items())] if known else []


def _table(table: dict[str, Any] | None) -> str:
    if table is None:
        return ""
    if not table["rows"]:
        return str(table["empty"])
    filled = {key for row in table["rows"] for key, value in row.items() if value is not None}
    keys = [key for key in table["columns"] if key in filled and key not in _HIDDEN_COLUMNS]
    lines = [
        [table["columns"][key] for key in keys],
        ["---"] * len(keys),
        *([_shown(row[key]) for key in keys] for row in table["rows"]),
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _shown(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float():
            return rounded(value)
        case int():
            return f"{value:,}"
        case dict():
            return str(Estimate(**value))
        case list():
            return ", ".join(map(_shown, value))
    return str(value)
