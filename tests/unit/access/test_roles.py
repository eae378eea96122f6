"""A tester's key: what it is limited to when it is made."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from countenance.access import Role, new_access_key, new_key_of, only_tests, prefix_of_tester
from countenance.errors import NotPermitted
from countenance.operations.names import KINDS, OPERATIONS

NOW = datetime.now(UTC)
TESTER = new_key_of(Role.TESTER, "the university", NOW)
OTHER = new_key_of(Role.TESTER, "the newspaper", NOW)


def test_a_tester_may_do_what_a_test_needs_and_nothing_else() -> None:
    assert {operation for operation in OPERATIONS if TESTER.does(operation)} == {
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
    }
    assert not TESTER.administrator


def test_every_operation_that_a_tester_may_do_is_one_that_there_is() -> None:
    assert set(TESTER.operations) <= set(KINDS)


PREFIX = prefix_of_tester(TESTER.key_id)
OF_OTHERS = (
    "staff",
    "evaluation-",
    "evaluation-2026",
    "evaluation-*",
    "",
    f"x{PREFIX}1",
    PREFIX.rstrip("-"),
    f"{PREFIX}1".upper(),
    f"{prefix_of_tester(OTHER.key_id)}1",
)


@pytest.mark.parametrize("collection_id", OF_OTHERS, ids=range(len(OF_OTHERS)))
def test_no_collection_of_others_is_a_testers_not_even_another_testers(collection_id: str) -> None:
    assert not TESTER.sees(collection_id)
    with pytest.raises(NotPermitted):
        TESTER.permit("list_faces", collection_id)


def test_what_begins_with_a_prefix_of_tester_is_theirs() -> None:
    assert TESTER.sees(f"evaluation-{TESTER.key_id.lower()}-5f0c1b8e")


@pytest.mark.parametrize("bucket", ["pictures", "", "*"])
def test_no_bucket_is_a_testers(bucket: str) -> None:
    with pytest.raises(NotPermitted, match="may not read pictures"):
        TESTER.permit_bucket(bucket)


def test_buckets_are_names_or_patterns() -> None:
    key = new_access_key("a", NOW, buckets=("visitors", "event-*"))
    for bucket in ("visitors", "event-2026"):
        key.permit_bucket(bucket)
    for bucket in ("Visitors", "staff", "event"):
        with pytest.raises(NotPermitted):
            key.permit_bucket(bucket)
    new_access_key("b", NOW).permit_bucket("anything")


def test_only_a_key_that_is_good_for_nothing_but_tests_says_so() -> None:
    assert only_tests(TESTER)
    for purposes in (("*",), ("testing", "entry"), ("test*",), ()):
        assert not only_tests(new_access_key("a", NOW, purposes=purposes))
