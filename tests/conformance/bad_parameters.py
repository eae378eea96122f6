"""Bad input in the parameters: types, lengths, patterns, words, ranges, and things that are not there."""

from __future__ import annotations

from conformance.bad_input import ACCOUNT, SOME_FACE, BadInput, asking, within

_NO_JSON = "SerializationException"
_INVALID = "ValidationException"
_PARAMETER = "InvalidParameterException"
_NOT_FOUND = "ResourceNotFoundException"
_TOKEN = "InvalidPaginationTokenException"  # noqa: S105
_QUOTA = "ServiceQuotaExceededException"
_ARN = f"arn:aws:rekognition:us-east-1:{ACCOUNT}:collection/"

_OBJECT = "InvalidS3ObjectException"
_ROLE = f"arn:aws:iam::{ACCOUNT}:role/publisher"


def _video(bucket: str = "pictures", name: str | None = "a.mp4") -> dict[str, object]:
    return {"S3Object": {"Bucket": bucket, "Name": name}}


TYPES = (
    BadInput("a number for a string", asking("CreateCollection", CollectionId=7), _NO_JSON),
    BadInput("a list for a string", asking("CreateCollection", CollectionId=["a"]), _NO_JSON),
    BadInput("an object for a string", asking("CreateCollection", CollectionId={"S": "a"}), _NO_JSON),
    BadInput("a string for a number", asking("ListCollections", MaxResults="7"), _NO_JSON),
    BadInput("a fraction for an integer", asking("ListCollections", MaxResults=7.5), _NO_JSON),
    BadInput("true for an integer", asking("ListCollections", MaxResults=True), _NO_JSON),
    BadInput("a huge integer", asking("ListCollections", MaxResults=10**300), _NO_JSON),
    BadInput("a string for a list", within("DeleteFaces", FaceIds=SOME_FACE), _NO_JSON),
    BadInput("an object for a list", within("DeleteFaces", FaceIds={"0": SOME_FACE}), _NO_JSON),
    BadInput("null in a list", within("DeleteFaces", FaceIds=[None]), _NO_JSON),
    BadInput("a list for a map", asking("CreateCollection", CollectionId="a", Tags=["a"]), _NO_JSON),
    BadInput("a number in a map", asking("CreateCollection", CollectionId="a", Tags={"a": 7}), _NO_JSON),
    BadInput("a string for an object", asking("DetectFaces", Image="picture.jpg"), _NO_JSON),
    BadInput(
        "a threshold too large for a number",
        within("SearchFaces", FaceId=SOME_FACE, FaceMatchThreshold=10**400),
        _NO_JSON,
    ),
    BadInput("a lone surrogate", asking("CreateCollection", CollectionId="\ud800"), _NO_JSON),
    BadInput(
        "a lone surrogate in a tag",
        asking("TagResource", ResourceArn=_ARN + "a", Tags={"a": "\udfff"}),
        _NO_JSON,
    ),
)

