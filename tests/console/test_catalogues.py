"""The console's catalogues: each says everything that the console says, and nothing else."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

import pytest
from babel import Locale
from babel.messages.plurals import get_plural
from bs4 import BeautifulSoup, NavigableString
from jinja2 import Environment

import catalogues
from countenance.doors.console.languages import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from babel.messages.catalog import Message

_PLACEHOLDER = re.compile(r"%(?:\(\w+\)[a-z]|.|$)")
_TAG = re.compile(r"<[^>]*>")
_LETTERS = re.compile(r"[^\W\d_]{2}")
_PUT_IN = "\ue000"
_READ_ALOUD = ("alt", "aria-label", "placeholder", "title", "label")
_NAMES = {"Countenance", "UTC", "px"}
_FILES = catalogues.files()
_TEMPLATES = sorted((catalogues.DOORS / "console" / "templates").rglob("*.html"))


def test_every_language_but_english_has_a_catalogue() -> None:
    assert {file.stem for file in _FILES} == set(LANGUAGES) - {"en"}


@pytest.mark.parametrize("file", _FILES, ids=lambda file: file.stem)
def test_a_catalogue_has_every_message_and_no_other(file: Path) -> None:
    said = {message.id for message in catalogues.messages() if message.id}
    translated = {message.id for message in catalogues.catalogue_of(file) if message.id}
    assert (said - translated, translated - said) == (set(), set()), "run python tools/catalogues.py"


@pytest.mark.parametrize("file", _FILES, ids=lambda file: file.stem)
def test_every_message_is_translated_in_every_form_and_none_is_a_guess(file: Path) -> None:
    forms = get_plural(Locale(file.stem)).num_plurals
    for message in _messages(file):
        assert not message.fuzzy, message.id
        assert all(_forms(message.string)), message.id
        wanted = forms if isinstance(message.id, tuple) else 1
        assert len(_forms(message.string)) == wanted, message.id


@pytest.mark.parametrize("file", _FILES, ids=lambda file: file.stem)
def test_translations_have_the_placeholders_and_tags_of_the_message(file: Path) -> None:
    for message in _messages(file):
        english = _forms(message.id)
        for number, form in enumerate(_forms(message.string)):
            # A language with one form says "%(count)s faces" where English has two ways to say it.
            meant = english[min(number, len(english) - 1)] if len(_forms(message.string)) > 1 else english[-1]
            assert sorted(_PLACEHOLDER.findall(form)) == sorted(_PLACEHOLDER.findall(meant)), form
            assert sorted(_TAG.findall(form)) == sorted(_TAG.findall(meant)), form


@pytest.mark.parametrize("file", _FILES, ids=lambda file: file.stem)
def test_a_catalogue_is_written_as_the_tool_writes_it(file: Path) -> None:
    assert file.read_text(encoding="utf-8") == catalogues.written(catalogues.catalogue_of(file))


def test_a_percent_sign_is_doubled_where_a_template_would_take_it_for_a_placeholder() -> None:
    for message in catalogues.messages():
        for form in _forms(message.id):
            assert all(len(each) > 2 or each == "%%" for each in _PLACEHOLDER.findall(form)), form


def test_no_text_reaches_a_reader_past_the_catalogues() -> None:
    """A literal that is told but not marked would stay English in all languages."""
    unmarked = [
        f"{file.name}:{call.lineno}"
        for file in sorted((catalogues.DOORS / "console").rglob("*.py"))
        for call in ast.walk(ast.parse(file.read_text()))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr == "say"
        and isinstance(call.args[0], (ast.Constant, ast.JoinedStr))
    ]
    assert unmarked == []


@pytest.mark.parametrize("file", _TEMPLATES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_a_template_holds_no_text_of_its_own(file: Path) -> None:
    assert [text for text in _texts(file.read_text(encoding="utf-8")) if text not in _NAMES] == []


def _texts(template: str) -> Iterator[str]:
    """Yield what a reader would read of a template if nothing were put into it."""
    literal, in_message, before = "", False, ""
    for _, kind, value in Environment(autoescape=True).lex(template):
        if kind == "name" and before == "block_begin" and value in {"trans", "endtrans"}:
            in_message = value == "trans"
        if kind == "data" and not in_message:
            literal += value
        elif kind == "variable_begin":
            literal += _PUT_IN
        before = before if kind == "whitespace" else kind
    page = BeautifulSoup(literal, "html.parser")
    read = [str(text) for text in page.find_all(string=True) if type(text) is NavigableString]
    read += [str(tag[name]) for tag in page.find_all(True) for name in _READ_ALOUD if tag.has_attr(name)]
    for text in read:
        yield from (part.strip(" ·\n") for part in text.split(_PUT_IN) if _LETTERS.search(part))


def _messages(file: Path) -> list[Message]:
    return [message for message in catalogues.catalogue_of(file) if message.id]


def _forms(text: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return tuple(text) if isinstance(text, (tuple, list)) else (text or "",)
