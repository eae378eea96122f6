"""Bearer tokens: only a whole one of a valid key tells who asks."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.access import AccessKey, new_access_key, verify_bearer
from countenance.errors import AccessError, AccessKeyUnknown, SignatureInvalid

KEY = new_access_key("a test's", datetime(2026, 1, 1, tzinfo=UTC))
TOKEN = f"{KEY.key_id}.{KEY.secret}"


def found(key_id: str) -> AccessKey | None:
    return KEY if key_id == KEY.key_id else None


@pytest.mark.parametrize(
    "header", [f"Bearer {TOKEN}", f"bearer {TOKEN}", f"  BEARER   {TOKEN}  "], ids=range(3)
)
def test_a_token_tells_whose_it_is(header: str) -> None:
    assert verify_bearer(header, found) is KEY


def test_any_key_that_is_made_fits_into_a_token() -> None:
    for _ in range(200):
        key = new_access_key("a test's", KEY.created_at)
        assert verify_bearer(f"Bearer {key.key_id}.{key.secret}", {key.key_id: key}.get) is key


def test_an_unknown_id_a_wrong_secret_and_a_revoked_key_are_told_alike() -> None:
    revoked = replace(KEY, revoked_at=KEY.created_at)
    told = set()
    for header, find in (
        (f"Bearer CTNCAAAAAAAAAAAAAAAA.{KEY.secret}", found),
        (f"Bearer {KEY.key_id}.{KEY.secret[:-1]}", found),
        (f"Bearer {KEY.key_id}.{KEY.secret}a", found),
        (f"Bearer {TOKEN}", lambda _: revoked),
    ):
        with pytest.raises(AccessKeyUnknown) as refused:
            verify_bearer(header, find)
        told.add(str(refused.value))
    assert len(told) == 1


def test_what_an_unknown_key_is_compared_with_opens_nothing() -> None:
    with pytest.raises(AccessKeyUnknown):
        verify_bearer(f"Bearer CTNCAAAAAAAAAAAAAAAA.{'/' * 40}", found)


@given(header=st.text(max_size=200) | st.text(max_size=100).map(lambda token: f"Bearer {token}"))
def test_whatever_is_sent_is_refused_as_access(header: str) -> None:
    with pytest.raises(AccessError):
        verify_bearer(header, found)


@pytest.mark.parametrize(
    "header", ["", "Bearer", f"Bearer{TOKEN}", f"Basic {TOKEN}", f"Bearer {TOKEN}.", TOKEN], ids=range(6)
)
def test_what_has_not_the_form_of_a_token_is_none(header: str) -> None:
    with pytest.raises(SignatureInvalid):
        verify_bearer(header, found)
