"""Faces and users in the console: enrolled from a file, seen, searched for, given to users and erased."""

from __future__ import annotations

import base64
from itertools import count
from typing import TYPE_CHECKING

import pytest

from conformance import pictures
from countenance.images import open_image

if TYPE_CHECKING:
    from collections.abc import Callable

    from console.visitor import Page, Visitor
    from rest.api import Api

_numbers = count(1)


@pytest.fixture
def make(admin: Visitor) -> Callable[..., str]:
    """Makes a collection whose policy has these lines, and returns its page."""

    def made(**lines: str) -> str:
        name = f"faces-{next(_numbers)}"
        page = admin.post("/console/new-collection", {"collection_id": name, **lines})
        assert page.says("The collection is made."), page.text
        return f"/console/collections/{name}"

    return made


def enrolled(visitor: Visitor, collection: str, picture: bytes, external_id: str = "", **more: str) -> Page:
    fields = {"external_id": external_id, "source": "subject", **more}
    return visitor.post(f"{collection}/enrol", fields, {"picture": ("them.jpg", picture)})


def face_page(page: Page) -> str:
    """Return the page of the face that was enrolled."""
    (link,) = {str(each["href"]) for each in page.all(".found a[href*='/faces/']")}
    return link


def searched(visitor: Visitor, collection: str, picture: bytes, **more: str) -> Page:
    return visitor.post(f"{collection}/search", {"way": "picture", **more}, {"picture": ("p.jpg", picture)})


def test_a_face_is_enrolled_from_a_file_and_shown_with_its_place(
    admin: Visitor, make: Callable[..., str], collins: bytes
) -> None:
    page = enrolled(admin, make(), collins, "collins")
    assert page.says("1 face is enrolled and can be found from now on.", "collins")
    assert len(page.all("svg .face .box:not(.shade)")) == 1
    assert len(page.all("svg .face .mark")) == 5
    shown = str(page.one("svg image")["href"])
    assert shown.startswith("data:image/jpeg;base64,")
    remade = base64.b64decode(shown.partition(",")[2])
    assert remade != collins
    assert open_image(remade).width_px == open_image(collins).width_px


def test_of_several_faces_one_is_enrolled_or_all_and_of_the_others_it_says_why_not(
    admin: Visitor, make: Callable[..., str], collins: bytes, hopper: bytes
) -> None:
    both, collection = pictures.side_by_side((collins, 300), (hopper, 300)), make()
    page = enrolled(admin, collection, both)
    assert page.says("1 face is enrolled", "not enrolled", "The picture has better faces")
    assert enrolled(admin, collection, both, faces="all").says("2 faces are enrolled")


def test_a_face_that_is_not_fit_is_rejected_with_the_reason(
    admin: Visitor, make: Callable[..., str], collins: bytes
) -> None:
    tiny = pictures.jpeg(pictures.opened(collins).resize((60, 64)))
    page = enrolled(admin, make(), tiny, level="HIGH")
    assert page.says("No face of the picture is fit for recognition.", "too small")


def test_without_consent_nobody_is_enrolled_and_it_says_where_to_record_it(
    admin: Visitor, api: Api, make: Callable[..., str], collins: bytes
) -> None:
    collection = make(purpose="entry", consent="required")
    assert admin.get(f"{collection}/enrol").says("This collection asks for consent to the purpose “entry”.")
    page = enrolled(admin, collection, collins, "eileen")
    assert page.status == 403
    assert page.says("This person has not consented", "Nobody was enrolled")
    link = page.one(".banner a")
    assert link["href"] == "/console/people/new-consent?subject=eileen&purpose=entry"
    assert page.one("#external_id")["value"] == "eileen"
    consent = {
        "subject": "eileen",
        "purpose": "entry",
        "method": "written-release",
        "notice_version": "1",
        "notice_text": "We look at your face to open the door.",
    }
    recorded = api.post("/v1/consents", consent)
    assert recorded.status == 201, recorded.body
    assert enrolled(admin, collection, collins, "eileen").says("1 face is enrolled")


def test_a_source_that_the_policy_refuses_is_not_offered(
    admin: Visitor, make: Callable[..., str], collins: bytes
) -> None:
    collection = make(jurisdiction="cubi", purpose="entry", consent="not-required")
    page = admin.get(f"{collection}/enrol")
    assert {str(each["value"]) for each in page.all("input[name=source]")} == {"subject", "own-publication"}
    assert not page.all("input[name=source][checked]")
    refused = enrolled(admin, collection, collins, source="scraped")
    assert (refused.status, refused.says("The policy forbids this")) == (403, True)


