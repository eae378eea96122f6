"""One person's story in a real browser: refused, consented, enrolled, found, filmed, withdrawn, erased."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from console.conftest import signed_in
from filming import Cutout, scene, write_film
from rest.api import Api

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from serving import RunningServer

DOORS, EILEEN = "story-doors", "eileen"
FILMED_WITHIN_MS = 60_000


@pytest.mark.slow
def test_a_person_who_never_opens_a_terminal_can_answer_for_it(
    browser: Browser, console: RunningServer, tab: Page, collins: bytes, astronaut: Path
) -> None:
    film = write_film(console.data_dir / "pictures" / "story.mp4", scene(1.2, Cutout(astronaut, 40)))
    # A collection that requires consent, and whose answers two people confirm
    go(tab, "Collections", "New collection")
    tab.get_by_label("Name of the collection").fill(DOORS)
    tab.get_by_label("What are the faces for?").fill("story-access")
    choose(tab, "Must people have consented?", "Yes, each person")
    choose(tab, "Who confirms what a search finds?", "Two people")
    choose(tab, "Keep a small picture of each face?", "Yes, encrypted")
    tab.get_by_role("button", name="Make the collection").click()
    expect(tab.get_by_role("heading", level=1)).to_have_text(DOORS)
    # refused
    enrol(tab, collins)
    expect(tab.get_by_role("alert")).to_contain_text("This person has not consented")
    # consented
    tab.get_by_role("link", name="Record a consent of theirs").click()
    expect(tab.get_by_label("Who consented")).to_have_value(EILEEN)
    tab.get_by_label("Version of the notice").fill("2026-02")
    tab.get_by_label("Text of the notice").fill("We look at your face to open the door for you.")
    tab.get_by_role("button", name="Record the consent").click()
    expect(tab.get_by_role("status")).to_contain_text("The consent is recorded.")
    # enrolled from a file
    go(tab, "Collections", DOORS)
    enrol(tab, collins)
    expect(tab.get_by_role("status")).to_contain_text("1 face is enrolled")
    # searched for, and found by nobody until two people have said so
    go(tab, "Collections", DOORS)
    search(tab, collins)
    expect(tab.locator("main")).to_contain_text("The answer waits for people.")
    tab.get_by_role("link", name="See how far the review is").click()
    expect(tab.locator("main")).not_to_contain_text(EILEEN)
    review = tab.url
    for place, name in enumerate(("Ada", "Ben"), 1):
        window = browser.new_context(base_url=console.endpoint_url, locale="en")
        window.set_default_timeout(15_000)
        decide(signed_in(window, key_of(tab, console, name)), is_last=place == 2)
        window.close()
    tab.goto(review)
    expect(tab.locator("main")).to_contain_text("confirmed")
    expect(tab.get_by_role("listitem").filter(has_text="Candidate 1")).to_contain_text(EILEEN)
    # a film, as soon as no people have to confirm each answer
    go(tab, "Collections", DOORS)
    tab.get_by_role("link", name="Policy", exact=True).click()
    tab.get_by_role("row", name="Who confirms what a search finds?").get_by_role("link").click()
    tab.get_by_label("Nobody", exact=True).check()
    tab.get_by_role("button", name="Change it").click()
    go(tab, "Jobs", "Look through a video")
    tab.get_by_role("textbox", name="Video").fill(film.name)
    tab.get_by_label("Collection", exact=True).select_option(DOORS)
    tab.get_by_role("button", name="Look through it").click()
    tab.get_by_role("link", name="See who appears when").click(timeout=FILMED_WITHIN_MS)
    expect(tab.get_by_role("rowheader", name=EILEEN)).to_be_visible()
    # withdrawn
    go(tab, "People")
    tab.get_by_label("Find somebody").fill(EILEEN)
    tab.get_by_role("button", name="Find", exact=True).click()
    tab.get_by_role("link", name=EILEEN, exact=True).click()
    tab.get_by_role("link", name="Withdraw …").click()
    expect(tab.locator("main")).to_contain_text(f"1 face in the collection {DOORS} is erased at once.")
    tab.get_by_role("button", name="Withdraw it").click()
    expect(tab.get_by_role("status")).to_contain_text("1 face rested on it and is erased.")
    # the receipt, verified by the page itself
    with tab.expect_download() as download:
        tab.get_by_role("link", name="Download the receipt").click()
    assert re.fullmatch(r"receipt-[0-9a-f-]{36}\.json", download.value.suggested_filename)
    receipt = download.value.path()
    tab.get_by_role("link", name="Verify it").click()
    tab.get_by_role("button", name="Verify in this browser").click()
    expect(tab.locator("main")).to_contain_text("It is whole")
    tab.goto("/console/ledger/verify")
    tab.get_by_label("Receipt", exact=True).set_input_files(receipt)
    tab.get_by_role("button", name="Verify the receipt").click()
    expect(tab.get_by_role("region", name="A receipt")).to_contain_text("It is whole")
    # and not found in the next request
    go(tab, "Collections", DOORS)
    search(tab, collins)
    expect(tab.locator("main")).to_contain_text("Nobody")
    assert not tab.locator("li.match").count()


def go(tab: Page, place: str, then: str = "") -> None:
    """Open a place of the navigation, and follow a link there."""
    tab.get_by_role("navigation", name="Pages", exact=True).get_by_role(
        "link", name=place, exact=True
    ).click()
    if then:
        tab.locator("main").get_by_role("link", name=then, exact=True).click()


def choose(tab: Page, question: str, answer: str) -> None:
    """Answer a question of a form."""
    tab.get_by_role("group", name=question).get_by_label(answer, exact=True).check()


def picture(content: bytes) -> dict[str, object]:
    return {"name": "eileen.jpg", "mimeType": "image/jpeg", "buffer": content}


def enrol(tab: Page, content: bytes) -> None:
    """Enrol somebody in the collection whose page is open."""
    tab.get_by_role("link", name="Enrol", exact=True).click()
    tab.locator("input[type=file]").set_input_files(picture(content))  # type: ignore[arg-type]
    tab.get_by_label("Whose face is it?").fill(EILEEN)
    tab.get_by_label("From the person themself").check()
    tab.get_by_role("button", name="Enrol", exact=True).click()


def search(tab: Page, content: bytes) -> None:
    """Search in the collection whose page is open."""
    tab.get_by_role("navigation", name="Parts of the collection").get_by_role("link", name="Search").click()
    tab.locator("input[type=file]").set_input_files(picture(content))  # type: ignore[arg-type]
    tab.get_by_role("button", name="Search", exact=True).click()


def key_of(tab: Page, console: RunningServer, name: str) -> Api:
    """Make a reviewer's key, as an administrator."""
    go(tab, "Access keys", "Make an access key")
    tab.get_by_label("Whose it is").fill(name)
    tab.get_by_label("A reviewer", exact=True).check()
    tab.get_by_role("button", name="Make the key").click()
    shown = tab.locator("dl.facts code")
    return Api(console.endpoint_url, shown.nth(0).inner_text(), shown.nth(1).inner_text())


def decide(tab: Page, *, is_last: bool) -> None:
    """Confirm the candidate of the review that waits, without a mouse."""
    go(tab, "Reviews", "Begin with the first that waits for me")
    expect(tab.get_by_role("heading", level=1)).to_contain_text("Is it one of them?")
    expect(tab.locator("main")).not_to_contain_text("similarity 9")
    tab.keyboard.press("1")
    tab.keyboard.press("Enter")
    told = (
        "Your decision is recorded, and the review is decided." if is_last else "Your decision is recorded."
    )
    expect(tab.get_by_role("status").first).to_have_text(told)
