"""Collections in the console: made with a policy in plain words, shown with the law, changed and deleted."""

from __future__ import annotations

import re
from itertools import count
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from console.visitor import Page, Visitor
    from rest.api import Api

NEW = "/console/new-collection"
_numbers = count(1)


def fresh() -> str:
    """Return a name that no collection has."""
    return f"pages-{next(_numbers)}"


def made(admin: Visitor, name: str, **lines: str) -> Page:
    fields = {"collection_id": name} | {key.replace("_", "-"): value for key, value in lines.items()}
    return admin.post(NEW, fields)


def entry_count(api: Api) -> int:
    size = api.get("/v1/ledger/checkpoint").body.split(b"\n")[1]
    return int(size)


def test_a_collection_is_made_with_its_policy_and_shown_with_it(admin: Visitor, api: Api) -> None:
    name = fresh()
    page = made(
        admin,
        name,
        jurisdiction="gdpr",
        purpose="access-control",
        basis="consent, Art. 9(2)(a)",
        retention="limit",
        retention_number="2",
        retention_unit="Y",
        portraits="kept",
    )
    assert page.path == f"/console/collections/{name}?done=created"
    assert page.says("The collection is made.", "access-control", "2 years", "European Union: GDPR")
    assert page.says("EU AI Act Art. 14(5)", "Nobody is enrolled or found without a valid consent")
    lines = {line["name"]: line for line in api.get(f"/v1/collections/{name}/policy").json["lines"]}
    assert lines["retention"]["value"] == "P2Y"
    assert lines["portraits"]["value"] == "kept"
    # What nobody declared is left to the law: there is no tag for it.
    assert (lines["consent"]["value"], lines["consent"]["origin"]) == ("required", "gdpr")
    assert (lines["review"]["value"], lines["review"]["origin"]) == ("two-person", "gdpr")


def test_what_is_wrong_stands_by_its_field_and_what_was_typed_stays(admin: Visitor) -> None:
    page = made(
        admin,
        "no spaces please",
        purpose="Access Control",
        basis="consent",
        retention="limit",
        retention_number="some",
        review="two-person",
    )
    assert page.status == 400
    wrong = {str(field["id"]) for field in page.all("input[aria-invalid=true]")}
    assert wrong == {"collection_id", "purpose", "retention-number"}
    assert page.one("#collection_id")["value"] == "no spaces please"
    assert page.one("#basis")["value"] == "consent"
    assert page.one("#retention-number")["value"] == "some"
    assert page.one("input[name=review][checked]")["value"] == "two-person"


def test_what_the_law_asks_to_be_declared_is_told_by_field(admin: Visitor) -> None:
    page = made(admin, fresh(), jurisdiction="gdpr", purpose="entry")
    assert page.status == 400
    told = {str(hint["id"]) for hint in page.all("p.hint:has(.problem)")}
    assert told == {"basis-hint", "retention-hint"}


def test_the_form_offers_what_the_policy_allows_and_nothing_else(admin: Visitor) -> None:
    page = admin.get(NEW)

    def offered(name: str) -> set[str]:
        return {str(option["value"]) for option in page.all(f"input[name={name}]")}

    assert offered("jurisdiction") == {"", "none", "bipa", "cubi", "gdpr", "eu", "washington"}
    assert offered("consent") == {"", "required", "not-required"}
    assert offered("review") == {"", "none", "one", "two-person"}
    assert offered("portraits") == {"", "kept", "not-kept"}
    assert offered("grouping") == offered("search") == {"", "allowed", "refused"}
    # Each law is there with what it asks for, and where that is written.
    assert page.says("740 ILCS 14/15(a)", "RCW 43.386: meaningful human review")


def test_a_name_that_is_taken_is_told(admin: Visitor) -> None:
    name = fresh()
    made(admin, name)
    page = made(admin, name, purpose="entry")
    assert page.status == 409
    assert page.says("There is a collection of this name already")
    assert page.one("#purpose")["value"] == "entry"


@pytest.mark.parametrize("name", [".", "..", "new-collection", "new"])
def test_a_collection_of_an_awkward_name_has_its_pages(admin: Visitor, name: str) -> None:
    page = made(admin, name)
    assert page.says("The collection is made.")
    assert page.one("h1").get_text() == name
    faces = admin.get(str(next(link["href"] for link in page.all(".tabs a") if "faces" in str(link["href"]))))
    assert faces.status == 200
    assert admin.post(f"{page.path.partition('?')[0]}/delete", {"typed": name}).says("is deleted")


def test_all_collections_are_listed_with_what_holds_in_them(admin: Visitor) -> None:
    name = fresh()
    made(admin, name, purpose="boarding", consent="required", review="one", retention="none")
    page = admin.get("/console/collections")
    while not (rows := [row for row in page.all("tbody tr") if name in row.get_text()]):
        page = admin.get(f"/console/collections{page.one('a[rel=next]')['href']}")
    told = " ".join(rows[0].get_text(" ").split())
    assert all(text in told for text in ("0", "boarding", "required", "One person", "No limit."))


def test_a_page_is_one_entry_in_the_ledger(admin: Visitor, api: Api) -> None:
    name = fresh()
    made(admin, name)
    for path in ("", "/faces", "/users", "/search", "/enrol", "/settings"):
        before = entry_count(api)
        assert admin.get(f"/console/collections/{name}{path}").status == 200
        assert entry_count(api) - before <= 2, path  # the other is the question itself


