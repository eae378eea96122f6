"""What it costs to measure an endpoint, before it is measured."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

# Upper end of each tier, in images a month, and US dollars for an image in it.
_TIERS = ((1_000_000, 0.001), (5_000_000, 0.0008), (35_000_000, 0.0006), (float("inf"), 0.0004))
_AMAZON = (".amazonaws.com", ".api.aws")


@dataclass(frozen=True, slots=True)
class PriceEstimate:
    """What an evaluation will take.

    Attributes:
        calls: how many requests are to be paid for.
        usd: what they cost, in US dollars; None where no price of the endpoint is known.
        seconds: how long they take at the limit on requests per second; None where there is no limit.
    """

    calls: int
    usd: float | None
    seconds: float | None

    @property
    def basis(self) -> str:
        """What the price rests on, in words."""
        if self.usd is None:
            return "no price is known for this endpoint"
        return "Amazon's public list price in us-east-1, which may change, from a month's first image on"


def estimate(calls: int, endpoint_url: str | None, requests_per_second: float | None = None) -> PriceEstimate:
    """Return what calls to an endpoint cost and how long they take at least.

    Every call is taken for one image of Amazon's price group 1 (CompareFaces, IndexFaces,
    SearchFacesByImage), of which the first million a month costs 0.001 USD each, the next 4 million 0.0008,
    the next 30 million 0.0006 and all beyond 0.0004. Free tiers, discounts and the storage of face vectors
    for some minutes are left out.

    Args:
        calls: how many.
        endpoint_url: where; None for Amazon's own.
        requests_per_second: the limit that is kept; None where there is none.
    """
    return PriceEstimate(
        calls,
        _list_price_usd(calls) if endpoint_url is None or _is_amazons(endpoint_url) else None,
        None if requests_per_second is None else calls / requests_per_second,
    )


def _is_amazons(endpoint_url: str) -> bool:
    return (urlsplit(endpoint_url).hostname or "").endswith(_AMAZON)


def _list_price_usd(images: int) -> float:
    total, below = 0.0, 0.0
    for up_to, each in _TIERS:
        total += max(0.0, min(images, up_to) - below) * each
        below = up_to
    return total
