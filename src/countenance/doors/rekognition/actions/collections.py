"""CreateCollection, DescribeCollection, ListCollections, DeleteCollection and tags."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from countenance.doors.rekognition.faults import Fault
from countenance.doors.rekognition.presenting import present
from countenance.operations.create_collection import create_collection
from countenance.operations.delete_collection import delete_collection
from countenance.operations.describe_collection import describe_collection
from countenance.operations.list_collections import list_collections
from countenance.operations.list_tags import list_tags
from countenance.operations.tag_collection import tag_collection
from countenance.operations.untag_collection import untag_collection

if TYPE_CHECKING:
    from countenance.doors.rekognition.desk import Desk, Request
    from countenance.doors.rekognition.presenting import Record

_PAGE = 4096
_ARN = re.compile(r"arn:aws[a-z-]*:rekognition:[a-z0-9-]*:(\d{12}):collection/([a-zA-Z0-9_.\-]{1,255})")


def create(desk: Desk, request: Request) -> Record:
    """CreateCollection."""
    asked = request.parameters
    collection = create_collection(
        desk.vision, desk.gallery, request.act, asked["CollectionId"], asked.get("Tags", {})
    )
    return {
        "StatusCode": 200,
        "CollectionArn": _arn(desk, request, collection.collection_id),
        "FaceModelVersion": collection.pack,
    }


def describe(desk: Desk, request: Request) -> Record:
    """DescribeCollection."""
    described = describe_collection(desk.gallery, request.act, request.parameters["CollectionId"])
    return {
        "FaceCount": described.face_count,
        "UserCount": described.user_count,
        "FaceModelVersion": described.collection.pack,
        "CollectionARN": _arn(desk, request, described.collection.collection_id),
        "CreationTimestamp": described.collection.created_at.timestamp(),
    }


def list_all(desk: Desk, request: Request) -> Record:
    """ListCollections."""
    belongs_to = {"operation": "ListCollections"}
    page = list_collections(
        desk.gallery,
        request.act,
        most=request.parameters.get("MaxResults", _PAGE),
        after_key=desk.tokens.position(request.parameters.get("NextToken"), belongs_to),
    )
    return present(
        {
            "CollectionIds": [collection.collection_id for collection in page.items],
            "FaceModelVersions": [collection.pack for collection in page.items],
            "NextToken": desk.tokens.following(page, belongs_to),
        }
    )


def delete(desk: Desk, request: Request) -> Record:
    """DeleteCollection."""
    delete_collection(desk.gallery, request.act, request.parameters["CollectionId"])
    return {"StatusCode": 200}


def tag(desk: Desk, request: Request) -> Record:
    """TagResource."""
    collection_id = _collection_id(desk, request)
    tag_collection(desk.gallery, request.act, collection_id, request.parameters["Tags"])
    return {}


def untag(desk: Desk, request: Request) -> Record:
    """UntagResource."""
    collection_id = _collection_id(desk, request)
    untag_collection(desk.gallery, request.act, collection_id, request.parameters["TagKeys"])
    return {}


def tags(desk: Desk, request: Request) -> Record:
    """ListTagsForResource."""
    return {"Tags": list_tags(desk.gallery, request.act, _collection_id(desk, request))}


def _arn(desk: Desk, request: Request, collection_id: str) -> str:
    return f"arn:aws:rekognition:{request.region}:{desk.account_id}:collection/{collection_id}"


def _collection_id(desk: Desk, request: Request) -> str:
    """Return which collection an ARN names; its region does not matter, this server is all of them.

    Raises:
        Fault: the ARN is malformed (InvalidParameterException) or of another account
            (ResourceNotFoundException).
    """
    arn = request.parameters["ResourceArn"]
    found = _ARN.fullmatch(arn)
    if found is None:
        raise Fault(
            "InvalidParameterException", "Request has invalid parameters. (ResourceArn is no collection's)"
        )
    account_id, collection_id = found.groups()
    if account_id != desk.account_id:
        raise Fault("ResourceNotFoundException", f"The resource {arn} does not exist")
    return str(collection_id)
