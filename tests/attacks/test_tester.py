"""A tester's key tries everything against a real gallery, and learns nothing: not even that there is one.

Whatever is refused is refused in the same words for a name that is there and for one that is not.
"""

from __future__ import annotations

import base64
import re
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError

from countenance.access import prefix_of_tester
from countenance.doors.rekognition.actions import ACTIONS
from countenance.doors.rest.application import rest_app
from countenance.doors.rest.description import description
from rest.api import Api, Reply, consent_of
from serving import running_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from serving import RunningServer

REAL = {"CollectionId": "staff", "UserId": "the-astronaut", "bucket": "pictures", "object": "staff.png"}
ABSENT = {"CollectionId": "nobody", "UserId": "the-nobody", "bucket": "nothing", "object": "no-one.png"}
REFERENCE = "23-CV-1187"
IDENTIFIER = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}")
ROUTES = [
    (method.upper(), path)
    for path, operations in description(rest_app())["paths"].items()
    for method in operations
]
GROUP = "/v1/collections/{collection_id}/groups/{group_id}"
ANYTHING = "5f0c1b8e-3c9f-4a71-8d4e-b1c25e6f7a8b"
FILM = "/films/door.mp4"
# What else a route wants, so that it is refused for whom it is asked by and not for how.
BODIES: dict[tuple[str, str], object] = {
    ("PATCH", "/v1/collections/{collection_id}/policy"): {"retention": "P1D"},
    ("POST", "/v1/consents"): consent_of("eileen"),
    ("POST", "/v1/holds"): {"subject": "eileen", "reference": REFERENCE},
    ("POST", "/v1/moratoria"): {"scope": "search", "reason": "none"},
    ("POST", "/v1/reviews/{review_id}/votes"): {"verdict": "reject"},
    ("POST", "/v1/subjects/{subject}/interactions"): {},
    ("POST", "/v1/keys"): {"name": "mine", "administrator": True},
    ("POST", f"{GROUP}/merges"): {"group_ids": [ANYTHING]},
    **{("POST", f"{GROUP}/{what}"): {"face_ids": [ANYTHING]} for what in ("splits", "moves", "rejections")},
    ("POST", f"{GROUP}/name"): {"user_id": "eileen"},
    ("POST", "/v1/collections/{collection_id}/group-edits/undo"): {},
    ("POST", "/v1/collections/{collection_id}/imports"): {"sources": ["s3://pictures/2026/"]},
    ("POST", "/v1/monitors"): {"name": "door", "source": FILM, "collection_id": "staff"},
}
WITH_PICTURE = ("/v1/templates", "/v1/collections/{collection_id}/searches")


@dataclass(frozen=True)
class Attacked:
    """A server with people in it, their records, and a tester who has no business there."""

    server: RunningServer
    boss: Api
    tester: Api
    aws: Any
    picture: bytes
    real: dict[str, str]
    own: str

    def told(self, name: str, **parameters: Any) -> tuple[str, str]:
        """Ask Amazon's API as the tester; return how that ended and all that was said."""
        try:
            answer = getattr(self.aws, xform_name(name))(**parameters)
        except ClientError as error:
            return error.response["Error"]["Code"], error.response["Error"]["Message"]
        del answer["ResponseMetadata"]
        return "done", str(answer)


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory, astronaut: Path) -> Iterator[Attacked]:
    data_dir = tmp_path_factory.mktemp("attacked")
    (data_dir / "pictures").mkdir()
    picture = astronaut.read_bytes()
    (data_dir / "pictures" / "staff.png").write_bytes(picture)
    buckets = {"pictures": data_dir / "pictures"}
    with running_server(data_dir, buckets=buckets, monitor_sources=f'["{FILM}"]') as server:
        boss, client = Api.of(server), server.boto3_client()
        real = furnished(boss, client, picture)
        tester = boss.with_key(role="tester")
        aws = server.boto3_client(aws_access_key_id=tester.key_id, aws_secret_access_key=tester.secret)
        own = f"{prefix_of_tester(tester.key_id)}1"
        aws.create_collection(CollectionId=own, Tags={"countenance:purpose": "testing"})
        yield Attacked(server, boss, tester, aws, picture, real, own)


