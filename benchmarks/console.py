"""The console's pages with a large gallery beside a small one: time to load and bytes, in a real browser.

    python benchmarks/console.py [--sizes 10 100000] [--rounds 5]

Templates that lie like those of faces are put into the store under names of people, as so many photographs
would take days. Then Chromium, in which an administrator is signed in, opens each page with an empty cache:
from the beginning of the navigation to the load event, and what comes over the line, compressed as it is
sent. Prints the table of docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright
from rich.console import Console
from rich.table import Table

from galleries import fill, open_store, people
from servers import running
from vision import cpu

if TYPE_CHECKING:
    from playwright.sync_api import Browser, StorageState

    from servers import Server

COLLECTION = "people"
PAGES = {
    "first page": "/console/",
    "collections": "/console/collections",
    "one collection": f"/console/collections/{COLLECTION}",
    "its faces, 50 a page": f"/console/collections/{COLLECTION}/faces",
    "its users": f"/console/collections/{COLLECTION}/users",
    "people by part of a name": "/console/people?name=person-77",
    "one person": "/console/people/person?subject=person-7",
    "ledger": "/console/ledger",
}
_LOADED = """() => {
  const all = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
  return [all[0].loadEventEnd, all.reduce((sum, each) => sum + each.transferSize, 0)];
}"""


@dataclass(frozen=True)
class Loaded:
    """A page that was opened: milliseconds to the load event, bytes as they were sent."""

    milliseconds: float
    sent_bytes: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10, 100_000])
    parser.add_argument("--rounds", type=int, default=5, help="times that each page is opened")
    options = parser.parse_args()
    console = Console(width=120)
    console.print(f"{cpu()}, {os.cpu_count()} processors, Python {platform.python_version()}")
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        columns = [measured(browser, size, options.rounds) for size in options.sizes]
        title = f"Chromium {browser.version}, empty cache, medians of {options.rounds}"
        browser.close()
    table = Table("page", *(f"{size:,} faces" for size in options.sizes), title=title)
    for name in columns[0]:
        table.add_row(name, *(column[name] for column in columns))
    console.print(table)


def measured(browser: Browser, size: int, rounds: int) -> dict[str, str]:
    """Return by page how long it took and how large it was, with a gallery of a size."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        store = open_store(folder)
        fill(store, COLLECTION, "dlib-cc0", people(size), named=True)
        store.close()
        with running(folder) as (server, _):
            session = signed_in(browser, server)
            first = opened(browser, server, session, PAGES["first page"])
            figures = {"first page, the first time after a start": f"{first.milliseconds:.0f} ms"}
            for page, path in PAGES.items():
                loads = [opened(browser, server, session, path) for _ in range(rounds)]
                figures[page] = shown(loads)
            return figures


def signed_in(browser: Browser, server: Server) -> StorageState:
    """Sign in, and return the cookies that are left."""
    window = browser.new_context(base_url=server.url)
    page = window.new_page()
    page.goto("/console/sign-in")
    page.get_by_label("Access key id").fill(server.credentials.access_key)
    page.get_by_label("Secret access key").fill(server.credentials.secret_key)
    # The page that follows is measured afterwards, so its first time is not spent here.
    page.get_by_role("button", name="Sign in").click(no_wait_after=True)
    page.wait_for_url("**/console/", wait_until="commit")
    cookies = window.storage_state()
    window.close()
    return cookies


def opened(browser: Browser, server: Server, session: StorageState, path: str) -> Loaded:
    """Open a page in a window that has loaded nothing before."""
    window = browser.new_context(base_url=server.url, storage_state=session)
    page = window.new_page()
    answer = page.goto(path, wait_until="load")
    assert answer is not None
    assert answer.status == 200, path
    page.wait_for_function("performance.getEntriesByType('navigation')[0].loadEventEnd > 0")
    milliseconds, sent = page.evaluate(_LOADED)
    window.close()
    return Loaded(milliseconds, round(sent))


def shown(loads: list[Loaded]) -> str:
    milliseconds = statistics.median(each.milliseconds for each in loads)
    return f"{milliseconds:.0f} ms, {statistics.median(each.sent_bytes for each in loads) / 1e3:.1f} kB"


if __name__ == "__main__":
    main()
