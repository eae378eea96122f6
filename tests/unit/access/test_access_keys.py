"""What a key may do, and to which collections."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from countenance.access import new_access_key
from countenance.errors import NotPermitted

NOW = datetime.now(UTC)


def test_a_new_key_may_do_everything_but_manage_keys() -> None:
    key = new_access_key("program", NOW)
    key.permit("delete_collection", "staff")
    assert not key.administrator


@pytest.mark.parametrize(
    ("operation", "collection", "allowed"),
    [
        ("search_faces", "staff", True),
        ("search_users_by_image", "staff", True),
        ("search_faces", "event-2026", True),
        ("search_faces", "Staff", False),
        ("search_faces", "visitors", False),
        ("index_faces", "staff", False),
        ("list_collections", None, False),
        ("search_faces", None, True),
    ],
)
def test_a_limited_key_may_do_what_its_patterns_say(
    operation: str, collection: str | None, allowed: bool
) -> None:
    key = new_access_key("gate", NOW, operations=("search_*",), collections=("staff", "event-*"))
    if allowed:
        key.permit(operation, collection)
        return
    with pytest.raises(NotPermitted):
        key.permit(operation, collection)


def test_keys_are_all_different_and_do_not_show_their_secrets() -> None:
    keys = [new_access_key("program", NOW) for _ in range(100)]
    assert len({key.key_id for key in keys}) == len({key.secret for key in keys}) == 100
    assert all(len(key.key_id) == 20 and len(key.secret) == 40 for key in keys)
    assert keys[0].secret not in repr(keys[0])
