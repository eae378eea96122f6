"""What the patterns of a key let through, and what a refusal says."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.access import AccessKey, machine_operator, new_access_key
from countenance.errors import NotPermitted

NOW = datetime.now(UTC)
# What collections are named of.
NAMES = st.text("abzAZ019_.-", min_size=1, max_size=12)


def limited(operations: tuple[str, ...] = ("*",), collections: tuple[str, ...] = ("*",)) -> AccessKey:
    return new_access_key("gate", NOW, operations=operations, collections=collections)


@given(allowed=NAMES, asked=NAMES)
def test_a_name_stands_for_itself_alone(allowed: str, asked: str) -> None:
    assert limited(collections=(allowed,)).sees(asked) == (allowed == asked)


@given(start=NAMES, end=NAMES, asked=NAMES)
def test_a_star_stands_for_anything_between(start: str, end: str, asked: str) -> None:
    key = limited(collections=(f"{start}*{end}",))
    assert key.sees(start + end)
    assert key.sees(start + asked + end)
    whole = len(asked) >= len(start) + len(end)
    assert key.sees(asked) == (whole and asked.startswith(start) and asked.endswith(end))


@given(patterns=st.lists(NAMES | NAMES.map(lambda name: f"{name}*"), max_size=4), asked=NAMES)
def test_several_patterns_let_through_what_any_of_them_does(patterns: list[str], asked: str) -> None:
    each = [limited(collections=(pattern,)).sees(asked) for pattern in patterns]
    assert limited(collections=tuple(patterns)).sees(asked) == any(each)


@given(asked=NAMES)
def test_a_star_alone_is_everything_and_no_pattern_is_nothing(asked: str) -> None:
    assert limited(collections=("*",)).sees(asked)
    assert not limited(collections=()).sees(asked)
    assert not limited(collections=("",)).sees(asked)
    with pytest.raises(NotPermitted):
        limited(operations=()).permit("list_faces")


@pytest.mark.parametrize(
    "pattern", ["st.ff", "sta+ff", "(staff)", "^staff$", "staff|board", "STAFF", " staff", "staff\n"]
)
def test_a_pattern_is_no_regular_expression(pattern: str) -> None:
    assert not limited(collections=(pattern,)).sees("staff")


def test_a_key_for_an_operation_does_it_to_its_collections_only() -> None:
    key = limited(("search_faces", "list_*"), ("staff",))
    key.permit("search_faces", "staff")
    key.permit("list_collections")
    for operation, collection in (
        ("search_faces", "board"),
        ("search_faces_by_image", "staff"),
        ("delete_faces", "staff"),
        ("delete_collection", None),
    ):
        with pytest.raises(NotPermitted):
            key.permit(operation, collection)


def test_a_refusal_names_the_key_and_what_it_may_not() -> None:
    key = limited(("search_*",), ("staff",))
    with pytest.raises(NotPermitted) as refused:
        key.permit("delete_faces", "staff")
    assert str(refused.value) == f"access key {key.key_id} may not do delete_faces"
    with pytest.raises(NotPermitted) as refused:
        key.permit("search_faces", "board")
    assert str(refused.value) == f"access key {key.key_id} may not use the collection board"
    assert key.secret not in str(refused.value)


def test_an_administrators_key_is_limited_like_any_other() -> None:
    key = new_access_key("admin", NOW, operations=("list_faces",), administrator=True)
    with pytest.raises(NotPermitted):
        key.permit("delete_faces", "staff")


def test_the_operator_of_the_machine_may_do_everything() -> None:
    operator = machine_operator()
    operator.permit("delete_collection", "staff")
    assert operator.administrator
