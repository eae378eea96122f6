"""Takes a picture of every page of the console, on a server that is filled as the tests fill one.

    python tools/screenshots.py [FOLDER] [--only TEXT] [--docs]

Each page is taken at the widths of a desktop and of a phone, in light and dark, into FOLDER (``screenshots``,
which git ignores). ``--only`` takes the pages whose name has the text in it. ``--docs`` writes those that the
documentation shows to docs/images. The faces are in the public domain: Eileen Collins (NASA) and Grace Hopper
(US Navy). Needs Chromium and the extras of the tests.
"""

from __future__ import annotations

import argparse
import importlib.util
import io
import re
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT / "tests"))

from console.answers import ANSWERS  # noqa: E402 - the tests know all pages and how a server is filled
from console.every_page import Where, pages  # noqa: E402
from console.filled import Filled, Photographs, fill  # noqa: E402
from serving import running_server  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser, Page

    Step = Callable[[Page, Filled], None]

WIDTHS = {"desktop": (1280, 900), "phone": (390, 844)}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
DOCUMENTED: dict[str, tuple[str, str, Literal["light", "dark"]]] = {
    "home": ("home", "desktop", "light"),
    "review": ("reviews-id", "desktop", "light"),
    "search": ("answer-search", "desktop", "light"),
    "timeline": ("videos-id-people", "desktop", "dark"),
    "ledger": ("answer-verified", "desktop", "light"),
    "phone": ("answer-seen", "phone", "dark"),
}
"""By file in docs/images, after ``console-``: which page, how wide, and light or dark."""

MOST_KB = 200


def main() -> None:
    """Fill a server and take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=ROOT / "screenshots")
    parser.add_argument("--only", default="", help="take only the pages whose name has this in it")
    parser.add_argument("--docs", action="store_true", help="write those of the documentation, and no others")
    options = parser.parse_args()
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        data_dir = Path(folder)
        (data_dir / "pictures").mkdir()
        with running_server(data_dir, buckets={"pictures": data_dir / "pictures"}) as server:
            filled = fill(server, photographs())
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            if options.docs:
                for name, (page, width, scheme) in DOCUMENTED.items():
                    (taken,) = take(browser, filled, page, [(width, scheme)], exactly=True)
                    write_small(taken[1], ROOT / "docs" / "images" / f"console-{name}.png")
            else:
                every = [(width, scheme) for width in WIDTHS for scheme in SCHEMES]
                options.folder.mkdir(parents=True, exist_ok=True)
                for name, content in take(browser, filled, options.only, every):
                    (options.folder / f"{name}.png").write_bytes(content)
            browser.close()


def photographs() -> Photographs:
    """Return the two photographs, which installed packages have."""
    return Photographs(
        _in_package("skimage", "data/astronaut.png"),
        _in_package("matplotlib", "mpl-data/sample_data/grace_hopper.jpg"),
    )


def take(
    browser: Browser,
    filled: Filled,
    only: str,
    ways: list[tuple[str, Literal["light", "dark"]]],
    *,
    exactly: bool = False,
) -> list[tuple[str, bytes]]:
    """Return pictures of pages, by name, width and scheme."""
    taken = []
    for width, scheme in ways:
        across, down = WIDTHS[width]
        window = browser.new_context(
            base_url=filled.server.endpoint_url,
            locale="en",
            color_scheme=scheme,
            reduced_motion="reduce",
            viewport={"width": across, "height": down},
        )
        window.set_default_timeout(20_000)
        page = signed_in(window.new_page(), filled)
        for name, step in steps(filled).items():
            if name == only or (not exactly and only in name):
                step(page, filled)
                page.wait_for_load_state("networkidle")
                taken.append((f"{name}-{width}-{scheme}", page.screenshot(full_page=not exactly)))
                print(f"{name}, {width}, {scheme}")
        window.close()
    return taken


def steps(filled: Filled) -> dict[str, Step]:
    """Return by name how each page is come to: those that a path leads to, then those that answer a form."""
    found: dict[str, Step] = {}
    for where in pages(filled.ids):
        if (
            not where.route.endswith(
                (".json", ".txt", "/events", "/evidence", "/receipts/{request_id}", "/{name}", "/sign-in")
            )
            and where.route
        ):
            name = name_of(where)
            found[name if name not in found else f"{name}-{len(found)}"] = going_to(where.path)
    answers = {f"answer-{name}": step for name, step in ANSWERS.items()}
    return found | answers | {"sign-in": signed_out}  # the last: nobody is signed in then


def name_of(where: Where) -> str:
    """Return what a page's pictures are called."""
    route = re.sub(r"\{\w+\}", "id", where.route)
    query = where.path.partition("?")[2]
    words = re.findall(r"[A-Za-z0-9]+", f"{route} {query}")
    return "-".join(words)[:60] or "home"


def going_to(path: str) -> Step:
    """Return a step that opens a page."""

    def go(page: Page, _: Filled) -> None:
        page.goto(path)

    return go


def signed_in(page: Page, filled: Filled) -> Page:
    """Sign in with the administrator's key."""
    page.goto("/console/")
    page.get_by_label("Access key id").fill(filled.api.key_id)
    page.get_by_label("Secret access key").fill(filled.api.secret)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/console/")
    return page


def signed_out(page: Page, _: Filled) -> None:
    """Sign out."""
    page.goto("/console/")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in?*")


def write_small(content: bytes, path: Path) -> None:
    """Write a picture with as many colours as it takes to be small enough for a page of documentation."""
    with Image.open(io.BytesIO(content)) as picture:
        for colours in (256, 128, 64):
            file = io.BytesIO()
            picture.convert("RGB").quantize(colours).save(file, "PNG", optimize=True)
            if len(file.getvalue()) <= MOST_KB * 1000:
                break
    path.write_bytes(file.getvalue())
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size // 1000} kB")


def _in_package(package: str, path: str) -> Path:
    spec = importlib.util.find_spec(package)
    return Path((spec.submodule_search_locations or [""])[0] if spec else "", path)


if __name__ == "__main__":
    main()
