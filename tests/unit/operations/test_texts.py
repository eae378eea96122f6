"""Texts that people read later are one line that says something."""

from __future__ import annotations

import pytest

from countenance.operations.texts import is_line


@pytest.mark.parametrize("text", ["x", "warrant 7", "Ćirić, Ана", "裁判所の命令", "a\u00a0b", "x" * 20])
def test_a_line_may_be_in_any_language(text: str) -> None:
    assert is_line(text, 20)


@pytest.mark.parametrize("text", ["", " ", "\u2003", "x" * 21, "a\nb", "a\0", "\t", "\ud800", "\x7f"])
def test_nothing_too_much_and_what_cannot_be_read_is_no_line(text: str) -> None:
    assert not is_line(text, 20)
