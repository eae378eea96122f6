"""What `/v1/openapi.json` says is complete: each route, member and problem has its words and an example."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from countenance.doors.rest.application import rest_app
from countenance.doors.rest.description import description
from rest.api import Api

DOCUMENT = description(rest_app())
OPERATIONS: dict[str, dict[str, Any]] = {
    f"{method.upper()} {path}": operation
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
}
SCHEMAS = DOCUMENT["components"]["schemas"]
MEMBERS: dict[str, dict[str, Any]] = {
    f"{name}.{key}": member
    for name, schema in SCHEMAS.items()
    for key, member in schema.get("properties", {}).items()
}


def references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for each in value.values():
            yield from references(each)
    elif isinstance(value, list):
        for each in value:
            yield from references(each)


def test_the_server_shows_this_document(api: Api) -> None:
    assert api.send("GET", "/v1/openapi.json").json == DOCUMENT
    assert DOCUMENT["openapi"].startswith("3.1")


def test_it_shows_nothing_that_loads_scripts_from_elsewhere(api: Api) -> None:
    for path in ("/v1/docs", "/v1/redoc", "/docs", "/redoc"):
        assert api.get(path).status == 404


@pytest.mark.parametrize("route", OPERATIONS)
def test_an_operation_has_words_and_its_problems(route: str) -> None:
    operation = OPERATIONS[route]
    assert operation["description"].endswith(".")
    assert operation["tags"]
    responses = operation["responses"]
    assert {"401", "403", "408", "413", "500", "503"} < set(responses)
    assert ("415" in responses) == ("requestBody" in operation)
    for status, response in responses.items():
        shown = resolved(response)
        assert shown["description"].endswith(".")
        assert "x-countenance-request-id" in shown["headers"]
        if status >= "400":
            assert list(shown["content"]) == ["application/problem+json"]
    for parameter in operation.get("parameters", ()):
        assert parameter["description"]


@pytest.mark.parametrize("name", MEMBERS)
def test_a_member_has_words_and_an_example(name: str) -> None:
    member = MEMBERS[name]
    described = member if "description" in member else resolved(member)
    assert described["description"].endswith(".")
    is_object = any("#/components/schemas/" in each for each in references(member))
    assert member.get("examples") or is_object


def resolved(value: dict[str, Any]) -> dict[str, Any]:
    found: Any = value
    if "$ref" in value:
        found = DOCUMENT
        for part in value["$ref"].removeprefix("#/").split("/"):
            found = found[part]
    return dict(found)


def test_all_references_lead_somewhere_and_nothing_is_left_over() -> None:
    named = set(references(DOCUMENT))
    for reference in named:
        resolved({"$ref": reference})
    there = {
        f"#/components/{kind}/{name}"
        for kind in ("schemas", "headers", "responses")
        for name in DOCUMENT["components"][kind]
    }
    assert there == named


def test_what_is_asked_takes_nothing_but_what_is_described() -> None:
    asked = {
        reference.rpartition("/")[2]
        for operation in OPERATIONS.values()
        for reference in references(operation.get("requestBody"))
    }
    assert asked
    for name in asked:
        assert SCHEMAS[name]["additionalProperties"] is False


def test_text_is_bounded() -> None:
    """No member that clients send may be of any length, or the database would hold whatever they like."""
    for name, schema in SCHEMAS.items():
        if not name.startswith("New"):
            continue
        for key, member in schema["properties"].items():
            for each in (member, *member.get("anyOf", ())):
                if each.get("type") == "string" and "enum" not in each and "const" not in each:
                    bounds = {"maxLength", "format", "contentEncoding"} & set(each)
                    assert bounds, f"{name}.{key}"


def test_routes_are_named_as_operations_are() -> None:
    names = [operation["operationId"] for operation in OPERATIONS.values()]
    assert len(names) == len(set(names))
    assert all(re.fullmatch("[a-z_]+", name) for name in names)