def furnished(boss: Api, client: Any, picture: bytes) -> dict[str, str]:
    """Enrol people and keep records of them; return the ids of one of everything."""
    policy = {"review": "one", "purpose": "building-access"}
    assert boss.post("/v1/collections", {"collection_id": "staff", "policy": policy}).status == 201
    boss.post("/v1/collections", {"collection_id": "evaluation-2026", "policy": {}})
    consent = boss.post("/v1/consents", consent_of("eileen") | {"purpose": "building-access"})
    indexed = client.index_faces(CollectionId="staff", Image={"Bytes": picture}, ExternalImageId="eileen")
    face_id = indexed["FaceRecords"][0]["Face"]["FaceId"]
    client.create_user(CollectionId="staff", UserId="the-astronaut")
    client.associate_faces(CollectionId="staff", UserId="the-astronaut", FaceIds=[face_id])
    searched = client.search_faces_by_image(CollectionId="staff", Image={"Bytes": picture})
    hold = boss.post("/v1/holds", {"subject": "held", "reference": REFERENCE})
    moratorium = boss.post("/v1/moratoria", {"scope": "purpose:nothing", "reason": "a secret matter"})
    job = boss.post("/v1/collections/staff/imports", {"sources": ["s3://pictures/none/"]})
    monitor = boss.post("/v1/monitors", {"name": "door", "source": FILM, "collection_id": "staff"})
    return {
        "collection_id": "staff",
        "subject": "eileen",
        "face_id": face_id,
        "consent_id": consent.json["consent_id"],
        "hold_id": hold.json["hold_id"],
        "moratorium_id": moratorium.json["moratorium_id"],
        "review_id": searched["ResponseMetadata"]["HTTPHeaders"]["x-countenance-review"],
        "request_id": boss.get("/v1/holds").request_id,
        "access_key_id": boss.with_key().key_id,
        "job_id": job.json["job_id"],
        "monitor_id": monitor.json["monitor_id"],
    }


def absent(parameter: str) -> str:
    """Return a name or id that nothing has."""
    given = {"collection_id": "nobody", "subject": "no-one", "access_key_id": "CTNCAAAAAAAAAAAAAAAA"}
    made = uuid.uuid4()
    given |= dict.fromkeys(("job_id", "monitor_id"), made.hex)
    return given.get(parameter, str(made))


def parameters_of(name: str, there: dict[str, str], face_id: str, picture: bytes) -> dict[str, Any]:
    """Return what an operation of Amazon's API wants, about what is there or about what is not."""
    image = {"Bytes": picture}
    collection, user = {"CollectionId": there["CollectionId"]}, {"UserId": there["UserId"]}
    arn = {"ResourceArn": f"arn:aws:rekognition:us-east-1:000000000000:collection/{there['CollectionId']}"}
    wanted: dict[str, dict[str, Any]] = {
        "AssociateFaces": collection | user | {"FaceIds": [face_id]},
        "CreateCollection": collection | {"Tags": {"countenance:purpose": "testing"}},
        "CreateUser": collection | user,
        "DeleteCollection": collection,
        "DeleteFaces": collection | {"FaceIds": [face_id]},
        "DeleteUser": collection | user,
        "DescribeCollection": collection,
        "DisassociateFaces": collection | user | {"FaceIds": [face_id]},
        "IndexFaces": collection | {"Image": image},
        "ListFaces": collection,
        "ListTagsForResource": arn,
        "ListUsers": collection,
        "SearchFaces": collection | {"FaceId": face_id},
        "SearchFacesByImage": collection | {"Image": image},
        "SearchUsers": collection | user,
        "SearchUsersByImage": collection | {"Image": image},
        "StartFaceSearch": collection | {"Video": {"S3Object": {"Bucket": "pictures", "Name": "staff.png"}}},
        "TagResource": arn | {"Tags": {"countenance:search": "allowed"}},
        "UntagResource": arn | {"TagKeys": ["countenance:review"]},
    }
    return wanted[name]


OF_JOBS = {"GetFaceDetection", "GetFaceSearch"}
OF_COLLECTIONS = sorted(
    set(ACTIONS) - OF_JOBS - {"CompareFaces", "DetectFaces", "ListCollections", "StartFaceDetection"}
)


@pytest.mark.parametrize("name", OF_COLLECTIONS)
def test_every_operation_on_a_gallery_is_refused_as_on_one_that_is_not_there(
    attacked: Attacked, name: str
) -> None:
    code, message = attacked.told(
        name, **parameters_of(name, REAL, attacked.real["face_id"], attacked.picture)
    )
    assert code == "AccessDeniedException"
    other = attacked.told(name, **parameters_of(name, ABSENT, str(uuid.uuid4()), attacked.picture))
    assert other == (code, message.replace("staff", "nobody"))
    assert "eileen" not in message


@pytest.mark.parametrize("name", OF_COLLECTIONS)
def test_a_collection_whose_name_only_looks_like_a_testers_is_refused_too(
    attacked: Attacked, name: str
) -> None:
    for collection_id in ("evaluation-2026", prefix_of_tester(attacked.boss.key_id) + "1"):
        there = REAL | {"CollectionId": collection_id}
        asked = parameters_of(name, there, attacked.real["face_id"], attacked.picture)
        assert attacked.told(name, **asked)[0] == "AccessDeniedException"


