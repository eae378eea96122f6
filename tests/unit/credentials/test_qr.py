"""Credentials as QR codes, read back from what a camera makes of them."""

from __future__ import annotations

import io
import random

import numpy as np
import pytest
import zxingcpp
from PIL import Image, ImageFilter

from countenance.credentials.qr import (
    QUIET_MODULES,
    CredentialNotDrawable,
    CredentialTooLong,
    ErrorLevel,
    png,
    qr_code,
    svg,
)

_CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"


def text_of(length: int) -> str:
    return "CTN1:" + "".join(random.Random(length).choices(_CHARACTERS, k=length - 5))


def opened(content: bytes) -> Image.Image:
    with Image.open(io.BytesIO(content)) as picture:
        return picture.convert("L")


def read(picture: Image.Image) -> str | None:
    found = zxingcpp.read_barcode(np.asarray(picture))
    return found.text if found is not None else None


def as_jpeg(picture: Image.Image, quality: int) -> Image.Image:
    into = io.BytesIO()
    picture.save(into, "JPEG", quality=quality)
    return opened(into.getvalue())


@pytest.mark.parametrize("length", [300, 730, 900])
@pytest.mark.parametrize("degrees", [0, 3, 17, 90])
def test_a_code_is_read_back_from_a_blurred_turned_and_compressed_picture(length: int, degrees: int) -> None:
    text = text_of(length)
    seen = opened(png(qr_code(text), module_pixels=4)).rotate(
        degrees, Image.Resampling.BICUBIC, True, fillcolor=255
    )
    assert read(as_jpeg(seen.filter(ImageFilter.GaussianBlur(1.2)), 30)) == text


def test_the_code_that_the_documentation_describes_is_read_at_three_pixels_a_module() -> None:
    code = qr_code(text_of(670))
    small = opened(png(code, module_pixels=3)).filter(ImageFilter.GaussianBlur(0.7))
    assert read(as_jpeg(small, 50)) == code.text


def test_a_code_has_the_smallest_version_that_holds_the_text() -> None:
    code = qr_code(text_of(300))
    assert code.modules == 17 + 4 * code.version
    picture = opened(png(code, module_pixels=5))
    assert picture.size == (5 * code.modules_with_margin,) * 2
    assert code.modules_with_margin == code.modules + 2 * QUIET_MODULES
    assert qr_code(text_of(900)).version > code.version


def test_the_runs_of_dark_modules_are_those_of_the_picture() -> None:
    code = qr_code(text_of(60))
    drawn = np.full((code.modules, code.modules), 255, np.uint8)
    for row, column, length in code.dark_runs():
        drawn[row, column : column + length] = 0
    shown = np.asarray(opened(png(code, module_pixels=1)))[
        QUIET_MODULES:-QUIET_MODULES, QUIET_MODULES:-QUIET_MODULES
    ]
    np.testing.assert_array_equal(drawn, shown)


def test_a_drawing_has_its_size_on_paper() -> None:
    code = qr_code(text_of(200))
    assert f'width="{code.modules_with_margin * 0.5:g}mm"' in svg(code, 0.5)


@pytest.mark.parametrize("level", list(ErrorLevel))
def test_the_longest_text_fits_and_one_more_character_does_not(level: ErrorLevel) -> None:
    assert qr_code("A" * level.most_characters, level).version == 40
    with pytest.raises(CredentialTooLong, match=f"{level.most_characters + 1} characters"):
        qr_code("A" * (level.most_characters + 1), level)


@pytest.mark.parametrize("text", ["", "lower", "CTN1:\n", "Ä", "\0"])
def test_what_is_no_base45_is_not_drawn(text: str) -> None:
    with pytest.raises(CredentialNotDrawable):
        qr_code(text)


@pytest.mark.parametrize("size", [0, -1, 65, 10**9])
def test_a_size_that_is_none_is_refused(size: int) -> None:
    with pytest.raises(CredentialNotDrawable, match="cannot be drawn"):
        png(qr_code("A"), size)
    with pytest.raises(CredentialNotDrawable, match="cannot be drawn"):
        svg(qr_code("A"), float(size))
