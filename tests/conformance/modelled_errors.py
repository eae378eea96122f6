"""Every error that Amazon's model names for what is served: what provokes it here, or why nothing does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from conformance import pictures
from conformance.bad_input import ACCOUNT, SOME_FACE

if TYPE_CHECKING:
    from collections.abc import Mapping

Parameters = dict[str, Any]

_ARN = f"arn:aws:rekognition:us-east-1:{ACCOUNT}:collection/"
_IMAGE = ("Image", "SourceImage", "TargetImage")
_FULL = {f"tag {number}": "" for number in range(51)}


@dataclass(frozen=True)
class Scene:
    """A collection with a face and a user, collins, who has it; and a token that created the user.

    With the token two jobs were started on a video, which is the file ``scene.mp4`` of the bucket pictures.
    """

    collection: str
    face_id: str
    picture: bytes
    token: str
    detection: str = "a-job"
    search: str = "another-job"


def right(operation: str, scene: Scene) -> Parameters:
    """Return parameters with which an operation succeeds."""
    image = {"Bytes": scene.picture}
    collection = {"CollectionId": scene.collection}
    user, video = collection | {"UserId": "collins"}, {"Video": stored("scene.mp4")}
    resource = {"ResourceArn": _ARN + scene.collection}
    parameters: Mapping[str, Parameters] = {
        "AssociateFaces": user | {"FaceIds": [scene.face_id]},
        "CompareFaces": {"SourceImage": image, "TargetImage": image},
        "CreateCollection": {"CollectionId": "made-by-the-error-tests"},
        "CreateUser": collection | {"UserId": "somebody"},
        "DeleteCollection": {"CollectionId": "made-by-the-error-tests"},
        "DeleteFaces": collection | {"FaceIds": [SOME_FACE]},
        "DeleteUser": collection | {"UserId": "somebody"},
        "DescribeCollection": collection,
        "DetectFaces": {"Image": image},
        "DisassociateFaces": user | {"FaceIds": [SOME_FACE]},
        "GetFaceDetection": {"JobId": scene.detection},
        "GetFaceSearch": {"JobId": scene.search},
        "IndexFaces": collection | {"Image": image},
        "ListCollections": {},
        "ListFaces": collection,
        "ListTagsForResource": resource,
        "ListUsers": collection,
        "SearchFaces": collection | {"FaceId": scene.face_id},
        "SearchFacesByImage": collection | {"Image": image},
        "SearchUsers": collection | {"FaceId": scene.face_id},
        "SearchUsersByImage": collection | {"Image": image},
        "StartFaceDetection": video,
        "StartFaceSearch": video | collection,
        "TagResource": resource | {"Tags": {"a": "b"}},
        "UntagResource": resource | {"TagKeys": ["a"]},
    }
    return dict(parameters[operation])


def stored(name: str) -> Parameters:
    """Return what names an object of the bucket pictures."""
    return {"S3Object": {"Bucket": "pictures", "Name": name}}


def wrong(operation: str, error: str, scene: Scene) -> Parameters | None:
    """Return parameters that provoke an error, None where parameters alone do not."""
    parameters = right(operation, scene)
    images = {name: value for name, value in _WRONG_IMAGES.items() if name == error}
    if images and (named := [name for name in _IMAGE if name in parameters]):
        return parameters | dict.fromkeys(named, images[error])
    special = _SPECIAL.get((operation, error))
    if special is not None:
        return parameters | special
    if error == "ResourceNotFoundException" and operation != "ListCollections":
        if "ResourceArn" in parameters:
            return parameters | {"ResourceArn": _ARN + "not-there"}
        return parameters | {"CollectionId": "not-there"}
    if error == "InvalidPaginationTokenException":
        return parameters | {"NextToken": "not-a-token"}
    if error == "IdempotentParameterMismatchException":
        other = {"JobTag": "another"} if operation.startswith("Start") else {"UserId": "another"}
        return parameters | other | {"ClientRequestToken": scene.token}
    if error == "ResourceAlreadyExistsException":
        return {"CollectionId": scene.collection}
    return None


def reason(operation: str, error: str) -> str | None:
    """Return why nothing provokes an error here, None where something does."""
    return _NOT_PROVOKED.get((operation, error)) or _NEVER_PROVOKED.get(error)


_WRONG_IMAGES: dict[str, Parameters] = {
    "InvalidParameterException": {},
    "InvalidS3ObjectException": {"S3Object": {"Bucket": "pictures", "Name": "not-there.jpg"}},
    "ImageTooLargeException": {"Bytes": bytes(5_242_881)},
    "InvalidImageFormatException": {"Bytes": pictures.encoded(pictures.opened(pictures.empty()), "GIF")},
}

_SPECIAL: dict[tuple[str, str], Parameters] = {
    ("CreateCollection", "ServiceQuotaExceededException"): {"Tags": _FULL},
    ("TagResource", "ServiceQuotaExceededException"): {"Tags": _FULL},
    ("CreateUser", "ConflictException"): {"UserId": "collins"},
    ("SearchFaces", "InvalidParameterException"): {"FaceId": SOME_FACE},
    ("SearchUsers", "InvalidParameterException"): {"UserId": "collins"},
    **{
        (operation, "InvalidParameterException"): {"ResourceArn": "not-an-arn-but-long-enough"}
        for operation in ("ListTagsForResource", "TagResource", "UntagResource")
    },
    **{
        (operation, "ResourceNotFoundException"): {"JobId": "not-there"}
        for operation in ("GetFaceDetection", "GetFaceSearch")
    },
    **{
        (operation, error): {"Video": video}
        for operation in ("StartFaceDetection", "StartFaceSearch")
        for error, video in (
            ("InvalidParameterException", {}),
            ("InvalidS3ObjectException", stored("not-there.mp4")),
            ("VideoTooLargeException", stored("eleven-gigabytes.mp4")),
        )
    },
}

_NEVER_PROVOKED = {
    "InternalServerError": "needs a database that fails; the tests of faults break one",
    "ThrottlingException": "too many requests are answered ProvisionedThroughputExceededException",
}

_ONE_AFTER_THE_OTHER = "changes go one after the other, so that none conflicts with another"
_BY_THE_MODEL = "parameters are checked against the model, and what breaks it is a ValidationException"

_NOT_PROVOKED: dict[tuple[str, str], str] = {
    ("ListCollections", "ResourceNotFoundException"): "the request names no resource",
    ("IndexFaces", "ServiceQuotaExceededException"): "the limit is 20 million faces",
    ("CreateUser", "ServiceQuotaExceededException"): "users are not limited",
    ("AssociateFaces", "ServiceQuotaExceededException"): "provoked in test_users, with 101 faces",
    **{
        (operation, "LimitExceededException"): "provoked in test_videos, with more jobs than may wait"
        for operation in ("StartFaceDetection", "StartFaceSearch")
    },
    **{
        (operation, "ConflictException"): _ONE_AFTER_THE_OTHER
        for operation in ("AssociateFaces", "DeleteUser", "DisassociateFaces")
    },
    **{
        (operation, "InvalidParameterException"): _BY_THE_MODEL
        for operation in (
            "AssociateFaces",
            "CreateCollection",
            "CreateUser",
            "DeleteCollection",
            "DeleteFaces",
            "DeleteUser",
            "DescribeCollection",
            "DisassociateFaces",
            "GetFaceDetection",
            "GetFaceSearch",
            "ListCollections",
            "ListFaces",
            "ListUsers",
        )
    },
}

# Provoked by who asks, and when, rather than by what is asked.
BY_THE_CALLER = "AccessDeniedException"
BY_THE_LOAD = "ProvisionedThroughputExceededException"