def test_a_line_of_the_policy_is_changed_and_left_to_the_law_again(admin: Visitor, api: Api) -> None:
    name = fresh()
    made(admin, name, jurisdiction="bipa", purpose="entry")
    settings = f"/console/collections/{name}/settings"
    page = admin.post(f"{settings}/consent", {"consent": "not-required"})
    assert page.path == f"{settings}?done=changed"
    assert page.says("The policy is changed.", "No consent is asked for.")
    assert admin.get(f"{settings}/consent").says("At the moment: Yes, each person")
    assert admin.post(f"{settings}/consent", {"consent": ""}).says("without a valid consent")
    (line,) = (
        line for line in api.get(f"/v1/collections/{name}/policy").json["lines"] if line["name"] == "consent"
    )
    assert line["origin"] == "bipa"


def test_every_line_has_a_form_that_shows_what_it_takes(admin: Visitor) -> None:
    name = fresh()
    made(admin, name, purpose="entry")
    settings = f"/console/collections/{name}/settings"
    sent: dict[str, dict[str, str | list[str]]] = {
        "last-interaction": {
            "last-interaction": "limit",
            "last-interaction-number": "18",
            "last-interaction-unit": "M",
        },
        "purpose-met": {"purpose-met": "2031-01-31"},
        "after-purpose": {"after-purpose": "none"},
        "sources": {"sources": "these", "sources-each": ["subject", "licensed"]},
        "source": {"source": "licensed"},
        "watch": {"watch": "refused"},
        "reports": {"reports": "these", "reports-each": ["retention"]},
        "requires": {"requires": "these", "requires-each": ["purpose"]},
        "basis": {"basis": "a contract"},
    }
    for line, fields in sent.items():
        assert admin.get(f"{settings}/{line}").status == 200
        assert admin.post(f"{settings}/{line}", fields).says("The policy is changed."), line
    page = admin.get(settings)
    assert page.says("18 months", "2031-01-31", "From the person themself · Licensed", "a contract")
    again = admin.get(f"{settings}/last-interaction")
    assert again.one("#last-interaction-number")["value"] == "18"
    assert again.one("option[value=M][selected]")
    boxes = admin.get(f"{settings}/sources").all("input[type=checkbox][checked]")
    assert {str(box["value"]) for box in boxes} == {"subject", "licensed"}


@pytest.mark.parametrize(
    ("line", "fields"),
    [
        ("retention", {"retention": "limit", "retention-number": "0"}),
        ("retention", {"retention": "limit", "retention-number": "200", "retention-unit": "Y"}),
        ("retention", {"retention": "limit", "retention-number": "1", "retention-unit": "X"}),
        ("consent", {"consent": "perhaps"}),
        ("sources", {"sources": "these", "sources-each": "my-friends"}),
        ("purpose-met", {"purpose-met": "soon"}),
        ("purpose-met", {"purpose-met": "1066-10-14"}),
        ("purpose", {"purpose": "<b>"}),
        ("basis", {"basis": "two\nlines"}),
    ],
)
def test_what_no_line_can_be_is_refused(admin: Visitor, line: str, fields: dict[str, str]) -> None:
    name = fresh()
    made(admin, name)
    page = admin.post(f"/console/collections/{name}/settings/{line}", fields)
    assert page.status == 400
    assert page.all(".problem")


def test_only_an_administrator_is_offered_to_change_a_policy(
    admin: Visitor, api: Api, visitor: Callable[[Api], Visitor]
) -> None:
    name = fresh()
    made(admin, name)
    clerk = visitor(api.with_key())
    settings = f"/console/collections/{name}/settings"
    assert admin.get(settings).all("a[href$='/settings/consent']")
    assert not clerk.get(settings).all("a[href$='/settings/consent']")
    assert clerk.post(f"{settings}/consent", {"consent": "required"}).status == 403


def test_a_collection_is_deleted_when_its_name_is_typed(admin: Visitor) -> None:
    name = fresh()
    made(admin, name)
    path = f"/console/collections/{name}/delete"
    assert admin.get(path).says("It cannot be undone.")
    page = admin.post(path, {"typed": "another"})
    assert (page.status, page.says("That is not the name of this collection.")) == (400, True)
    assert admin.post(path, {"typed": name}).says("The collection is deleted")
    assert admin.get(f"/console/collections/{name}").status == 404


def test_what_a_key_may_not_do_is_not_shown_and_is_refused(
    admin: Visitor, api: Api, visitor: Callable[[Api], Visitor]
) -> None:
    name = fresh()
    made(admin, name)
    reader = visitor(api.with_key(operations=["list_collections", "describe_collection"]))
    page = reader.get(f"/console/collections/{name}")
    assert [link.get_text() for link in page.all(".tabs a")] == ["Overview"]
    assert not page.all(".policy, a.danger, a.primary")
    assert reader.get(NEW).status == 403
    assert reader.post(f"/console/collections/{name}/delete", {"typed": name}).status == 403
    elsewhere = visitor(api.with_key(collections=["elsewhere"]))
    assert elsewhere.get(f"/console/collections/{name}").status == 403
    assert not re.search(rf"\b{name}\b", elsewhere.get("/console/collections").text)


@pytest.mark.parametrize("name", ["%3Cscript%3E", "a%0Ab", "%00", "x" * 300])
def test_what_no_collection_is_called_is_not_found(admin: Visitor, name: str) -> None:
    assert admin.get(f"/console/collections/{name}").status == 404