def test_a_tester_lists_their_own_collections_and_no_others(attacked: Attacked) -> None:
    assert attacked.aws.list_collections()["CollectionIds"] == [attacked.own]
    pages = attacked.aws.get_paginator("list_collections").paginate(PaginationConfig={"PageSize": 1})
    assert [name for page in pages for name in page["CollectionIds"]] == [attacked.own]
    assert attacked.boss.key_id not in str(attacked.told("ListCollections"))


def test_two_testers_do_not_see_each_others_collections(attacked: Attacked) -> None:
    second = attacked.boss.with_key(role="tester")
    aws = attacked.server.boto3_client(aws_access_key_id=second.key_id, aws_secret_access_key=second.secret)
    assert aws.list_collections()["CollectionIds"] == []
    with pytest.raises(ClientError, match="may not use the collection"):
        aws.describe_collection(CollectionId=attacked.own)


@pytest.mark.parametrize("name", ["DetectFaces", "CompareFaces", "IndexFaces", "SearchFacesByImage"])
def test_no_picture_is_read_from_a_bucket_whether_it_is_there_or_not(attacked: Attacked, name: str) -> None:
    def asked(there: dict[str, str]) -> tuple[str, str]:
        stored = {"S3Object": {"Bucket": there["bucket"], "Name": there["object"]}}
        wanted: dict[str, dict[str, Any]] = {
            "DetectFaces": {"Image": stored},
            "CompareFaces": {"SourceImage": {"Bytes": attacked.picture}, "TargetImage": stored},
        }
        return attacked.told(name, **wanted.get(name, {"CollectionId": attacked.own, "Image": stored}))

    code, message = asked(REAL)
    assert code == "AccessDeniedException"
    assert asked(REAL | {"object": "no-one.png"}) == (code, message)
    assert asked(ABSENT) == (
        code,
        message.replace("pictures from the bucket pictures", "pictures from the bucket nothing"),
    )


@pytest.mark.parametrize(("method", "path"), [route for route in ROUTES if route[1] != "/v1/collections"])
def test_every_route_is_refused_as_for_what_is_not_there(attacked: Attacked, method: str, path: str) -> None:
    def asked(values: dict[str, str]) -> Reply:
        filled = re.sub(r"\{(\w+)\}", lambda found: values.get(found[1]) or absent(found[1]), path)
        body = BODIES.get((method, path))
        if path in WITH_PICTURE:
            body = {"image": {"bytes": base64.b64encode(attacked.picture).decode()}}
        return attacked.tester.ask(method, filled, body)

    refused = asked(attacked.real)
    assert (refused.status, refused.problem) == (403, "not-permitted")
    assert "eileen" not in refused.detail
    other = asked({})
    assert (other.status, nameless(other.detail)) == (403, nameless(refused.detail))


def nameless(text: str) -> str:
    """Return a text without the names that were in the request."""
    return IDENTIFIER.sub("…", text).replace("staff", "…").replace("nobody", "…")


def test_a_collection_is_not_made_where_one_is_nor_where_none_is(attacked: Attacked) -> None:
    for name in ("staff", "nobody", "evaluation-mine"):
        refused = attacked.tester.post(
            "/v1/collections", {"collection_id": name, "policy": {"purpose": "testing"}}
        )
        assert (refused.status, refused.problem) == (403, "not-permitted")


@pytest.mark.parametrize("policy", [{}, {"purpose": "building-access"}, {"purpose": "testing-not"}])
def test_a_testers_collection_is_for_tests_and_nothing_else(
    attacked: Attacked, policy: dict[str, str]
) -> None:
    """With another purpose its consents could be asked about: who may be enrolled has given one."""
    new = {"collection_id": f"{attacked.own}-other", "policy": policy | {"consent": "required"}}
    refused = attacked.tester.post("/v1/collections", new)
    assert (refused.status, refused.problem) == (403, "policy-forbids")


def test_who_has_consented_to_something_else_is_refused_as_who_is_not_known(attacked: Attacked) -> None:
    name = f"{attacked.own}-consented"
    attacked.aws.create_collection(
        CollectionId=name, Tags={"countenance:purpose": "testing", "countenance:consent": "required"}
    )
    asked = {"CollectionId": name, "Image": {"Bytes": attacked.picture}}
    known = attacked.told("IndexFaces", **asked, ExternalImageId="eileen")
    assert known[0] == "AccessDeniedException"
    assert known == attacked.told("IndexFaces", **asked, ExternalImageId="no-one")


