"""A page of people and their faces that stands by itself: no script, nothing loaded from elsewhere."""

from __future__ import annotations

import base64
import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from countenance.doors.cli.words import printable
from countenance.doors.pages import page_template
from countenance.doors.report_pages import POLICY

if TYPE_CHECKING:
    from jinja2 import Template

_SHOWN_AT_ONCE = 24
"""More faces of one person than these are shown once somebody asks for them."""


@dataclass(frozen=True, slots=True)
class SheetFace:
    """A face on a sheet.

    Attributes:
        thumbnail: a JPEG.
        caption: what is under it, such as the name of its picture.
        origin: what it is of in full, such as its picture's path.
    """

    thumbnail: bytes
    caption: str
    origin: str

    @property
    def address(self) -> str:
        """The thumbnail as an address that holds it."""
        return f"data:image/jpeg;base64,{base64.b64encode(self.thumbnail).decode()}"


@dataclass(frozen=True, slots=True)
class SheetPerson:
    """A person on a sheet: a title such as a name or a number, a few words, and the faces."""

    title: str
    note: str
    faces: tuple[SheetFace, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a sheet shows.

    Attributes:
        title: of the page.
        summary: paragraphs that say what it shows.
        people: in the order in which they are shown.
        alone: faces that look like no other; they come last.
    """

    title: str
    summary: tuple[str, ...]
    people: tuple[SheetPerson, ...]
    alone: tuple[SheetFace, ...]


def sheet_page(sheet: Sheet) -> str:
    """Return a sheet as HTML; all texts are escaped, and characters that cannot be seen are shown as such."""
    return _template().render(sheet=sheet, policy=POLICY, at_once=_SHOWN_AT_ONCE)


@functools.cache
def _template() -> Template:
    return page_template("group_sheet.html", printable)