@pytest.mark.parametrize(
    ("name", "content"),
    [("face.jpg", b"GIF87a no"), ("x.png", b"<svg onload=alert(1)>"), ("e.jpg", b"\xff\xd8")],
)
def test_what_is_no_picture_is_told_by_its_field(
    admin: Visitor, make: Callable[..., str], name: str, content: bytes
) -> None:
    page = admin.post(f"{make()}/enrol", {"source": "subject"}, {"picture": (name, content)})
    assert page.status == 400
    assert page.one("#picture-hint .problem").get_text()


def test_without_a_picture_or_with_an_impossible_name_the_fields_say_so(
    admin: Visitor, make: Callable[..., str], collins: bytes
) -> None:
    collection = make()
    assert admin.post(f"{collection}/enrol", {"source": "subject"}).says("Choose a picture.")
    page = enrolled(admin, collection, collins, "<b>Eileen</b>")
    assert page.status == 400
    assert page.one("#external_id")["value"] == "<b>Eileen</b>"


def test_portraits_are_shown_only_where_the_collection_keeps_them(
    admin: Visitor, make: Callable[..., str], collins: bytes
) -> None:
    keeping, other = make(portraits="kept"), make(portraits="not-kept")
    for collection in (keeping, other):
        enrolled(admin, collection, collins, "collins")
    page = admin.get(f"{keeping}/faces")
    assert str(page.one(".face-card img.portrait")["src"]).startswith("data:image/jpeg;base64,")
    sketched = admin.get(f"{other}/faces")
    assert not sketched.all(".face-card img")
    assert len(sketched.all(".face-card svg.sketch")) == 1
    assert sketched.says("No pictures are kept or shown here")


def test_a_key_that_may_not_see_portraits_is_shown_sketches(
    admin: Visitor, api: Api, visitor: Callable[[Api], Visitor], make: Callable[..., str], collins: bytes
) -> None:
    collection = make(portraits="kept")
    enrolled(admin, collection, collins)
    lister = visitor(api.with_key(operations=["list_faces"]))
    page = lister.get(f"{collection}/faces")
    assert (len(page.all("svg.sketch")), page.all("img.portrait")) == (1, [])
    assert not page.all("input[type=checkbox], button.danger")


def test_one_face_is_shown_with_all_that_is_known_of_it(
    admin: Visitor, make: Callable[..., str], collins: bytes
) -> None:
    collection = make(retention="limit", **{"retention-number": "1", "retention-unit": "Y"})
    page = admin.get(face_page(enrolled(admin, collection, collins, "collins")))
    assert page.says("collins", "From the person themself", "(it was enrolled that long ago then)", "Face id")
    assert page.one("a[href*='/people/person']")["href"] == "/console/people/person?subject=collins"


def test_faces_come_in_pages(admin: Visitor, make: Callable[..., str], collins: bytes) -> None:
    collection = make()
    for number in range(25):
        enrolled(admin, collection, collins, f"person-{number}")
    first = admin.get(f"{collection}/faces")
    second = admin.get(f"{collection}/faces{first.one('a[rel=next]')['href']}")
    assert (len(first.all(".face-card")), len(second.all(".face-card"))) == (24, 1)
    assert second.says("person-24")


def test_chosen_faces_are_erased_when_that_is_said_twice(
    admin: Visitor, make: Callable[..., str], collins: bytes
) -> None:
    collection = make()
    enrolled(admin, collection, collins, "collins")
    assert admin.post(f"{collection}/faces", {"to": "erase"}).says("Choose faces first.")
    face = str(admin.get(f"{collection}/faces").one("input[name=face]")["value"])
    asked = admin.post(f"{collection}/faces", {"to": "erase", "face": face})
    assert asked.says("Erase 1 face?", "It cannot be undone.")
    page = admin.post(f"{collection}/erase-faces", {"face": face})
    assert page.says("1 face is erased, for good.", "There are no faces here.")
    assert admin.get(f"{collection}/faces/{face}").status == 404


def test_what_is_no_face_id_is_not_taken_for_one(admin: Visitor, make: Callable[..., str]) -> None:
    collection = make()
    assert admin.post(f"{collection}/erase-faces", {"face": "<script>"}).status == 400
    assert admin.get(f"{collection}/faces/nothing").status == 404
    assert admin.get(f"{collection}/users/%3Cscript%3E").status == 404


