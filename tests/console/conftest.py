"""What the tests of the console share: a server of their own, somebody who is signed in, a real browser."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import sync_playwright

from conformance import pictures
from console.filled import Filled, Photographs, fill
from console.visitor import Visitor
from rest.api import Api
from serving import running_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, Page

    from serving import RunningServer

_BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A running server; the folder ``pictures`` in its data folder is the bucket of that name."""
    data_dir = tmp_path_factory.mktemp("console")
    (data_dir / "pictures").mkdir()
    with running_server(data_dir, buckets={"pictures": data_dir / "pictures"}) as started:
        yield started


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory, astronaut: Path, grace_hopper: Path) -> Iterator[Filled]:
    """A server of its own on which a small office has worked: every page has something to show."""
    data_dir = tmp_path_factory.mktemp("filled")
    (data_dir / "pictures").mkdir()
    with running_server(data_dir, buckets={"pictures": data_dir / "pictures"}) as started:
        yield fill(started, Photographs(astronaut, grace_hopper))


@pytest.fixture(scope="session")
def api(console: RunningServer) -> Api:
    """Its `/v1` API, with an administrator's key."""
    return Api.of(console)


@pytest.fixture
def visitor(console: RunningServer) -> Callable[[Api], Visitor]:
    """Signs somebody in with a key."""
    return lambda api: Visitor(console.endpoint_url).sign_in(api)


@pytest.fixture
def admin(api: Api, visitor: Callable[[Api], Visitor]) -> Visitor:
    """Somebody who is signed in with an administrator's key."""
    return visitor(api)


@pytest.fixture
def stranger(console: RunningServer) -> Visitor:
    """Somebody who has not signed in."""
    return Visitor(console.endpoint_url)


@pytest.fixture(scope="session")
def collins(astronaut: Path) -> bytes:
    """Eileen Collins as JPEG, head and shoulders."""
    return pictures.jpeg(pictures.opened(astronaut.read_bytes()).crop((90, 0, 370, 300)))


@pytest.fixture(scope="session")
def hopper(grace_hopper: Path) -> bytes:
    """Grace Hopper as JPEG."""
    return grace_hopper.read_bytes()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A real browser: the Chromium that is installed here, whose camera shows a test picture.

    It is closed before another module's tests, which could not run an event loop beside Playwright's.
    """
    found = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if found is None:
        # Where the whole is checked a browser must be there; a user's machine need not have one.
        (pytest.fail if os.environ.get("CI") else pytest.skip)("no Chromium is installed")
    arguments = ["--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=found, args=arguments)
        yield launched
        launched.close()


@pytest.fixture
def window(browser: Browser, console: RunningServer) -> Iterator[BrowserContext]:
    """A window of the browser with cookies of its own, which can be asked for tabs."""
    opened = browser.new_context(base_url=console.endpoint_url, locale="en")
    opened.set_default_timeout(15_000)
    yield opened
    opened.close()


@pytest.fixture
def tab(window: BrowserContext, api: Api) -> Page:
    """A tab in which an administrator is signed in; errors of scripts fail the test."""
    return signed_in(window, api)


def signed_in(window: BrowserContext, api: Api) -> Page:
    """Open a tab and sign in with a key."""
    page = window.new_page()
    page.on("pageerror", lambda error: pytest.fail(f"a script failed: {error}"))
    page.goto("/console/")
    page.get_by_label("Access key id").fill(api.key_id)
    page.get_by_label("Secret access key").fill(api.secret)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/console/")
    return page
