"""A credential's text as a QR code (ISO/IEC 18004), for screens and for print.

The text that is drawn is what a credential is on its way: base45 (RFC 9285) behind a prefix. Its characters
are those of the alphanumeric mode of QR codes, eleven bits for two of them.
Reading a code back from a picture is the work of browsers and of phones.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from io import BytesIO
from typing import TYPE_CHECKING

import segno

from countenance.errors import CredentialError

if TYPE_CHECKING:
    from collections.abc import Iterator

QUIET_MODULES = 4
"""The white margin that readers need around a code, in modules (ISO/IEC 18004)."""

_MOST_PIXELS = 64
_MOST_MILLIMETRES = 50.0
_FOREIGN = re.compile(r"[^0-9A-Z $%*+\-./:]")


class ErrorLevel(StrEnum):
    """How much of a QR code may be lost: about 7 (L), 15 (M), 25 (Q) and 30 (H) percent of its codewords."""

    L = "L"
    M = "M"
    Q = "Q"
    H = "H"

    @property
    def most_characters(self) -> int:
        """How many alphanumeric characters the largest code of this level holds (ISO/IEC 18004, table 7)."""
        return _MOST_CHARACTERS[self]


_MOST_CHARACTERS = {ErrorLevel.L: 4296, ErrorLevel.M: 3391, ErrorLevel.Q: 2420, ErrorLevel.H: 1852}


class CredentialTooLong(CredentialError):
    """The credential's text has more characters than a QR code holds."""


class CredentialNotDrawable(CredentialError):
    """The credential cannot be drawn as asked: its characters, or the size, are not for QR codes."""


@dataclass(frozen=True, slots=True)
class QrCode:
    """A QR code, ready to be drawn.

    Attributes:
        text: what whoever reads the code gets.
        version: 1 to 40.
        error_level: the level wanted, or a higher one where the same version has room for it.
        symbol: the modules as the library has them.
    """

    text: str
    version: int
    error_level: ErrorLevel
    symbol: segno.QRCode = field(repr=False)

    @property
    def modules(self) -> int:
        """The modules of a side, without the white margin: 17 + 4 · version."""
        return len(self.symbol.matrix)

    @property
    def modules_with_margin(self) -> int:
        """The modules of a side of the white square that the code needs."""
        return self.modules + 2 * QUIET_MODULES

    def dark_runs(self) -> Iterator[tuple[int, int, int]]:
        """Yield the runs of dark modules, from above: row, first column and length, in modules."""
        for row, modules in enumerate(self.symbol.matrix):
            for run in re.finditer(rb"\x01+", modules):
                yield row, run.start(), run.end() - run.start()


def qr_code(text: str, error_level: ErrorLevel = ErrorLevel.M) -> QrCode:
    """Return the smallest QR code of a text in alphanumeric mode.

    Level M loses no text where 15 percent of the code is covered or creased; Q and H need smaller modules for
    the same print.

        code = qr_code(wire45.to_text(signed))
        code.version, code.modules          # (17, 85) for a boarding pass of 447 bytes

    Raises:
        CredentialTooLong: the text has more characters than the largest code of the level holds.
        CredentialNotDrawable: the text is empty or has a character that the mode lacks.
    """
    if len(text) > error_level.most_characters:
        raise CredentialTooLong(
            f"the credential's text has {len(text)} characters; the limit of a QR code of error level "
            f"{error_level} is {error_level.most_characters}: leave out event facts or gates of the audience"
        )
    foreign = _FOREIGN.search(text)
    if foreign or not text:
        what = f"has the character {foreign.group()!a} at {foreign.start()}" if foreign else "is empty"
        raise CredentialNotDrawable(
            f"the credential's text {what}; QR codes take the 45 characters of base45 (RFC 9285)"
        )
    symbol = segno.make_qr(text, error=error_level, mode="alphanumeric")
    return QrCode(text, int(symbol.version), ErrorLevel(symbol.error), symbol)


def png(code: QrCode, module_pixels: int = 8) -> bytes:
    """Return the code with its white margin as a PNG of one bit a pixel.

    Raises:
        CredentialNotDrawable: a module cannot have that many pixels; 1 to 64 can be had.
    """
    if not 1 <= module_pixels <= _MOST_PIXELS:
        raise CredentialNotDrawable(
            f"a module of {module_pixels} pixels cannot be drawn; 1 to {_MOST_PIXELS} can"
        )
    picture = BytesIO()
    code.symbol.save(picture, kind="png", scale=module_pixels, border=QUIET_MODULES)
    return picture.getvalue()


def svg(code: QrCode, module_millimetres: float = 0.7) -> str:
    """Return the code with its white margin as an SVG whose modules have a size on paper.

    Raises:
        CredentialNotDrawable: a module cannot have that size; more than 0 to 50 mm can be had.
    """
    if not 0 < module_millimetres <= _MOST_MILLIMETRES:
        raise CredentialNotDrawable(
            f"a module of {module_millimetres} mm cannot be drawn; up to {_MOST_MILLIMETRES:g} mm can"
        )
    drawing = BytesIO()
    code.symbol.save(
        drawing, kind="svg", scale=module_millimetres, unit="mm", border=QUIET_MODULES, light="#fff", nl=False
    )
    return drawing.getvalue().decode()
