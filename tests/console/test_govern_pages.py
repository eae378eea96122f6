"""Moratoria and legal holds in the console: begun and placed, lifted and released, each asked again."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from rest.api import consent_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from console.visitor import Page, Visitor
    from rest.api import Api

MORATORIA = "/console/govern/moratoria"
HOLDS = "/console/govern/holds"
PURPOSE = "loitering"
DAY = timedelta(days=1)


@pytest.fixture
def nothing_forbidden(api: Api) -> Iterator[None]:
    """Lifts what a test has forbidden: others use the same server."""
    yield
    for each in api.get("/v1/moratoria").json["items"]:
        assert api.delete(f"/v1/moratoria/{each['moratorium_id']}").status == 204


def asked(visitor: Visitor, **fields: str) -> Page:
    form = {"scope": "purpose", "purpose": PURPOSE, "reason": "the council said so", "until": "", **fields}
    return visitor.post(MORATORIA, form, shown_on=MORATORIA)


def placed(visitor: Visitor, subject: str, reference: str = "case 7") -> Page:
    return visitor.post(HOLDS, {"subject": subject, "reference": reference}, shown_on=HOLDS)


@pytest.mark.usefixtures("nothing_forbidden")
def test_a_moratorium_says_what_it_stops_asks_again_and_is_lifted(admin: Visitor, api: Api) -> None:
    page = asked(admin)
    assert page.says("Begin this moratorium?", PURPOSE, "Collections of other purposes go on.")
    assert api.get("/v1/moratoria").json["items"] == []
    hidden = {str(each["name"]): str(each["value"]) for each in page.all("main input[type=hidden]")}
    begun = admin.post(MORATORIA, hidden, shown_on=MORATORIA)
    assert begun.says("The moratorium is in force from this moment on.", "the council said so")
    (in_force,) = api.get("/v1/moratoria").json["items"]
    assert (in_force["scope"], in_force["until"]) == (f"purpose:{PURPOSE}", None)
    lift = f"{MORATORIA}/{in_force['moratorium_id']}/lift"
    assert begun.all(f"a[href='{lift}']")
    assert admin.get(lift).says("Lift this moratorium?", "the council said so")
    lifted = admin.post(lift, shown_on=lift)
    assert lifted.says("The moratorium is lifted.", "No moratorium is in force.")
    assert admin.post(lift, shown_on="/console/").status == 404


@pytest.mark.usefixtures("nothing_forbidden")
def test_it_may_end_by_itself(admin: Visitor, api: Api) -> None:
    day = (datetime.now(UTC) + 40 * DAY).date()
    assert asked(admin, until=day.isoformat()).says("It ends by itself:")
    asked(admin, until=day.isoformat(), confirmed="yes")
    (in_force,) = api.get("/v1/moratoria").json["items"]
    assert datetime.fromisoformat(in_force["until"]) == datetime(day.year, day.month, day.day, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"scope": ""}, "Choose what is forbidden."),
        ({"purpose": "Police!"}, "Small letters, digits and - are possible"),
        ({"reason": ""}, "A reason is needed"),
        ({"reason": "two\nlines", "confirmed": "yes"}, "A reason is needed"),
        ({"until": "2020-01-01"}, "This is no day in the future."),
        ({"until": "soon"}, "This is no day in the future."),
    ],
)
def test_what_is_no_moratorium_comes_back_with_the_form(
    admin: Visitor, api: Api, fields: dict[str, str], told: str
) -> None:
    page = asked(admin, **fields)
    assert page.status == 422
    assert page.says(told)
    assert page.one("input[name=purpose]")["value"] == fields.get("purpose", PURPOSE)
    assert api.get("/v1/moratoria").json["items"] == []


def test_a_hold_is_placed_seen_with_the_person_and_released(admin: Visitor, api: Api) -> None:
    name = f"ann-{uuid.uuid4()}"
    api.post("/v1/consents", consent_of(name))
    assert placed(admin, name).says("The hold is placed", name)
    (hold,) = [each for each in api.get("/v1/holds").json["items"] if each["subject"] == name]
    assert admin.get(f"/console/people/person?subject={name}").says("A legal hold is in force", "case 7")
    only_theirs = admin.get(f"{HOLDS}?subject={name}")
    assert len(only_theirs.all("tbody tr")) == 1
    release = f"{HOLDS}/{hold['hold_id']}/release"
    assert admin.get(release).says("Release this hold?", "erased within minutes")
    assert admin.post(release, shown_on=release).says("The hold is released")
    assert admin.get(f"{HOLDS}?subject={name}").says("released")
    assert admin.get(release).status == 404


def test_a_hold_that_is_none_comes_back_with_the_form(admin: Visitor) -> None:
    for subject, reference in (("", "case 7"), ("ann", ""), ("ann", "x" * 201), ("ann", "two\nlines")):
        page = placed(admin, subject, reference)
        assert page.status == 422
        assert page.says("The hold is not placed")
        assert page.one("input[name=subject]")["value"] == subject


def test_only_administrators_are_offered_and_allowed_to_govern(
    api: Api, visitor: Callable[[Api], Visitor]
) -> None:
    clerk = visitor(api.with_key())
    page = clerk.get(MORATORIA)
    assert page.status == 200
    assert not page.all("main form")
    assert not clerk.get(HOLDS).all("main form")
    assert placed(clerk, "ann").status == 403
    assert asked(clerk, confirmed="yes").status == 403
    assert clerk.get("/console/govern").path == MORATORIA
    of_holds = visitor(api.with_key(operations=["list_holds"]))
    assert of_holds.get("/console/govern").path == HOLDS
    assert visitor(api.with_key(operations=["search_*"])).get("/console/govern").status == 403