def test_the_reference_of_a_hold_is_not_told(attacked: Attacked) -> None:
    name = f"{attacked.own}-held"
    attacked.aws.create_collection(CollectionId=name, Tags={"countenance:purpose": "testing"})
    attacked.aws.index_faces(CollectionId=name, Image={"Bytes": attacked.picture}, ExternalImageId="held")
    code, message = attacked.told("DeleteCollection", CollectionId=name)
    assert code == "AccessDeniedException"
    assert REFERENCE not in message
    with pytest.raises(ClientError, match=REFERENCE):
        attacked.server.boto3_client().delete_collection(CollectionId=name)


def test_a_page_token_does_not_tell_how_much_there_is_elsewhere(attacked: Attacked) -> None:
    """A position counts all collections that were ever made, or all faces ever enrolled, by anybody."""
    for place in range(2):
        attacked.aws.create_collection(
            CollectionId=f"{attacked.own}-page-{place}", Tags={"countenance:purpose": "testing"}
        )
    token = attacked.aws.list_collections(MaxResults=1)["NextToken"]
    assert not base64.urlsafe_b64decode(token).startswith(b"\0\0\0\0\0\0")


def test_a_tester_measures_the_server_on_pictures_of_their_own(
    attacked: Attacked, grace_hopper: Path
) -> None:
    name, hopper = f"{attacked.own}-gallery", grace_hopper.read_bytes()
    aws = attacked.aws
    aws.create_collection(CollectionId=name, Tags={"countenance:purpose": "testing"})
    indexed = aws.index_faces(CollectionId=name, Image={"Bytes": hopper})
    face_id = indexed["FaceRecords"][0]["Face"]["FaceId"]
    searched = aws.search_faces_by_image(CollectionId=name, Image={"Bytes": hopper})
    assert [match["Face"]["FaceId"] for match in searched["FaceMatches"]] == [face_id]
    # Who is enrolled in the real gallery, and the same picture of them, is not found in one's own.
    assert (
        aws.search_faces_by_image(CollectionId=name, Image={"Bytes": attacked.picture})["FaceMatches"] == []
    )
    assert aws.search_faces(CollectionId=name, FaceId=face_id)["FaceMatches"] == []
    assert aws.describe_collection(CollectionId=name)["FaceCount"] == 1
    assert [face["FaceId"] for face in aws.list_faces(CollectionId=name)["Faces"]] == [face_id]
    assert len(aws.detect_faces(Image={"Bytes": hopper})["FaceDetails"]) == 1
    compared = aws.compare_faces(SourceImage={"Bytes": hopper}, TargetImage={"Bytes": attacked.picture})
    assert len(compared["FaceMatches"]) + len(compared["UnmatchedFaces"]) > 0
    assert aws.delete_faces(CollectionId=name, FaceIds=[face_id])["DeletedFaces"] == [face_id]
    aws.delete_collection(CollectionId=name)
    assert name not in aws.list_collections()["CollectionIds"]


def test_what_a_tester_compared_is_recorded_as_a_test(attacked: Attacked) -> None:
    answer = attacked.aws.detect_faces(Image={"Bytes": attacked.picture})
    request_id = answer["ResponseMetadata"]["HTTPHeaders"]["x-amzn-requestid"]
    asked = attacked.boss.get(f"/v1/decisions/{request_id}").json["asked"]
    assert (asked["key"], asked["reasons"]) == (attacked.tester.key_id, ["purpose:testing"])


def test_a_moratorium_on_tests_stops_testers_and_nobody_else(attacked: Attacked) -> None:
    begun = attacked.boss.post("/v1/moratoria", {"scope": "purpose:testing", "reason": "enough"}).json
    try:
        code, _ = attacked.told("DetectFaces", Image={"Bytes": attacked.picture})
        assert code == "AccessDeniedException"
        assert attacked.server.boto3_client().detect_faces(Image={"Bytes": attacked.picture})["FaceDetails"]
    finally:
        attacked.boss.delete(f"/v1/moratoria/{begun['moratorium_id']}")


def test_neither_gallery_nor_records_were_touched(attacked: Attacked) -> None:
    client = attacked.server.boto3_client()
    (face,) = client.list_faces(CollectionId="staff")["Faces"]
    assert (face["FaceId"], face["ExternalImageId"]) == (attacked.real["face_id"], "eileen")
    assert [user["UserId"] for user in client.list_users(CollectionId="staff")["Users"]] == ["the-astronaut"]
    assert attacked.boss.get(f"/v1/reviews/{attacked.real['review_id']}").json["state"] == "open"
    assert [hold["subject"] for hold in attacked.boss.get("/v1/holds").json["items"]] == ["held"]
    assert attacked.boss.get("/v1/collections/staff/policy").status == 200
