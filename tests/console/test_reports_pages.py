"""Reports in the console: read there, and downloaded as a page that stands by itself or as JSON."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING

import pytest

from rest.api import consent_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from console.visitor import Visitor
    from rest.api import Api

KINDS = ("processing", "retention", "accountability")


@pytest.mark.parametrize("kind", KINDS)
def test_a_report_is_read_and_downloaded(admin: Visitor, kind: str) -> None:
    path = f"/console/reports/{kind}"
    assert admin.get("/console/reports").all(f"a[href='{path}']")
    page = admin.get(path)
    assert page.status == 200
    assert len(page.all(".report section")) > 1
    assert not page.all("main [style]")
    as_page, as_json = (str(each["href"]) for each in page.all(".toolbar a[download]"))
    told = json.loads(admin.get(as_json).content)
    assert (told["type"], told["kind"]) == ("countenance-report/1", kind)
    sent = admin.get(as_page)
    assert sent.headers["content-disposition"] == f'attachment; filename="{kind}-report.html"'
    assert sent.content.startswith(b"<!DOCTYPE html>")


def test_the_report_for_a_person_tells_what_is_held_of_them(admin: Visitor, api: Api) -> None:
    name = f"ann:{uuid.uuid4()}"
    assert api.post("/v1/consents", consent_of(name)).status == 201
    page = admin.get(f"/console/people/report?subject={name}")
    assert page.one("h1").get_text() == name
    assert page.says("Consent 1 of 1", "access-control")
    as_page, as_json, with_templates = (str(each["href"]) for each in page.all(".toolbar a[download]"))
    sent = admin.get(as_page)
    safe = name.replace(":", "-")
    assert sent.headers["content-disposition"] == f'attachment; filename="report-{safe}.html"'
    for address in (as_json, with_templates):
        assert json.loads(admin.get(address).content)["title"] == f"What is held of {name}"
    assert admin.get("/console/people/report?subject=nobody").status == 404


def test_templates_are_only_in_the_report_of_who_may_make_them(
    api: Api, visitor: Callable[[Api], Visitor]
) -> None:
    name = f"ann-{uuid.uuid4()}"
    assert api.post("/v1/consents", consent_of(name)).status == 201
    officer = visitor(api.with_key(operations=["report_subject"]))
    page = officer.get(f"/console/people/report?subject={name}")
    assert len(page.all(".toolbar a[download]")) == 2
    assert officer.get(f"/console/people/report?subject={name}&templates=yes&as=json").status == 200


def test_a_key_that_sees_a_part_makes_no_report_of_the_whole(
    api: Api, visitor: Callable[[Api], Visitor]
) -> None:
    host = visitor(api.with_key(collections=["guests"]))
    assert host.get("/console/reports").says("half a public report would mislead")
    assert host.get("/console/reports/processing").status == 403
    gate = visitor(api.with_key(operations=["search_*"]))
    assert gate.get("/console/reports").status == 403
