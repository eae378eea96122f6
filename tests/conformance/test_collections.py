"""Collections and their tags, through boto3."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from conformance.clients import checked_client

if TYPE_CHECKING:
    from collections.abc import Callable

    from serving import RunningServer

ARN = re.compile(r"arn:aws:rekognition:(?P<region>[a-z0-9-]+):\d{12}:collection/(?P<collection>.+)")


def test_creating_a_collection_answers_its_arn_and_the_model_that_will_fill_it(client: Any) -> None:
    name = f"made-{uuid.uuid4()}"
    created = client.create_collection(CollectionId=name)
    assert created["StatusCode"] == 200
    assert created["FaceModelVersion"] == "dlib-cc0"
    arn = ARN.fullmatch(created["CollectionArn"])
    assert arn is not None
    assert arn.groupdict() == {"region": "us-east-1", "collection": name}
    client.delete_collection(CollectionId=name)


def test_an_arn_is_of_the_region_that_the_client_signs_for(server: RunningServer, collection: str) -> None:
    elsewhere = checked_client(
        server.endpoint_url, server.access_key_id, server.secret_access_key, region="eu-central-1"
    )
    arn = elsewhere.describe_collection(CollectionId=collection)["CollectionARN"]
    elsewhere.close()
    assert arn.startswith("arn:aws:rekognition:eu-central-1:")


def test_a_new_collection_is_empty_and_knows_when_it_was_made(client: Any, collection: str) -> None:
    described = client.describe_collection(CollectionId=collection)
    assert (described["FaceCount"], described["UserCount"]) == (0, 0)
    assert described["FaceModelVersion"] == "dlib-cc0"
    assert described["CollectionARN"].endswith(f":collection/{collection}")
    assert abs(datetime.now(UTC) - described["CreationTimestamp"]) < timedelta(minutes=1)


def test_a_description_counts_faces_and_users(client: Any, collection: str, both: bytes) -> None:
    client.index_faces(CollectionId=collection, Image={"Bytes": both})
    client.create_user(CollectionId=collection, UserId="collins")
    described = client.describe_collection(CollectionId=collection)
    assert (described["FaceCount"], described["UserCount"]) == (2, 1)


@pytest.mark.parametrize("name", ["a", "A.b_c-9", "x" * 255])
def test_a_name_may_be_as_long_and_odd_as_amazon_allows(client: Any, name: str) -> None:
    client.create_collection(CollectionId=name)
    assert client.describe_collection(CollectionId=name)["FaceCount"] == 0
    assert client.delete_collection(CollectionId=name)["StatusCode"] == 200


def test_names_differ_by_case(client: Any, new_collection: Callable[[], str]) -> None:
    lower = new_collection()
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.describe_collection(CollectionId=lower.upper())


def test_collections_are_listed_oldest_first_each_with_its_model(
    client: Any, new_collection: Callable[[], str]
) -> None:
    names = [new_collection() for _ in range(3)]
    listed = client.list_collections()
    assert [name for name in listed["CollectionIds"] if name in names] == names
    assert listed["FaceModelVersions"] == ["dlib-cc0"] * len(listed["CollectionIds"])
    assert "NextToken" not in listed


def test_a_name_that_is_taken_is_refused_in_amazons_words(client: Any, collection: str) -> None:
    with pytest.raises(client.exceptions.ResourceAlreadyExistsException) as refused:
        client.create_collection(CollectionId=collection)
    message = refused.value.response["Error"]["Message"]
    assert message == f"The collection id: {collection} already exists."


def test_a_deleted_collection_is_gone_with_its_faces_and_its_name_is_free(
    client: Any, collection: str, collins: bytes
) -> None:
    client.index_faces(CollectionId=collection, Image={"Bytes": collins})
    client.delete_collection(CollectionId=collection)
    with pytest.raises(client.exceptions.ResourceNotFoundException) as refused:
        client.search_faces_by_image(CollectionId=collection, Image={"Bytes": collins})
    assert refused.value.response["Error"]["Message"] == f"The collection id: {collection} does not exist"
    client.create_collection(CollectionId=collection)
    found = client.search_faces_by_image(CollectionId=collection, Image={"Bytes": collins})
    assert found["FaceMatches"] == []
    assert client.list_tags_for_resource(ResourceArn=arn_of(client, collection))["Tags"] == {}


def test_tags_are_kept_replaced_and_removed(client: Any) -> None:
    name = f"tagged-{uuid.uuid4()}"
    client.create_collection(CollectionId=name, Tags={"team": "press", "Zweck": "Präsenz é 目的"})
    arn = arn_of(client, name)
    assert client.list_tags_for_resource(ResourceArn=arn)["Tags"] == {
        "team": "press",
        "Zweck": "Präsenz é 目的",
    }
    client.tag_resource(ResourceArn=arn, Tags={"team": "", "stage": "test"})
    client.untag_resource(ResourceArn=arn, TagKeys=["Zweck", "never there"])
    assert client.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"team": "", "stage": "test"}
    client.delete_collection(CollectionId=name)


def test_tags_are_found_by_an_arn_of_any_region(client: Any, collection: str) -> None:
    arn = arn_of(client, collection).replace("us-east-1", "ap-southeast-2")
    client.tag_resource(ResourceArn=arn, Tags={"a": "b"})
    assert client.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"a": "b"}


def test_a_collection_may_have_fifty_tags_and_not_one_more(client: Any, collection: str) -> None:
    arn, tags = arn_of(client, collection), {f"tag {n}": str(n) for n in range(50)}
    client.tag_resource(ResourceArn=arn, Tags=tags)
    client.tag_resource(ResourceArn=arn, Tags={"tag 7": "seven"})
    with pytest.raises(client.exceptions.ServiceQuotaExceededException):
        client.tag_resource(ResourceArn=arn, Tags={"tag 8": "eight", "one more": ""})
    assert client.list_tags_for_resource(ResourceArn=arn)["Tags"] == tags | {"tag 7": "seven"}


def test_a_collection_that_would_have_too_many_tags_is_not_made(client: Any) -> None:
    with pytest.raises(client.exceptions.ServiceQuotaExceededException):
        client.create_collection(CollectionId="overtagged", Tags={f"t{n}": "" for n in range(51)})
    assert "overtagged" not in client.list_collections()["CollectionIds"]


def test_a_limited_key_sees_its_collections_only(
    limited_client: Callable[..., Any], new_collection: Callable[..., str]
) -> None:
    mine, yours = new_collection("mine"), new_collection("yours")
    theirs = limited_client(operations=["*"], collections=["mine-*"])
    assert theirs.list_collections()["CollectionIds"] == [mine]
    assert theirs.describe_collection(CollectionId=mine)["FaceCount"] == 0
    for asked in (yours, "nobodys"):  # nor is told whether a collection of that name is there
        with pytest.raises(ClientError) as refused:
            theirs.describe_collection(CollectionId=asked)
        assert refused.value.response["Error"]["Code"] == "AccessDeniedException"


def arn_of(client: Any, collection: str) -> str:
    return str(client.describe_collection(CollectionId=collection)["CollectionARN"])
