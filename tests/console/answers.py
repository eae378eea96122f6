"""Pages of the console that answer a form, on a server that is filled, and how a reader comes to them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from console.filled import ARCHIVE, CASES, COLLINS, DOORS

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from console.filled import Filled

    Step = Callable[[Page, Filled], None]


def choose(page: Page, name: str, content: bytes) -> None:
    """Choose a picture in a form."""
    picture = {"name": f"{name}.jpg", "mimeType": "image/jpeg", "buffer": content}
    page.locator(f"main input[type=file][name={name}]").set_input_files(picture)  # type: ignore[arg-type]


def send(page: Page) -> None:
    """Send the form of a page."""
    page.locator("main button.primary, main button.danger").last.click()


def _see(page: Page, filled: Filled) -> None:
    page.goto("/console/try")
    choose(page, "picture", filled.photographs.both)
    send(page)


def _compare(page: Page, filled: Filled) -> None:
    page.goto("/console/try/compare")
    choose(page, "first", filled.photographs.collins)
    choose(page, "second", filled.photographs.hopper)
    send(page)


def _search(page: Page, filled: Filled) -> None:
    page.goto(f"/console/collections/{DOORS}/search")
    choose(page, "picture", filled.photographs.collins)
    send(page)


def _search_records(page: Page, filled: Filled) -> None:
    page.goto(f"/console/collections/{ARCHIVE}/search")
    choose(page, "picture", filled.photographs.collins)
    send(page)


def _withheld(page: Page, filled: Filled) -> None:
    page.goto(f"/console/collections/{CASES}/search")
    choose(page, "picture", filled.photographs.collins)
    send(page)


def _refused(page: Page, filled: Filled) -> None:
    page.goto(f"/console/collections/{DOORS}/enrol?external_id=nobody-yet")
    choose(page, "picture", filled.photographs.collins)
    page.locator("input[name=source]").first.check()
    send(page)


def _enrolled(page: Page, filled: Filled) -> None:
    page.goto(f"/console/collections/{DOORS}/enrol?external_id={COLLINS}")
    choose(page, "picture", filled.photographs.collins)
    page.locator("input[name=source]").first.check()
    send(page)


def _verified(page: Page, filled: Filled) -> None:
    page.goto(f"/console/ledger/requests/{filled.ids['request_id']}")
    page.locator("[data-run]").first.click()
    page.locator("[data-outcome]:not(:empty)").first.wait_for()


def _not_there(page: Page, _: Filled) -> None:
    page.goto("/console/nothing")


ANSWERS: dict[str, Step] = {
    "seen": _see,
    "compared": _compare,
    "search": _search,
    "search-records": _search_records,
    "withheld": _withheld,
    "refused": _refused,
    "enrolled": _enrolled,
    "verified": _verified,
    "not-there": _not_there,
}
