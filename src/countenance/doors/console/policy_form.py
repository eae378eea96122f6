"""From a form to the tags that declare a policy, and back to what the form shows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from countenance.doors.console.marking import N_
from countenance.doors.console.policy_words import LINES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from countenance.doors.console.forms import Form
    from countenance.doors.console.policy_words import LineWords
    from countenance.governance import Line

PREFIX = "countenance:"

_WORD = re.compile("[a-z0-9][a-z0-9-]{0,63}", re.ASCII)
_NUMBER = re.compile("[0-9]{1,6}", re.ASCII)
_SINGLE = re.compile("P(?:([0-9]+)([YMWD])|T([0-9]+)(H))", re.ASCII)
_MOST_TEXT = 200
_LONGEST_DAYS = 200 * 365
_DAYS_OF = {"Y": 365.0, "M": 30.0, "W": 7.0, "D": 1.0, "H": 1 / 24}
_YEARS = range(1900, 3000)
_NAMED = re.compile(f"{PREFIX}([a-z-]+)")

AS_ASKED, NO_LIMIT, LIMIT = "", "none", "limit"
"""Of a duration: as the law asks, none, or so long."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A line of a policy as a form holds it.

    Attributes:
        value: what was chosen or typed; of a duration which of its three kinds.
        number: of a duration, how many.
        unit: of which unit, a letter of ISO 8601.
        values: what is chosen where several can be; None leaves it as the law asks.
    """

    value: str = AS_ASKED
    number: str = ""
    unit: str = "Y"
    values: tuple[str, ...] | None = None


def filled(form: Form, names: Iterable[str]) -> dict[str, Filled]:
    """Return what was filled in, by line."""
    return {
        name: Filled(
            form.text(name),
            form.text(f"{name}-number"),
            form.text(f"{name}-unit", "Y"),
            tuple(form.texts(f"{name}-each")) if form.text(name) == "these" else None,
        )
        for name in names
    }


def declared(lines: Iterable[Line]) -> dict[str, Filled]:
    """Return what the form shows of a policy that there is, by line."""
    return {line.name: _shown(LINES[line.name], line) for line in lines}


def tags_of(given: Mapping[str, Filled]) -> tuple[dict[str, str | None], dict[str, str]]:
    """Return the tags that a form declares, and by line what is wrong with it.

    Where a line is left as the law asks its tag is None: there is to be none.
    """
    tags: dict[str, str | None] = {}
    problems: dict[str, str] = {}
    for name, line in given.items():
        try:
            tags[f"{PREFIX}{name}"] = _tag(LINES[name], line)
        except ValueError as error:
            problems[name] = str(error)
    return tags, problems


def lines_named_in(text: str) -> list[str]:
    """Return the lines that an error of the policy names."""
    return [name for name in _NAMED.findall(text) if name in LINES]


def _tag(words: LineWords, given: Filled) -> str | None:
    if words.kind == "duration":
        return _duration(given)
    if words.kind == "several":
        return None if given.values is None else _several(words, given.values)
    if not given.value:
        return None
    if words.kind == "choice" and given.value not in {choice.value for choice in words.choices}:
        raise ValueError(N_("Choose one of these."))
    if words.kind == "word" and _WORD.fullmatch(given.value) is None:
        raise ValueError(N_("Use small letters, digits and hyphens only, at most 64."))
    if words.kind == "text" and (len(given.value) > _MOST_TEXT or not given.value.isprintable()):
        raise ValueError(N_("Write one line of at most 200 characters."))
    if words.kind == "day":
        return _day(given.value)
    return given.value


def _duration(given: Filled) -> str | None:
    if given.value == AS_ASKED:
        return None
    if given.value == NO_LIMIT:
        return ""
    if _NUMBER.fullmatch(given.number) is None or given.unit not in _DAYS_OF or not int(given.number):
        raise ValueError(N_("Say how many days, months or years, as a whole number."))
    if int(given.number) * _DAYS_OF[given.unit] >= _LONGEST_DAYS:
        raise ValueError(N_("It must be shorter than 200 years."))
    return f"P{'T' if given.unit == 'H' else ''}{int(given.number)}{given.unit}"


def _several(words: LineWords, values: tuple[str, ...]) -> str:
    known = [choice.value for choice in words.choices]
    if not set(values) <= set(known):
        raise ValueError(N_("Choose some of these."))
    return " ".join(value for value in known if value in values)


def _day(value: str) -> str:
    try:
        found = date.fromisoformat(value)
    except ValueError:
        raise ValueError(N_("Give a day, as year, month and day.")) from None
    if found.year not in _YEARS:
        raise ValueError(N_("Give a day of the years 1900 to 2999."))
    return found.isoformat()


def _shown(words: LineWords, line: Line) -> Filled:
    if line.origin != "tag":
        return Filled()
    if words.kind == "several":
        return Filled("these", values=tuple(line.value.split()))
    if words.kind == "day":
        return Filled(line.value[:10])
    if words.kind != "duration":
        return Filled(line.value)
    if not line.value:
        return Filled(NO_LIMIT)
    single = _SINGLE.fullmatch(line.value)
    number, unit = (single[1] or single[3], single[2] or single[4]) if single is not None else ("", "D")
    return Filled(LIMIT, number, unit)
