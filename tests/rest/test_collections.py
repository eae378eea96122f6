"""Collections are created with a policy, which is shown line by line and changed by administrators."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from countenance.doors.rest.models.collections import LineName, NewPolicy, PictureSource
from countenance.governance import ReviewMode, Source, policy_of
from countenance.governance.policy import LINES
from countenance.governance.presets import PRESETS
from rest.api import Api

FULL: dict[str, Any] = {
    "jurisdiction": "gdpr",
    "purpose": "access-control",
    "basis": "explicit consent, Art. 9(2)(a)",
    "consent": "required",
    "retention": "P1Y",
    "last_interaction": "P3M",
    "purpose_met": "2090-01-31T00:00:00+01:00",
    "after_purpose": "P30D",
    "review": "one",
    "search": "allowed",
    "watch": "refused",
    "grouping": "allowed",
    "sources": ["subject", "own-publication"],
    "source": "subject",
    "portraits": "kept",
    "requires": ["purpose", "basis"],
    "reports": ["retention", "subject"],
}


def line(policy: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = (each for each in policy["lines"] if each["name"] == name)
    return dict(found)


def created(api: Api, collection_id: str, **policy: Any) -> dict[str, Any]:
    reply = api.post("/v1/collections", {"collection_id": collection_id, "policy": policy})
    assert reply.status == 201, reply.body
    return dict(reply.json)


def test_a_policy_has_the_lines_that_tags_have() -> None:
    assert [name.replace("_", "-") for name in NewPolicy.model_fields] == list(LINES)
    assert set(FULL) == set(NewPolicy.model_fields)


def test_a_policys_words_are_those_of_tags() -> None:
    assert set(get_args(PictureSource)) == set(Source)
    assert list(get_args(LineName)) == list(LINES)
    for name, words in (("jurisdiction", PRESETS), ("review", ReviewMode)):
        allowed, _ = get_args(NewPolicy.model_fields[name].annotation)
        assert set(get_args(allowed)) == {str(word) for word in words}


def test_a_collection_is_created_with_its_policy(api: Api, client: Any) -> None:
    made = created(api, "full", **FULL)
    assert made["collection_id"] == "full"
    assert made["pack"] == "dlib-cc0"
    arn = client.describe_collection(CollectionId="full")["CollectionARN"]
    tags = client.list_tags_for_resource(ResourceArn=arn)["Tags"]
    assert policy_of(tags).lines == tuple(policy_of(NewPolicy.model_validate(FULL).tags()).lines)
    assert made["policy"] == api.get("/v1/collections/full/policy").json
    assert [each["name"] for each in made["policy"]["lines"]] == list(LINES)
    assert line(made["policy"], "sources")["value"] == "subject own-publication"
    assert line(made["policy"], "retention") == {
        "name": "retention",
        "value": "P1Y",
        "origin": "tag",
        "law": None,
    }


def test_a_collection_without_a_policy_has_the_lines_of_the_settings(api: Api) -> None:
    reply = api.post("/v1/collections", {"collection_id": "plain"})
    assert reply.status == 201
    assert line(reply.json["policy"], "consent")["value"] == "not-required"
    assert line(reply.json["policy"], "jurisdiction")["origin"] == "settings"


def test_a_line_says_which_law_it_comes_from(api: Api) -> None:
    shown = created(api, "illinois", jurisdiction="bipa")["policy"]
    consent = line(shown, "consent")
    assert (consent["value"], consent["origin"]) == ("required", "bipa")
    assert consent["law"].startswith("740 ILCS 14/15(b)")


def test_what_must_be_declared_and_is_not_refuses_the_collection(api: Api) -> None:
    refused = api.post("/v1/collections", {"collection_id": "vague", "policy": {"jurisdiction": "gdpr"}})
    assert (refused.status, refused.problem) == (403, "policy-forbids")
    assert "countenance:purpose" in refused.detail


def test_a_collection_is_created_once(api: Api) -> None:
    created(api, "once")
    refused = api.post("/v1/collections", {"collection_id": "once"})
    assert (refused.status, refused.problem) == (409, "collection-exists")


def test_lines_are_changed_and_others_stay(api: Api) -> None:
    created(api, "changing", purpose="access-control", retention="P1Y")
    changed = api.patch("/v1/collections/changing/policy", {"retention": "P30D", "sources": []})
    assert changed.status == 200
    assert changed.json == api.get("/v1/collections/changing/policy").json
    assert line(changed.json, "purpose")["value"] == "access-control"
    assert line(changed.json, "retention")["value"] == "P30D"
    assert line(changed.json, "sources") == {"name": "sources", "value": "", "origin": "tag", "law": None}


def test_only_an_administrator_changes_a_policy(api: Api) -> None:
    created(api, "guarded", purpose="access-control")
    other = api.with_key()
    refused = other.patch("/v1/collections/guarded/policy", {"retention": "P30D"})
    assert (refused.status, refused.problem) == (403, "not-permitted")
    assert other.get("/v1/collections/guarded/policy").status == 200


def test_a_collection_that_is_not_there_is_not_found(api: Api) -> None:
    for reply in (
        api.get("/v1/collections/nowhere/policy"),
        api.patch("/v1/collections/nowhere/policy", {"retention": "P30D"}),
    ):
        assert (reply.status, reply.problem) == (404, "collection-not-found")


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"retention": "P0D"}, "policy-invalid"),
        ({"retention": "P999Y"}, "policy-invalid"),
        ({"retention": "P1DT"}, "policy-invalid"),
        ({"retention": "PT"}, "request-invalid"),
        ({"after_purpose": "P9999999Y"}, "request-invalid"),
        ({"requires": ["nothing"]}, "request-invalid"),
        ({"retention": "a year"}, "request-invalid"),
        ({"purpose": "Access"}, "request-invalid"),
        ({"jurisdiction": "mars"}, "request-invalid"),
        ({"consent": True}, "request-invalid"),
        ({"sources": "subject"}, "request-invalid"),
        ({"sources": ["friend"]}, "request-invalid"),
        ({"basis": ""}, "request-invalid"),
        ({"purpose_met": "2090-01-31"}, "request-invalid"),
        ({"last-interaction": "P1Y"}, "request-invalid"),
    ],
)
def test_what_is_no_policy_is_refused(api: Api, change: dict[str, Any], problem: str) -> None:
    for reply in (
        api.post("/v1/collections", {"collection_id": "never", "policy": change}),
        api.patch("/v1/collections/never/policy", change),
    ):
        assert (reply.status, reply.problem) == (422, problem)
    assert api.get("/v1/collections/never/policy").status == 404


def test_a_key_of_other_collections_sees_no_policy(api: Api) -> None:
    created(api, "staff")
    limited = api.with_key(collections=["visitors-*"])
    refused = limited.get("/v1/collections/staff/policy")
    assert (refused.status, refused.problem) == (403, "not-permitted")
    assert limited.get("/v1/collections/unheard-of/policy").problem == "not-permitted"
    assert limited.post("/v1/collections", {"collection_id": "visitors-1"}).status == 201
