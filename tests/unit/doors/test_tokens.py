"""Pagination tokens: opaque, signed, bound to the list they continue."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.doors.tokens import PaginationTokens
from countenance.errors import PaginationTokenInvalid

TOKENS = PaginationTokens(bytes(32))
STAFF = {"operation": "ListFaces", "collection": "staff", "user": None, "faces": None}


@given(position=st.integers(0, 2**128 - 1))
def test_a_token_leads_back_to_its_position(position: int) -> None:
    token = TOKENS.token(position, STAFF)
    assert TOKENS.position(token, STAFF) == position
    assert len(token) <= 255


@given(position=st.integers(0, 2**20))
def test_a_token_does_not_show_its_position(position: int) -> None:
    """Positions are numbers that count what is in everybody's collections."""
    hidden, next_one = (
        base64.urlsafe_b64decode(TOKENS.token(each, STAFF)) for each in (position, position + 1)
    )
    assert hidden[:5] != bytes(5)
    assert hidden[:5] != next_one[:5]


def test_without_a_token_a_list_begins_at_its_beginning() -> None:
    assert TOKENS.position(None, STAFF) == 0


@given(position=st.integers(0, 2**63 - 1), place=st.integers(0, 55), flip=st.integers(1, 255))
def test_an_altered_token_is_refused(position: int, place: int, flip: int) -> None:
    token = bytearray(TOKENS.token(position, STAFF).encode())
    token[place] ^= flip
    with pytest.raises(PaginationTokenInvalid, match="Invalid Pagination Token"):
        TOKENS.position(token.decode("latin-1"), STAFF)


@given(token=st.text(max_size=300))
def test_a_made_up_token_is_refused(token: str) -> None:
    with pytest.raises(PaginationTokenInvalid):
        TOKENS.position(token, STAFF)


@pytest.mark.parametrize("other", [{"collection": "guests"}, {"operation": "ListUsers"}, {"user": "ada"}])
def test_a_token_of_another_list_is_refused(other: dict[str, str]) -> None:
    with pytest.raises(PaginationTokenInvalid):
        TOKENS.position(TOKENS.token(7, STAFF), {**STAFF, **other})


def test_a_token_of_another_server_is_refused() -> None:
    with pytest.raises(PaginationTokenInvalid):
        TOKENS.position(PaginationTokens(b"\1" * 32).token(7, STAFF), STAFF)


def test_a_token_is_good_for_a_day_and_no_longer() -> None:
    now = [1_700_000_000.0]
    tokens = PaginationTokens(bytes(32), lambda: now[0])
    token = tokens.token(7, STAFF)
    now[0] += 24 * 60 * 60
    assert tokens.position(token, STAFF) == 7
    now[0] += 1
    with pytest.raises(PaginationTokenInvalid, match="Invalid Pagination Token"):
        tokens.position(token, STAFF)
