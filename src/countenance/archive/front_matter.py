"""The YAML front matter of a text, from somebody who may mean harm.

Only plain values are made, of bounded size and depth. Aliases are refused: a few lines of them can stand for
billions of values.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import yaml

from countenance.errors import ManifestInvalid

if TYPE_CHECKING:
    from pathlib import Path

MOST_BYTES: Final = 262_144
_MOST_DEPTH = 16
_MOST_VALUES = 20_000
_BASE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same, some ten times faster
_NULL = "tag:yaml.org,2002:null"
_END = re.compile(rb"^(?:---|\.\.\.)[ \t]*\r?$", re.MULTILINE)
_BEGIN = re.compile(rb"\A(?:\xef\xbb\xbf)?---[ \t]*\r?\n")


class _TextLoader(_BASE):  # type: ignore[misc]
    """Makes mappings, lists, texts and nothing: what looks like a date or a number stays as it is written."""


_TextLoader.yaml_implicit_resolvers = {
    first: [resolver for resolver in resolvers if resolver[0] == _NULL]
    for first, resolvers in _BASE.yaml_implicit_resolvers.items()
}


def read_front_matter(path: Path) -> dict[str, Any] | None:
    """Return the front matter of a text file; None where it does not begin with any.

    Raises:
        ManifestInvalid: it cannot be read, is too large, is no YAML, or no mapping.
    """
    if not path.is_file():  # a named pipe would be waited for
        raise ManifestInvalid("it is no regular file")
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 8)
    except OSError as error:
        raise ManifestInvalid(f"it cannot be read: {error.strerror}") from None
    begin = _BEGIN.match(content)
    if begin is None:
        return None
    end = _END.search(content, begin.end())
    if end is None:
        if len(content) > MOST_BYTES:
            raise ManifestInvalid(f"its front matter does not end within {MOST_BYTES:,} bytes")
        raise ManifestInvalid("its front matter has no end; close it with a line of ---")
    return parse_front_matter(content[begin.end() : end.start()])


def parse_front_matter(content: bytes) -> dict[str, Any]:
    """Return the mapping that YAML holds; its values are mappings, lists, texts and None.

    Raises:
        ManifestInvalid: it is no YAML, no mapping, too deep, or has aliases.
    """
    try:
        text = content.decode("utf-8")
        _check(text)
        found = yaml.load(text, Loader=_TextLoader)  # noqa: S506 - the safe loader with fewer kinds of value
    except UnicodeDecodeError:
        raise ManifestInvalid("its front matter is not UTF-8") from None
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark is not None else ""
        what = getattr(error, "problem", None) or "it cannot be read"
        raise ManifestInvalid(f"its front matter is no YAML: {what}{where}") from None
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise ManifestInvalid("its front matter is no mapping of names to values")
    return found


def _check(text: str) -> None:
    """Refuse what is too much before anything is made of it."""
    depth = values = 0
    for event in yaml.parse(text, Loader=_BASE):
        if isinstance(event, yaml.AliasEvent):
            raise ManifestInvalid("its front matter has an alias (*name), which is not read")
        if isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            depth += 1
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            depth -= 1
        values += isinstance(event, yaml.NodeEvent)
        if depth > _MOST_DEPTH:
            raise ManifestInvalid(f"its front matter is nested deeper than {_MOST_DEPTH} levels")
        if values > _MOST_VALUES:
            raise ManifestInvalid(f"its front matter has more than {_MOST_VALUES:,} values")
