"""The names of the operations that a key may be limited to: all that ask the caller's key in this folder."""

from __future__ import annotations

OPERATIONS = (
    "associate_faces",
    "compare_faces",
    "create_collection",
    "create_user",
    "delete_collection",
    "delete_faces",
    "delete_user",
    "describe_collection",
    "detect_faces",
    "disassociate_faces",
    "index_faces",
    "list_collections",
    "list_faces",
    "list_tags",
    "list_users",
    "search_faces",
    "search_faces_by_image",
    "search_users",
    "search_users_by_image",
    "tag_collection",
    "untag_collection",
)