CONSTRAINTS = (
    BadInput("a required member missing", asking("CreateCollection"), _INVALID, words="'collectionId'"),
    BadInput("a required member null", asking("CreateCollection", CollectionId=None), _INVALID),
    BadInput("an empty id", asking("CreateCollection", CollectionId=""), _INVALID),
    BadInput("an id of 256 characters", asking("CreateCollection", CollectionId="a" * 256), _INVALID),
    BadInput("an id of a million characters", asking("CreateCollection", CollectionId="a" * 10**6), _INVALID),
    BadInput("an id with a space", asking("CreateCollection", CollectionId="my faces"), _INVALID),
    BadInput("an id with a slash", asking("CreateCollection", CollectionId="../etc"), _INVALID),
    BadInput("an id with a line end", asking("CreateCollection", CollectionId="staff\n"), _INVALID),
    BadInput("an id with NUL", asking("CreateCollection", CollectionId="a\0b"), _INVALID),
    BadInput("an id of other scripts", asking("CreateCollection", CollectionId="ставка"), _INVALID),
    BadInput("an id of SQL", asking("DescribeCollection", CollectionId="' OR '1'='1"), _INVALID),
    BadInput("a face's id in capitals", within("SearchFaces", FaceId=SOME_FACE.upper()), _INVALID),
    BadInput("a face's id that is none", within("SearchFaces", FaceId="1"), _INVALID),
    BadInput("a user's id of 129 characters", within("CreateUser", UserId="u" * 129), _INVALID),
    BadInput("a user's id with @", within("CreateUser", UserId="a@example.org"), _INVALID),
    BadInput(
        "a token of 65 characters", within("CreateUser", UserId="u", ClientRequestToken="t" * 65), _INVALID
    ),
    BadInput("a token with a dot", within("CreateUser", UserId="u", ClientRequestToken="a.b"), _INVALID),
    BadInput("an external id with a space", within("IndexFaces", Image={}, ExternalImageId="a b"), _INVALID),
    BadInput("MaxFaces 0", within("IndexFaces", Image={}, MaxFaces=0), _INVALID),
    BadInput("MaxFaces 4097", within("SearchFaces", FaceId=SOME_FACE, MaxFaces=4097), _INVALID),
    BadInput("MaxResults −1", asking("ListCollections", MaxResults=-1), _INVALID),
    BadInput("MaxResults 4097", asking("ListCollections", MaxResults=4097), _INVALID),
    BadInput("no users a page", within("ListUsers", MaxResults=0), _INVALID),
    BadInput("501 users a page", within("ListUsers", MaxResults=501), _INVALID),
    BadInput("MaxUsers 501", within("SearchUsers", UserId="u", MaxUsers=501), _INVALID),
    BadInput(
        "a threshold below 0", within("SearchFaces", FaceId=SOME_FACE, FaceMatchThreshold=-0.1), _INVALID
    ),
    BadInput(
        "a threshold over 100", within("SearchFaces", FaceId=SOME_FACE, FaceMatchThreshold=100.1), _INVALID
    ),
    BadInput("a word outside an enumeration", within("IndexFaces", Image={}, QualityFilter="BEST"), _INVALID),
    BadInput("an attribute nobody knows", asking("DetectFaces", Image={}, Attributes=["HAIR"]), _INVALID),
    BadInput("no face ids", within("DeleteFaces", FaceIds=[]), _INVALID),
    BadInput("4,097 face ids", within("DeleteFaces", FaceIds=[SOME_FACE] * 4097), _INVALID),
    BadInput("100,000 face ids", within("DeleteFaces", FaceIds=["x"] * 100_000), _INVALID),
    BadInput(
        "101 faces for a user", within("AssociateFaces", UserId="u", FaceIds=[SOME_FACE] * 101), _INVALID
    ),
    BadInput(
        "10,000 tags",
        asking("TagResource", ResourceArn=_ARN + "a", Tags={f"t{n}": "" for n in range(10_000)}),
        _INVALID,
    ),
    BadInput(
        "10,000 tag keys", asking("UntagResource", ResourceArn=_ARN + "a", TagKeys=["t"] * 10_000), _INVALID
    ),
    BadInput(
        "a tag key of Amazon's", asking("TagResource", ResourceArn=_ARN + "a", Tags={"aws:a": "b"}), _INVALID
    ),
    BadInput(
        "a tag key of 129 characters",
        asking("TagResource", ResourceArn=_ARN + "a", Tags={"k" * 129: "b"}),
        _INVALID,
    ),
    BadInput(
        "a tag value of 257 characters",
        asking("TagResource", ResourceArn=_ARN + "a", Tags={"k": "v" * 257}),
        _INVALID,
    ),
    BadInput(
        "a tag value with NUL", asking("TagResource", ResourceArn=_ARN + "a", Tags={"k": "\0"}), _INVALID
    ),
    BadInput("a bucket with a slash", asking("StartFaceDetection", Video=_video("a/b")), _INVALID),
    BadInput("a bucket of two letters", asking("StartFaceDetection", Video=_video("ab")), _INVALID),
    BadInput(
        "a job's tag with a space", asking("StartFaceDetection", Video=_video(), JobTag="a b"), _INVALID
    ),
    BadInput(
        "a job's tag of 1,025 characters",
        asking("StartFaceDetection", Video=_video(), JobTag="t" * 1025),
        _INVALID,
    ),
    BadInput(
        "a topic that is none",
        asking(
            "StartFaceDetection",
            Video=_video(),
            NotificationChannel={"SNSTopicArn": "http://169.254.169.254/", "RoleArn": _ROLE},
        ),
        _INVALID,
    ),
    BadInput(
        "a topic without a role",
        asking("StartFaceDetection", Video=_video(), NotificationChannel={"SNSTopicArn": "arn:aws:sns:"}),
        _INVALID,
    ),
    BadInput("no results a page", asking("GetFaceSearch", JobId="a", MaxResults=0), _INVALID),
    BadInput("an order nobody knows", asking("GetFaceSearch", JobId="a", SortBy="NAME"), _INVALID),
    BadInput("a job's id with a slash", asking("GetFaceDetection", JobId="../a"), _INVALID),
    BadInput("an ARN of 19 characters", asking("ListTagsForResource", ResourceArn="a" * 19), _INVALID),
    BadInput("a page's token of 256 characters", asking("ListCollections", NextToken="t" * 256), _INVALID),
)

