"""How often an address may make mistakes."""

from __future__ import annotations

import pytest

from countenance.access.attempts import MOST_MISTAKES, WITHIN_SECONDS, Attempts


class Clock:
    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def attempts(clock: Clock) -> Attempts:
    return Attempts(clock)


def mistakes(attempts: Attempts, count: int, address: str = "192.0.2.1") -> None:
    for _ in range(count):
        attempts.note_mistake(address)


def test_a_few_mistakes_are_human(attempts: Attempts) -> None:
    mistakes(attempts, MOST_MISTAKES - 1)
    assert attempts.seconds_to_wait("192.0.2.1") == 0


def test_too_many_have_to_wait_until_the_first_is_long_ago(attempts: Attempts, clock: Clock) -> None:
    mistakes(attempts, MOST_MISTAKES)
    assert attempts.seconds_to_wait("192.0.2.1") == WITHIN_SECONDS
    clock.seconds = WITHIN_SECONDS - 0.5
    assert attempts.seconds_to_wait("192.0.2.1") == 1
    clock.seconds = WITHIN_SECONDS
    assert attempts.seconds_to_wait("192.0.2.1") == 0


def test_others_need_not_wait_and_who_signs_in_begins_anew(attempts: Attempts) -> None:
    mistakes(attempts, MOST_MISTAKES)
    assert attempts.seconds_to_wait("192.0.2.2") == 0
    attempts.forget("192.0.2.1")
    assert attempts.seconds_to_wait("192.0.2.1") == 0


def test_a_network_of_the_sixth_version_is_one_address(attempts: Attempts) -> None:
    for number in range(MOST_MISTAKES):
        attempts.note_mistake(f"2001:db8::{number:x}")
    assert attempts.seconds_to_wait("2001:db8::ffff:1") > 0
    assert attempts.seconds_to_wait("2001:db8:0:1::1") == 0


def test_no_more_addresses_are_remembered_than_fit(attempts: Attempts) -> None:
    mistakes(attempts, MOST_MISTAKES, "no address at all")
    for number in range(10_000):
        attempts.note_mistake(f"10.0.{number // 250}.{number % 250}")
    assert attempts.seconds_to_wait("no address at all") == 0
