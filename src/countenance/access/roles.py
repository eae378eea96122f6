"""Roles: names for what a key is made to be limited to, when it is made. A role is kept nowhere else.

A *tester* measures how well this server recognises faces, on pictures of their own, and learns nothing of
whom others have enrolled (Washington, RCW 43.386.110: independent tests for accuracy and unfair differences).
They compare and detect faces, and make, fill, search and delete collections whose ids begin with a prefix of
their key alone, so that neither a collection of others nor another tester's is theirs. These are for the
purpose `testing` and nothing else, and no picture is read from a bucket.
"""

from __future__ import annotations

import enum
from dataclasses import replace
from typing import TYPE_CHECKING

from countenance.access.keys import new_access_key

if TYPE_CHECKING:
    from datetime import datetime

    from countenance.access.keys import AccessKey

TESTING = "testing"
"""The purpose of a tester's collections."""

_TESTERS_OPERATIONS = (
    "compare_faces",
    "create_collection",
    "delete_collection",
    "delete_faces",
    "describe_collection",
    "detect_faces",
    "index_faces",
    "list_collections",
    "list_faces",
    "search_faces",
    "search_faces_by_image",
)


class Role(enum.StrEnum):
    """What a key may be made for."""

    TESTER = "tester"


def new_key_of(role: Role, name: str, created_at: datetime) -> AccessKey:
    """Make a key that is limited as its role wants."""
    assert role is Role.TESTER  # noqa: S101 - there is no other
    key = new_access_key(name, created_at, operations=_TESTERS_OPERATIONS, purposes=(TESTING,), buckets=())
    return replace(key, collections=(f"{prefix_of_tester(key.key_id)}*",))


def prefix_of_tester(key_id: str) -> str:
    """Return how the ids of a tester's collections begin.

    >>> prefix_of_tester("CTNCQ7ZK3M2A5N4B6C7D")
    'evaluation-ctncq7zk3m2a5n4b6c7d-'
    """
    return f"evaluation-{key_id.lower()}-"


def only_tests(key: AccessKey) -> bool:
    """Tell whether a key is good for tests and for nothing else."""
    return key.purposes == (TESTING,)
