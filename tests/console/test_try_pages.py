"""Trying pictures in the console: what is seen in one, how alike two are; in a browser, too."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from conformance import pictures
from countenance.doors.console.pictures import Axis, axes_of
from countenance.doors.console.weights import expected_told, rate_told, round_number, small_number
from countenance.faces import Pose
from countenance.operations.weigh_answers import Weight

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import playwright.sync_api

    from console.visitor import Page, Visitor
    from rest.api import Api
    from serving import RunningServer

ORIENTATION = 0x0112


def tried(visitor: Visitor, picture: bytes, name: str = "them.jpg", **fields: str) -> Page:
    return visitor.post("/console/try", fields, {"picture": (name, picture)})


def compared(visitor: Visitor, first: bytes, second: bytes) -> Page:
    return visitor.post("/console/try/compare", {}, {"first": ("1.jpg", first), "second": ("2.jpg", second)})


def shown_in(page: Page) -> Image.Image:
    """Return the picture that a page shows."""
    source = str(page.one("svg image")["href"])
    return pictures.opened(base64.b64decode(source.partition(",")[2]))


def test_a_picture_is_shown_with_boxes_landmarks_pose_and_quality(
    admin: Visitor, collins: bytes, hopper: bytes
) -> None:
    page = tried(admin, pictures.side_by_side((collins, 300), (hopper, 300)))
    assert page.says("2 faces", "fit for recognition", "straight ahead", "Sharpness", "Between the eyes")
    faces = page.all("svg a.face")
    assert [len(face.select(".mark")) for face in faces] == [5, 5]
    assert [len(face.select(".axis")) for face in faces] == [3, 3]
    # Each face of the drawing leads to its row, with or without a script.
    rows = {f"#{row['id']}" for row in page.all("li[data-face]")}
    assert {str(face["href"]) for face in faces} == rows


def test_a_face_that_would_be_rejected_is_shown_with_every_reason(admin: Visitor, collins: bytes) -> None:
    dark = pictures.darkened(collins)
    assert tried(admin, dark, level="HIGH").says("would be rejected", "The face is too dark or too bright.")
    assert tried(admin, dark, level="NONE").says("fit for recognition")
    assert tried(admin, dark, level="<b>").says("would be rejected")


def test_a_picture_without_faces_says_so(admin: Visitor) -> None:
    grey = pictures.jpeg(Image.new("RGB", (200, 200), pictures.GREY))
    assert tried(admin, grey).says("0 faces", "No face was found in this picture.")


def test_the_picture_is_made_anew_upright_and_small_without_what_came_with_it(
    admin: Visitor, collins: bytes
) -> None:
    large = pictures.opened(collins).resize((1800, 1928)).transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    exif[0x010E] = "<script>alert(1)</script>"
    page = tried(admin, pictures.jpeg(large, exif=exif.tobytes()))
    shown = shown_in(page)
    assert max(shown.size) == 1280
    assert shown.height > shown.width
    assert page.one("svg.picture")["viewbox"] == "0 0 1800 1928"
    assert page.says("1 face")
    assert b"alert(1)" not in base64.b64decode(str(page.one("svg image")["href"]).partition(",")[2])


def test_nothing_of_a_tried_picture_is_kept(admin: Visitor, console: RunningServer, collins: bytes) -> None:
    marked = collins + b"a mark at the end of this picture"
    assert tried(admin, marked).says("1 face")
    for file in console.data_dir.rglob("*"):
        if file.is_file():
            assert b"a mark at the end of this picture" not in file.read_bytes()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jpg", b""),
        ("a.jpg", b"no picture"),
        ("a.png", b"\x89PNG\r\n\x1a\n"),
        ("a.heic", b"\0\0\0\x18ftypheic"),
    ],
)
def test_what_is_no_picture_is_told(admin: Visitor, name: str, content: bytes) -> None:
    page = tried(admin, content, name)
    assert page.status == 400
    assert page.one("#picture-hint .problem").get_text()


def test_without_a_picture_it_asks_for_one(admin: Visitor) -> None:
    page = admin.post("/console/try")
    assert (page.status, page.says("Choose a picture.")) == (400, True)
    page = admin.post("/console/try/compare")
    assert len(page.all(".problem:not([hidden])")) == 2


def test_two_pictures_of_one_person_are_alike_and_of_two_are_not(
    admin: Visitor, collins: bytes, hopper: bytes
) -> None:
    both = pictures.side_by_side((collins, 300), (hopper, 300))
    page = compared(admin, pictures.lighter(collins, 1.2), both)
    first, second = (" ".join(row.get_text(" ").split()) for row in page.all("li[data-face]"))
    assert "Very alike" in first
    assert "comparisons of different people reaches this" in first
    assert "No match" in second
    assert len(page.all("[data-drawing=second] a.face")) == 2


def test_where_one_picture_has_no_face_or_is_none_it_says_which(admin: Visitor, collins: bytes) -> None:
    grey = pictures.jpeg(Image.new("RGB", (200, 200), pictures.GREY))
    assert compared(admin, collins, grey).says("There is no face in the picture", "target picture")
    assert compared(admin, collins, b"nothing").one("#second-hint .problem")
    assert compared(admin, b"nothing", collins).one("#first-hint .problem")


def test_a_collection_is_searched(admin: Visitor, collins: bytes) -> None:
    admin.post("/console/new-collection", {"collection_id": "tried"})
    files = {"picture": ("c.jpg", collins)}
    fields = {"external_id": "collins", "source": "subject"}
    admin.post("/console/collections/tried/enrol", fields, files)
    assert "tried" in {str(option["value"]) for option in admin.get("/console/try/search").all("option")}
    page = admin.post("/console/try/search", {"collection_id": "tried", "similarity": "99"}, files)
    assert page.says("1 was found.", "collins", "With 1 compared, expect")
    page = admin.post("/console/try/search", {"collection_id": "nowhere"}, files)
    assert (page.status, page.says("There is no such collection")) == (404, True)
    page = admin.post("/console/try/search", {"collection_id": "<b>", "similarity": "inf"})
    assert page.says("Choose a collection.", "Choose a picture.", "Give a number from 0 to 100.")


def test_a_key_is_offered_to_try_only_what_it_may(api: Api, visitor: Callable[[Api], Visitor]) -> None:
    comparer = visitor(api.with_key(operations=["compare_faces"]))
    page = comparer.get("/console/try")
    assert page.path == "/console/try/compare"
    assert [link.get_text() for link in page.all(".tabs a")] == ["Compare two pictures"]
    assert comparer.post("/console/try").status == 403


@pytest.mark.parametrize(
    ("rate", "size", "wrong", "one_search_in"),
    [(1e-3, 12_000, 12.0, None), (1e-3, 1_500, 1.5, None), (1e-5, 1_000, None, 100), (1e-3, 0, None, None)],
)
def test_a_rate_is_told_as_people_say_it(
    rate: float, size: int, wrong: float | None, one_search_in: int | None
) -> None:
    told = expected_told(Weight(80.0, rate, rate * size), 1e-6)
    assert (told.wrong, told.one_search_in) == (wrong, one_search_in)
    assert told.rate.one_in == round(1 / rate)


@pytest.mark.parametrize(
    ("value", "told"),
    [(1e-5, "0.00001"), (0.000123, "0.00012"), (12.34, "12"), (0, "0"), (3e-9, "0.000000003")],
)
def test_a_rate_that_is_small_is_not_told_as_none(value: float, told: str) -> None:
    assert small_number(value, "en") == told


def test_what_the_data_cannot_show_is_not_told_as_if_it_did() -> None:
    assert rate_told(1e-6, 1e-6).or_rarer
    assert not rate_told(2e-6, 1e-6).or_rarer
    assert (round_number(0.2), round_number(8.6), round_number(12_345)) == (1, 9, 12_000)


@pytest.mark.parametrize(
    ("pose", "ahead"),
    [
        (Pose(0, 0, 0), (0, 0)),
        (Pose(0, 0, 90), (1, 0)),
        (Pose(90, 0, 0), (0, -1)),
        (Pose(90, 90, 0), (1, 0)),
        (Pose(0, 90, 90), (0, 1)),
    ],
)
def test_the_axis_of_the_nose_points_where_the_head_does(pose: Pose, ahead: tuple[int, int]) -> None:
    *_, nose = axes_of(pose, Axis(0, 0), 1)
    assert (nose.x, nose.y) == pytest.approx(ahead, abs=1e-9)


def test_a_dropped_file_is_shown_and_looked_at(tab: playwright.sync_api.Page, collins: bytes) -> None:
    tab.goto("/console/try")
    dropping = """(zone, content) => {
      const files = new DataTransfer();
      const bytes = Uint8Array.from(atob(content), (each) => each.charCodeAt(0));
      files.items.add(new File([bytes], "them.jpg", { type: "image/jpeg" }));
      zone.dispatchEvent(new DragEvent("drop", { dataTransfer: files, bubbles: true, cancelable: true }));
    }"""
    tab.locator("[data-picture]").evaluate(dropping, base64.b64encode(collins).decode())
    tab.locator("img.preview").wait_for(state="visible")
    tab.get_by_role("button", name="Look at it").click()
    tab.get_by_role("heading", name="1 face").wait_for()


def test_a_face_and_its_row_light_up_together_by_keyboard(
    tab: playwright.sync_api.Page, collins: bytes, hopper: bytes, tmp_path: Path
) -> None:
    (tmp_path / "both.jpg").write_bytes(pictures.side_by_side((collins, 300), (hopper, 300)))
    tab.goto("/console/try")
    tab.get_by_label("Picture", exact=True).set_input_files(tmp_path / "both.jpg")
    tab.get_by_role("button", name="Look at it").click()
    tab.locator("svg a.face").first.focus()
    assert tab.locator("li.lit").get_attribute("data-face") == "1"
    tab.keyboard.press("Tab")
    assert tab.locator("li.lit").get_attribute("data-face") == "2"
    tab.locator("li[data-face='1'] [data-row]").focus()
    assert tab.locator("svg a.face.lit").get_attribute("data-face") == "1"


def test_a_file_that_is_too_large_is_told_before_it_is_sent(tab: playwright.sync_api.Page) -> None:
    tab.goto("/console/try")
    tab.locator("[data-picture]").evaluate("(zone) => { zone.dataset.mostBytes = '10'; }")
    chosen = {"name": "large.jpg", "mimeType": "image/jpeg", "buffer": b"x" * 11}
    tab.get_by_label("Picture", exact=True).set_input_files(chosen)  # type: ignore[arg-type]
    problem = tab.locator("[data-problem]")
    problem.wait_for(state="visible")
    assert re.match("This file is too large; the most is", problem.inner_text())
    assert not tab.locator("main form").first.evaluate("(form) => form.checkValidity()")


def test_a_picture_is_taken_with_the_camera_which_is_closed_again(tab: playwright.sync_api.Page) -> None:
    tab.goto("/console/try")
    tab.get_by_role("button", name="Use the camera").click()
    tab.get_by_role("button", name="Take the picture").click()
    tab.locator("img.preview").wait_for(state="visible")
    assert tab.evaluate("document.querySelector('video').srcObject") is None
    assert tab.locator("[data-camera]").is_hidden()
    tab.get_by_role("button", name="Look at it").click()
    tab.get_by_role("heading", name="0 faces").wait_for()