def test_a_user_is_made_given_faces_and_found(
    admin: Visitor, make: Callable[..., str], collins: bytes, hopper: bytes
) -> None:
    collection = make()
    for picture, name in ((collins, "a"), (hopper, "b")):
        enrolled(admin, collection, picture, name)
    faces = [str(box["value"]) for box in admin.get(f"{collection}/faces").all("input[name=face]")]
    assert admin.post(f"{collection}/users", {"user_id": "eileen"}).says("The user is made")
    assert admin.post(f"{collection}/users", {"user_id": "eileen"}).status == 409
    assert admin.post(f"{collection}/users", {"user_id": "no spaces"}).status == 400
    asked = admin.post(f"{collection}/faces", {"to": "assign", "face": faces[0]})
    assert asked.says("Whose is this face?")
    page = admin.post(f"{collection}/assign-faces", {"user_id": "nobody", "face": faces[0]})
    assert page.says("There is no such user")
    page = admin.post(f"{collection}/assign-faces", {"user_id": "eileen", "face": faces[0]})
    assert page.says("1 face is this user's now.", "The user eileen")
    assert admin.get(f"{collection}/faces?user=eileen").path == f"{collection}/users/eileen"
    page = admin.post(f"{collection}/assign-faces", {"user_id": "eileen", "face": faces[1]})
    assert page.says("Not all of the faces are the user's now", "too unlike the other faces")
    # A face that is a user's is not erased by the way.
    page = admin.post(f"{collection}/erase-faces", {"face": faces})
    assert page.says("1 face is erased, for good.", "1 face stays, because it is a user's")
    page = admin.post(f"{collection}/users/eileen", {"face": faces[0]})
    assert page.says("1 face is no longer this user's.", "This user has no faces yet.")
    page = admin.post(f"{collection}/users/eileen/delete")
    assert page.says("The user is deleted; the faces stay.", "There are no users here.")


def test_a_search_says_with_each_match_what_it_is_worth(
    admin: Visitor, make: Callable[..., str], collins: bytes
) -> None:
    collection = make()
    enrolled(admin, collection, collins, "collins")
    page = searched(admin, collection, collins)
    assert page.says(
        "1 was found.", "collins", "similarity 100", "comparisons of different people reaches this"
    )
    assert page.says(
        "At most about 1 in",
        "With 1 compared, expect a wrong answer in about 1 of",
        "False match rate 0.00001 · expected false matches 0.00001",
    )


def test_who_is_not_there_is_not_found_and_that_proves_nothing(
    admin: Visitor, make: Callable[..., str], collins: bytes, hopper: bytes
) -> None:
    collection = make()
    enrolled(admin, collection, collins)
    page = searched(admin, collection, hopper, similarity="99")
    assert page.says("Nobody here is so alike.", "no proof", "1 in 100,000 comparisons")


def test_a_search_begins_with_a_face_or_a_user_that_is_there(
    admin: Visitor, make: Callable[..., str], collins: bytes
) -> None:
    collection = make()
    first = face_page(enrolled(admin, collection, collins, "one"))
    enrolled(admin, collection, collins, "two")
    form = admin.get(str(admin.get(first).one("a[href*='/search?face=']")["href"]))
    face_id = str(form.one("#face_id")["value"])
    page = admin.post(f"{collection}/search", {"way": "face", "face_id": face_id, "similarity": "80"})
    assert page.says("1 was found.", "two")
    for user, face in (("ann", "one"), ("bea", "two")):
        admin.post(f"{collection}/users", {"user_id": user})
        cards = admin.get(f"{collection}/faces").all(".face-card")
        (chosen,) = [card for card in cards if face in card.get_text()]
        (box,) = chosen.select("input")
        admin.post(f"{collection}/assign-faces", {"user_id": user, "face": str(box["value"])})
    page = admin.post(f"{collection}/search", {"way": "user", "user_id": "ann", "similarity": "80"})
    assert page.says("1 was found.", "bea")


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"way": "picture"}, "Choose a picture."),
        ({"way": "face", "face_id": "x"}, "no face id"),
        ({"way": "user", "user_id": "<b>"}, "Nobody can be called that."),
        ({"way": "user", "user_id": "nobody"}, "There is no such user"),
        ({"way": "user", "user_id": "ann", "similarity": "nan"}, "Give a number from 0 to 100."),
        ({"way": "palm"}, "Search in this collection"),
    ],
)
def test_what_cannot_be_searched_for_is_told(
    admin: Visitor, make: Callable[..., str], fields: dict[str, str], problem: str
) -> None:
    page = admin.post(f"{make()}/search", fields)
    assert page.status in (400, 404)
    assert page.says(problem)


def test_an_answer_that_waits_for_review_names_nobody_and_leads_there(
    admin: Visitor, make: Callable[..., str], collins: bytes
) -> None:
    collection = make(review="two-person", portraits="kept")
    enrolled(admin, collection, collins, "collins")
    assert admin.get(f"{collection}/search").says("You will not get the answer at once")
    page = searched(admin, collection, collins)
    assert page.says("The answer waits for people.")
    assert "collins" not in page.text
    assert not page.all(".match")
    assert str(page.one(".banner a")["href"]).startswith("/console/reviews/")


def test_where_searches_are_refused_the_page_says_so(
    admin: Visitor, make: Callable[..., str], collins: bytes
) -> None:
    collection = make(search="refused")
    assert admin.get(f"{collection}/search").says("refuses searches for unknown faces")
    page = searched(admin, collection, collins)
    assert (page.status, page.says("The policy forbids this")) == (403, True)
