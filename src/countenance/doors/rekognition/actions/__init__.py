"""The operations of Amazon's API that are served, each a function of the desk and a request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countenance.doors.rekognition.actions import collections, faces, pictures, users, videos

if TYPE_CHECKING:
    from collections.abc import Callable

    from countenance.doors.rekognition.desk import Desk, Request
    from countenance.doors.rekognition.presenting import Record

ACTIONS: dict[str, Callable[[Desk, Request], Record]] = {
    "AssociateFaces": users.associate,
    "CompareFaces": pictures.compare,
    "CreateCollection": collections.create,
    "CreateUser": users.create,
    "DeleteCollection": collections.delete,
    "DeleteFaces": faces.delete,
    "DeleteUser": users.delete,
    "DescribeCollection": collections.describe,
    "DetectFaces": pictures.detect,
    "DisassociateFaces": users.disassociate,
    "GetFaceDetection": videos.get_detection,
    "GetFaceSearch": videos.get_search,
    "IndexFaces": faces.index,
    "ListCollections": collections.list_all,
    "ListFaces": faces.list_all,
    "ListTagsForResource": collections.tags,
    "ListUsers": users.list_all,
    "SearchFaces": faces.search,
    "SearchFacesByImage": faces.search_by_image,
    "SearchUsers": users.search,
    "SearchUsersByImage": users.search_by_image,
    "StartFaceDetection": videos.start_detection,
    "StartFaceSearch": videos.start_search,
    "TagResource": collections.tag,
    "UntagResource": collections.untag,
}
