"""The console for everybody: with a screen reader, from the keyboard, in the dark, on a phone."""

from __future__ import annotations

import json
from itertools import chain
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe

from console.answers import ANSWERS
from console.conftest import signed_in
from console.every_page import Where, pages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page, Request, ViewportSize

    from console.filled import Filled

PHONE: ViewportSize = {"width": 390, "height": 844}
DESKTOP: ViewportSize = {"width": 1280, "height": 900}
FIRST_PAGE_BYTES = 100_000
WANTED = {"critical", "serious"}
RULES: dict[str, object] = {
    "type": "tag",
    "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
CONTRAST: dict[str, object] = {"type": "rule", "values": ["color-contrast"]}
AXE = Axe().axe_script

# What a reader can do something with, and sees: of radio buttons the one that the Tab key stops at.
_INTERACTIVE = """() => {
  const shown = (one) => one.checkVisibility({visibilityProperty: true}) && !one.disabled;
  const stops = (one) => one.type !== "radio" || one.checked
    || !document.querySelector(`input[type=radio][name="${one.name}"]:checked`)
       && one === document.querySelector(`input[type=radio][name="${one.name}"]`);
  const found = [...document.querySelectorAll(
    "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")];
  found.filter((one) => shown(one) && stops(one)).forEach((one, place) => { one.dataset.place = place; });
  return found.filter((one) => one.dataset.place !== undefined).map((one) => one.outerHTML.slice(0, 120));
}"""
_FOCUSED = """() => {
  const one = document.activeElement, style = getComputedStyle(one);
  const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
  const ring = outlined || style.boxShadow !== "none";
  return [one.dataset.place ?? "", ring, one.outerHTML.slice(0, 120)];
}"""


@pytest.fixture(scope="module")
def reader(browser: Browser, filled: Filled) -> Iterator[Page]:
    """A tab in which an administrator is signed in, on a server that is filled."""
    # Colours that are still on their way to others are nobody's to read.
    window = browser.new_context(base_url=filled.server.endpoint_url, locale="en", reduced_motion="reduce")
    window.set_default_timeout(15_000)
    yield signed_in(window, filled.api)
    window.close()


def shown(reader: Page, filled: Filled) -> Iterator[Where]:
    """Open every page that is one, and not a file to keep or a stream."""
    for where in pages(filled.ids):
        answer = reader.request.head(where.path)
        if answer.headers.get("content-type", "").startswith("text/html"):
            reader.goto(where.path)
            yield where


def answered(reader: Page, filled: Filled) -> Iterator[Where]:
    """Open the pages that answer a form."""
    for name, step in ANSWERS.items():
        step(reader, filled)
        reader.wait_for_load_state()
        yield Where(name, reader.url)


def findings(reader: Page, only: dict[str, object]) -> list[str]:
    """Return what axe, which is in the page, finds that is serious, or worse."""
    options = {"runOnly": only, "resultTypes": ["violations"]}
    found = reader.evaluate("options => axe.run(options)", options)["violations"]
    return [
        f"{each['id']}: {node['html'][:160]} {[why['message'] for why in node['any']][:1]}"
        for each in found
        if each["impact"] in WANTED
        for node in each["nodes"]
    ]


@pytest.mark.slow
def test_every_page_can_be_read_out_in_light_and_dark_and_fits_a_phone(reader: Page, filled: Filled) -> None:
    found: dict[str, list[str]] = {}
    for where in chain(shown(reader, filled), answered(reader, filled)):
        reader.emulate_media(color_scheme="light")
        reader.evaluate(AXE)
        told = findings(reader, RULES)
        reader.emulate_media(color_scheme="dark")
        told += [f"dark: {each}" for each in findings(reader, CONTRAST)]
        reader.set_viewport_size(PHONE)
        if sideways := wider_than_the_window(reader):
            told.append(f"at 390 px it scrolls sideways: {sideways}")
        reader.set_viewport_size(DESKTOP)
        if told:
            found[f"{where.route}: {where.path}"] = told
    assert not found, json.dumps(found, indent=1)


def wider_than_the_window(reader: Page) -> list[str]:
    """Return what reaches out of the window, nothing where the page does not scroll sideways."""
    told: list[str] = reader.evaluate(
        """() => document.documentElement.scrollWidth <= innerWidth ? [] :
          ["the page", ...[...document.body.querySelectorAll("*")].filter(
            (one) => one.getBoundingClientRect().right > innerWidth + 1 && !one.closest(".scroll"))
          .slice(0, 5).map((one) => one.outerHTML.slice(0, 120))]"""
    )
    return told


@pytest.mark.parametrize(
    "path",
    [
        "/console/",
        "/console/new-collection",
        "/console/try",
        "/console/people/new-consent",
        "/console/reviews/{}",
    ],
)
def test_everything_is_reached_with_the_tab_key_and_shows_that_it_is(
    reader: Page, filled: Filled, path: str
) -> None:
    reader.goto(path.format(filled.ids["review_id"]))
    wanted: list[str] = reader.evaluate(_INTERACTIVE)
    reached: set[int] = set()
    for _ in range(3 * len(wanted)):
        reader.keyboard.press("Tab")
        place, ring, html = reader.evaluate(_FOCUSED)
        if place == "" or int(place) in reached:  # the window itself; a part of a field, such as a date's day
            continue
        assert ring, f"nothing shows that this has the focus: {html}"
        reached.add(int(place))
    assert [wanted[place] for place in range(len(wanted)) if place not in reached] == []


def test_the_first_stop_of_the_tab_key_skips_the_menu(reader: Page) -> None:
    reader.goto("/console/collections")
    reader.keyboard.press("Tab")
    assert "skip" in str(reader.evaluate("document.activeElement.className"))
    reader.keyboard.press("Enter")
    assert reader.evaluate("document.activeElement.id") == "main"


def test_the_menu_is_folded_on_a_phone_and_there_again_when_the_window_is_wide(reader: Page) -> None:
    reader.set_viewport_size(PHONE)
    reader.goto("/console/collections")
    link = reader.get_by_role("link", name="Ledger", exact=True)
    assert not link.is_visible()
    reader.get_by_text("Menu", exact=True).click()
    assert link.is_visible()
    reader.get_by_text("Menu", exact=True).click()
    reader.set_viewport_size(DESKTOP)
    link.wait_for(state="visible")


def test_the_first_page_weighs_less_than_a_photograph(browser: Browser, filled: Filled) -> None:
    window = browser.new_context(base_url=filled.server.endpoint_url)
    page = signed_in(window, filled.api)
    page.wait_for_load_state("networkidle")
    fresh = browser.new_context(base_url=filled.server.endpoint_url, storage_state=window.storage_state())
    first: Page = fresh.new_page()
    answers: list[Request] = []

    def note(request: Request) -> None:
        answers.append(request)

    first.on("requestfinished", note)
    first.goto("/console/", wait_until="networkidle")
    sizes = {each.url: each.sizes() for each in answers}
    weighed = {url: size["responseBodySize"] + size["responseHeadersSize"] for url, size in sizes.items()}
    assert sum(weighed.values()) < FIRST_PAGE_BYTES, weighed
    assert len(weighed) >= 3
    assert all(url.startswith(filled.server.endpoint_url) for url in weighed)
    fresh.close()
    window.close()