NOT_THERE = (
    BadInput("a job that is not there", asking("GetFaceDetection", JobId="nothing"), _NOT_FOUND),
    BadInput("a job's page token that is none", asking("GetFaceDetection", JobId="a", NextToken="7"), _TOKEN),
    BadInput("a video that is nowhere", asking("StartFaceDetection", Video={}), _PARAMETER),
    BadInput("a video without a name", asking("StartFaceDetection", Video=_video(name=None)), _PARAMETER),
    BadInput("a video outside its bucket", asking("StartFaceDetection", Video=_video(name="../a")), _OBJECT),
    BadInput("a video's name with NUL", asking("StartFaceDetection", Video=_video(name="a\0b")), _OBJECT),
    BadInput(
        "a topic that nobody can tell",
        asking(
            "StartFaceDetection",
            Video=_video(),
            NotificationChannel={"SNSTopicArn": "arn:aws:sns:x:123456789012:t", "RoleArn": _ROLE},
        ),
        _PARAMETER,
        words="no way to notify",
    ),
    BadInput(
        "a collection that is not there",
        asking("DescribeCollection", CollectionId="nobody"),
        _NOT_FOUND,
        words="The collection id: nobody does not exist",
    ),
    BadInput(
        "the collection in other letters",
        lambda g: g.wire.message("DescribeCollection", {"CollectionId": g.collection.upper()}),
        _NOT_FOUND,
    ),
    BadInput(
        "a collection that is there already",
        lambda g: g.in_collection("CreateCollection"),
        "ResourceAlreadyExistsException",
        words="already exists.",
    ),
    BadInput("a face that is not there", within("SearchFaces", FaceId=SOME_FACE), _PARAMETER),
    BadInput("a user that is not there", within("DeleteUser", UserId="nobody"), _NOT_FOUND),
    BadInput("a user's faces, who is not there", within("ListFaces", UserId="nobody"), _NOT_FOUND),
    BadInput("a user that is there already", within("CreateUser", UserId="collins"), "ConflictException"),
    BadInput("neither user nor face", within("SearchUsers"), _PARAMETER),
    BadInput("both user and face", within("SearchUsers", UserId="collins", FaceId=SOME_FACE), _PARAMETER),
    BadInput(
        "51 tags", asking("CreateCollection", CollectionId="a", Tags={f"t{n}": "" for n in range(51)}), _QUOTA
    ),
    BadInput(
        "an ARN that is none",
        asking("ListTagsForResource", ResourceArn="not-an-arn-but-long-enough"),
        _PARAMETER,
    ),
    BadInput(
        "an ARN of a project",
        asking("ListTagsForResource", ResourceArn=f"arn:aws:rekognition:us-east-1:{ACCOUNT}:project/a/1"),
        _PARAMETER,
    ),
    BadInput(
        "an ARN of another service",
        asking("ListTagsForResource", ResourceArn="arn:aws:s3:::bucket/collection/a"),
        _PARAMETER,
    ),
    BadInput(
        "an ARN of another account",
        lambda g: g.wire.message(
            "ListTagsForResource", {"ResourceArn": g.arn.replace(ACCOUNT, "123456789012")}
        ),
        _NOT_FOUND,
    ),
    BadInput(
        "an ARN of a collection that is not there",
        asking("ListTagsForResource", ResourceArn=_ARN + "nobody"),
        _NOT_FOUND,
    ),
    BadInput(
        "an empty page token",
        asking("ListCollections", NextToken=""),
        _TOKEN,
        words="Invalid Pagination Token",
    ),
    BadInput("a page token that is none", asking("ListCollections", NextToken="7"), _TOKEN),
    BadInput("a page token of zeros", asking("ListCollections", NextToken="A" * 32), _TOKEN),
    BadInput("a page token in other scripts", asking("ListCollections", NextToken="страница"), _TOKEN),
    BadInput(
        "another list's page token",
        lambda g: g.wire.message("ListCollections", {"NextToken": g.faces_token}),
        _TOKEN,
    ),
    BadInput(
        "another filter's page token",
        lambda g: g.in_collection("ListFaces", UserId="collins", NextToken=g.faces_token),
        _TOKEN,
    ),
    BadInput(
        "a page token with another position",
        lambda g: g.in_collection("ListFaces", NextToken="AAAA" + g.faces_token[4:-4] + "AAAA"),
        _TOKEN,
    ),
)
