"""People in the console: found by name, shown with what is held, consenting, withdrawing, and erased."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from countenance.operations.look_into_ledger import check_receipt
from rest.api import consent_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from console.visitor import Page, Visitor
    from rest.api import Api
    from serving import RunningServer

PURPOSE = "access-control"
NEW_CONSENT = "/console/people/new-consent"
HOSTILE = "<script>alert(1)</script>\u202e"


@pytest.fixture(scope="session")
def staff(api: Api) -> str:
    """A collection that requires consent and erases people a year after the last interaction."""
    collection_id = f"staff-{uuid.uuid4()}"
    policy = {"purpose": PURPOSE, "consent": "required", "last_interaction": "P1Y"}
    made = api.post("/v1/collections", {"collection_id": collection_id, "policy": policy})
    assert made.status == 201, made.body
    return collection_id


@pytest.fixture
def enrolled(console: RunningServer, api: Api, staff: str, collins: bytes) -> Callable[[], str]:
    """Enrols somebody who has consented, under a new name."""

    def enrol() -> str:
        name = f"eileen-{uuid.uuid4()}"
        assert api.post("/v1/consents", consent_of(name)).status == 201
        answer = console.boto3_client().index_faces(
            CollectionId=staff, Image={"Bytes": collins}, ExternalImageId=name, MaxFaces=1
        )
        assert len(answer["FaceRecords"]) == 1
        return name

    return enrol


def filled_in(**fields: str) -> dict[str, str]:
    """Return the form that records a consent, filled in."""
    return {
        "subject": f"ann-{uuid.uuid4()}",
        "purpose": PURPOSE,
        "method": "written-release",
        "notice_version": "2026-02",
        "notice": "We keep a template of your face.",
        **fields,
    }


def record(visitor: Visitor, files: dict[str, tuple[str, bytes]] | None = None, **fields: str) -> Page:
    return visitor.post(NEW_CONSENT, filled_in(**fields), files, shown_on=NEW_CONSENT)


def person(name: str) -> str:
    return f"/console/people/person?subject={name}"


def withdrawn(visitor: Visitor, name: str) -> Page:
    """Withdraw the consent of somebody, as from their page on."""
    (link,) = [
        str(each["href"]) for each in visitor.get(person(name)).all("a") if "Withdraw" in each.get_text()
    ]
    assert visitor.get(link).says("Withdraw this consent?")
    return visitor.post(link, shown_on=link)


def test_people_are_found_by_a_part_of_their_name(admin: Visitor, enrolled: Any, staff: str) -> None:
    name = enrolled()
    page = admin.get(f"/console/people?name={name[8:30].upper()}")
    (row,) = page.all("tbody tr")
    assert row.select("th a")[0].get_text() == name
    assert staff in row.get_text()
    assert PURPOSE in row.get_text()
    assert admin.get(f"/console/people?name={'x' * 256}").status == 422
    nobody = admin.get("/console/people?name=%3Cscript%3E")
    assert nobody.says("Nobody is enrolled under such a name.", "<script>")


def test_lists_of_people_come_in_pages(admin: Visitor, console: RunningServer) -> None:
    client, many = console.boto3_client(), f"many-{uuid.uuid4()}"
    client.create_collection(CollectionId=many)
    for number in range(51):
        client.create_user(CollectionId=many, UserId=f"{many}-{number:02}")
    first = admin.get(f"/console/people?name={many}")
    assert len(first.all("tbody tr")) == 50
    second = admin.get(f"/console/people{first.one('a[rel=next]')['href']}")
    assert [each.get_text() for each in second.all("tbody th a")] == [f"{many}-50"]
    assert not second.all("a[rel=next]")


def test_a_person_is_shown_with_what_is_held_and_until_when(
    admin: Visitor, enrolled: Any, staff: str
) -> None:
    page = admin.get(person(enrolled()))
    assert page.says(staff, "can find them", "the time since the last interaction is over", "valid")
    assert page.says("No consent of this person is recorded.") is False
    assert "Erase this person" in page.text


def test_whose_consent_is_missing_can_be_given_it_from_their_page(
    admin: Visitor, api: Api, enrolled: Any
) -> None:
    name = enrolled()
    (given,) = api.get("/v1/consents", subject=name).json["items"]
    hold = api.post("/v1/holds", {"subject": name, "reference": "case 8"}).json["hold_id"]
    assert api.post(f"/v1/consents/{given['consent_id']}/withdrawal").status == 200
    page = admin.get(person(name))
    assert page.says("find none of them")
    form = admin.get(str(page.all("td a[href*='new-consent']")[0]["href"]))
    assert form.one("input[name=subject]")["value"] == name
    assert form.one("input[name=purpose]")["value"] == PURPOSE
    assert api.delete(f"/v1/holds/{hold}").status == 204


def test_who_is_unknown_is_told_as_nobody(admin: Visitor) -> None:
    for path in (person("nobody"), "/console/people/found?subject=nobody", "/console/people/person"):
        page = admin.get(path)
        assert page.status == 404
        assert page.says("Nothing is held of such a person")


def test_an_interaction_begins_the_time_anew(admin: Visitor, enrolled: Any) -> None:
    name = enrolled()
    page = admin.post("/console/people/interaction", {"subject": name}, shown_on=person(name))
    assert page.says("The interaction is noted")
    nobody = admin.post("/console/people/interaction", {"subject": "nobody"}, shown_on=person(name))
    assert nobody.status == 404


def test_the_searches_that_found_somebody_are_shown_with_who_asked(
    admin: Visitor, console: RunningServer, enrolled: Any, staff: str, collins: bytes
) -> None:
    name = enrolled()
    found = console.boto3_client().search_faces_by_image(CollectionId=staff, Image={"Bytes": collins})
    assert found["FaceMatches"]
    page = admin.get(f"/console/people/found?subject={name}")
    request_id = found["ResponseMetadata"]["RequestId"]
    assert page.all(f"a[href='/console/ledger/requests/{request_id}']")
    assert page.says("Searches that found this person", "search_faces_by_image", "you")


def test_a_consent_is_recorded_with_its_evidence(admin: Visitor) -> None:
    release = b"%PDF-1.7 signed"
    day = (datetime.now(UTC) - timedelta(days=3)).date().isoformat()
    page = record(
        admin, {"evidence": ("../../release.html", release)}, given=day, expires="2999-01-31", signer="Ana"
    )
    assert page.says("The consent is recorded.", "valid", "application/pdf", "1 Feb 2999, 00:00 UTC", "Ana")
    sent = admin.get(str(page.one("a[href$='/evidence']")["href"]))
    assert sent.content == release
    assert sent.headers["content-disposition"].startswith('attachment; filename="consent-')
    assert sent.headers["content-type"] == "application/octet-stream"
    assert sent.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"<html><script>alert(1)</script>", "application/octet-stream"),
        (b"\xff\xd8\xff\xe0 photograph", "image/jpeg"),
    ],
)
def test_evidence_is_what_its_bytes_say_not_its_name(admin: Visitor, content: bytes, kind: str) -> None:
    assert record(admin, {"evidence": ("release.pdf", content)}).says(kind)


def test_evidence_may_be_words(admin: Visitor) -> None:
    page = record(admin, proof="In the safe, folder 7")
    assert admin.get(str(page.one("a[href$='/evidence']")["href"])).content == b"In the safe, folder 7"


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"subject": "a b"}, "Letters, digits and _ . - : are possible"),
        ({"subject": ""}, "Letters, digits and _ . - : are possible"),
        ({"purpose": "Entry"}, "Small letters, digits and - are possible"),
        ({"notice_version": ""}, "Say which version"),
        ({"notice": ""}, "The text is needed"),
        ({"method": "guardian"}, "A guardian must be named."),
        ({"given": "2999-01-01"}, "A consent cannot be given in the future."),
        ({"given": "31.01.2026"}, "This is no day."),
        ({"expires": "2026-02-30"}, "This is no day."),
        ({"given": "2020-01-02", "expires": "2020-01-01"}, "See that it ends after it was given"),
        ({"signer": "two\nlines"}, "names are on one line"),
        ({"method": "shouted"}, "see what is marked below"),
    ],
)
def test_what_is_not_well_formed_comes_back_with_the_form(
    admin: Visitor, fields: dict[str, str], told: str
) -> None:
    page = record(admin, None, **{"notice": f"A notice {HOSTILE}"} | fields)
    assert page.status == 422
    assert page.says(told)
    if "notice" not in fields:
        assert page.one("textarea[name=notice]").get_text() == f"A notice {HOSTILE}"


def test_too_much_evidence_is_refused_in_words(admin: Visitor) -> None:
    page = record(admin, {"evidence": ("big.pdf", b"%PDF-" + bytes(5_242_880))})
    assert page.status in {413, 422}
    assert page.says("too large")


def test_a_form_is_filled_in_by_its_address(admin: Visitor) -> None:
    page = admin.get(f"{NEW_CONSENT}?subject=ann&purpose=%22onfocus%3Dalert(1)")
    assert page.one("input[name=subject]")["value"] == "ann"
    assert page.one("input[name=purpose]")["value"] == '"onfocus=alert(1)'


def test_withdrawing_says_what_follows_and_erases_at_once(admin: Visitor, enrolled: Any, staff: str) -> None:
    name = enrolled()
    (link,) = [
        str(each["href"]) for each in admin.get(person(name)).all("a") if "Withdraw" in each.get_text()
    ]
    asked = admin.get(link)
    assert asked.says(f"1 face in the collection {staff} is erased at once.")
    done = admin.post(link, shown_on=link)
    assert done.says("1 face rested on it and is erased.")
    receipt = admin.get(str(done.all("a[href*='/people/receipts/']")[0]["href"]))
    assert json.loads(receipt.content)["entries"]
    page = admin.get(person(name))
    assert page.says("withdrawn", "No collection holds a face of this person.")


def test_where_another_consent_is_valid_faces_stay(admin: Visitor, api: Api, enrolled: Any) -> None:
    name = enrolled()
    second = api.post("/v1/consents", consent_of(name)).json["consent_id"]
    link = f"/console/consents/{second}/withdraw"
    assert admin.get(link).says("Another consent of theirs to the same purpose is valid")
    assert admin.post(link, shown_on=link).says("No face rested on it")


def test_whoever_is_erased_is_gone_and_there_is_a_receipt(
    admin: Visitor, api: Api, enrolled: Any, staff: str
) -> None:
    name = enrolled()
    asking = f"/console/people/erase?subject={name}"
    page = admin.get(asking)
    assert page.says("What goes", f"In the collection {staff}: 1 face", "1 consent ends")
    mistyped = admin.post("/console/people/erase", {"subject": name, "typed": "Eileen"}, shown_on=asking)
    assert mistyped.status == 422
    assert mistyped.says("Nothing was erased: what you typed is not the name.")
    done = admin.post("/console/people/erase", {"subject": name, "typed": name}, shown_on=asking)
    assert done.says("Everything that was held of this person is erased.", staff)
    facts = {
        each.dt.get_text(): each.dd.get_text() for each in done.all(".facts > div") if each.dt and each.dd
    }
    assert (facts["Faces"], facts["Consents ended"], facts["Keys destroyed"]) == ("1", "1", "1")
    assert name not in done.content.decode()
    sent = admin.get(str(done.all("a[href*='/people/receipts/']")[0]["href"]))
    assert sent.headers["content-disposition"].startswith('attachment; filename="receipt-')
    proved = check_receipt(json.loads(sent.content), api.get("/v1/ledger/key").body.decode())
    assert (proved.erased_faces, proved.keys_destroyed) == (1, 1)
    assert admin.get(person(name)).says("No collection holds a face", "withdrawn")


def test_who_is_held_cannot_be_erased_and_is_told_why(admin: Visitor, api: Api, enrolled: Any) -> None:
    name = enrolled()
    hold = api.post("/v1/holds", {"subject": name, "reference": "case 7"}).json["hold_id"]
    assert admin.get(person(name)).says("A legal hold is in force", "case 7")
    asking = f"/console/people/erase?subject={name}"
    page = admin.get(asking)
    assert page.says("nobody can erase them until an administrator releases the hold", "case 7")
    assert not page.all("input[name=typed]")
    refused = admin.post("/console/people/erase", {"subject": name, "typed": name}, shown_on="/console/")
    assert refused.status == 409
    assert refused.says("Nothing was erased: a legal hold forbids it.")
    assert withdrawn(admin, name).says("A legal hold keeps the faces.")
    assert api.delete(f"/v1/holds/{hold}").status == 204


def test_a_name_of_dots_is_a_person_like_any_other(admin: Visitor, api: Api) -> None:
    for name in (".", "..", "a:b"):
        assert api.post("/v1/consents", consent_of(name)).status == 201
        page = admin.get(person(name))
        assert page.status == 200
        assert page.one("h1").get_text() == name


def test_a_key_that_may_not_is_offered_nothing_and_refused(
    api: Api, visitor: Callable[[Api], Visitor], enrolled: Any
) -> None:
    name = enrolled()
    looker = visitor(api.with_key(operations=["list_subjects", "show_subject"]))
    page = looker.get(person(name))
    assert page.status == 200
    for word in ("Erase", "Record a consent", "Withdraw", "Note an interaction"):
        assert word not in page.text
    refused = looker.post("/console/people/erase", {"subject": name, "typed": name}, shown_on="/console/")
    assert refused.status == 403
    assert looker.get(NEW_CONSENT).status == 403
    outsider = visitor(api.with_key(collections=["other-*"]))
    assert outsider.get(f"/console/people?name={name}").says("Nobody is enrolled under such a name.")
    assert outsider.get(person(name)).says("No collection holds a face of this person.")


def test_a_key_without_lists_looks_people_up_by_their_whole_name(
    api: Api, visitor: Callable[[Api], Visitor]
) -> None:
    page = visitor(api.with_key(operations=["show_subject"])).get("/console/people")
    assert page.status == 200
    assert page.one("form[role=search]")["action"] == "/console/people/person"
    assert page.all("input[name=subject]")


def test_a_key_that_may_only_withdraw_and_erase_is_told_what_goes_in_general(
    api: Api, visitor: Callable[[Api], Visitor], enrolled: Any
) -> None:
    name = enrolled()
    (consent,) = api.get("/v1/consents", subject=name).json["items"]
    eraser = visitor(api.with_key(operations=["show_consent", "withdraw_consent", "erase_subject"]))
    link = f"/console/consents/{consent['consent_id']}/withdraw"
    assert eraser.get(link).says("Faces that rest on it are erased at once.")
    assert eraser.post(link, shown_on=link).says("1 face rested on it and is erased.")
    asking = f"/console/people/erase?subject={name}"
    assert eraser.get(asking).says("All faces, users and consents of this person, in all collections")
    done = eraser.post("/console/people/erase", {"subject": name, "typed": name}, shown_on=asking)
    assert done.says(
        "Everything that was held of this person is erased.", "Your access key may not see receipts"
    )
    again = eraser.post("/console/people/erase", {"subject": "nobody", "typed": "nobody"}, shown_on=asking)
    assert again.status == 404


def test_a_key_that_may_only_record_goes_on_recording(api: Api, visitor: Callable[[Api], Visitor]) -> None:
    recorder = visitor(api.with_key(operations=["record_consent"]))
    page = record(recorder)
    assert page.says("The consent is recorded.")
    assert page.one("input[name=subject]")["value"] == ""


def test_a_consent_without_evidence_has_none_to_send(admin: Visitor) -> None:
    page = record(admin)
    assert page.says("none is kept")
    consent = page.path.partition("?")[0]
    assert admin.get(f"{consent}/evidence").status == 404
    assert admin.get(f"/console/consents/{uuid.uuid4()}").status == 404


def test_consents_are_listed_with_whom_they_are_of(admin: Visitor) -> None:
    name = record(admin).all("dd bdi")[0].get_text()
    page = admin.get("/console/people/consents")
    while page.all("a[rel=next]"):
        page = admin.get(f"/console/people/consents{page.one('a[rel=next]')['href']}")
    assert name in [each.get_text() for each in page.all("tbody th a")]
