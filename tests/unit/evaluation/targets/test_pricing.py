"""What an evaluation of an endpoint costs."""

from __future__ import annotations

import pytest

from countenance.evaluation.targets.pricing import estimate


@pytest.mark.parametrize(
    ("calls", "usd"),
    [
        (0, 0),
        (1, 0.001),
        (1_000_000, 1_000),
        (1_000_001, 1_000.0008),
        (5_000_000, 1_000 + 3_200),
        (35_000_000, 1_000 + 3_200 + 18_000),
        (36_000_000, 1_000 + 3_200 + 18_000 + 400),
    ],
)
def test_each_tier_of_amazons_list_price_counts_for_its_own_images(calls: int, usd: float) -> None:
    asked = estimate(calls, None)
    assert asked.usd == pytest.approx(usd, abs=1e-9)
    assert "public list price" in asked.basis
    assert "may change" in asked.basis


@pytest.mark.parametrize(
    ("address", "has_price"),
    [
        ("https://rekognition.us-east-1.amazonaws.com", True),
        ("https://rekognition-fips.us-east-1.amazonaws.com/", True),
        ("https://rekognition.us-east-1.api.aws", True),
        ("http://127.0.0.1:8000", False),
        ("https://amazonaws.com.example.org", False),
        ("https://example.org/rekognition.us-east-1.amazonaws.com", False),
    ],
)
def test_only_amazons_own_addresses_have_a_price(address: str, has_price: bool) -> None:
    asked = estimate(10, address)
    assert (asked.usd is not None) is has_price
    assert has_price or asked.basis == "no price is known for this endpoint"


def test_the_time_is_known_where_there_is_a_limit() -> None:
    assert estimate(100, None, 5).seconds == 20
    assert estimate(100, None).seconds is None
