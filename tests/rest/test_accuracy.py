"""`/v1/metrics/accuracy`: what people said in reviews, as rates with intervals."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from countenance.operations.accuracy.show_accuracy import LIMITS

if TYPE_CHECKING:
    from rest.api import Api

NOTHING = {"errors": 0, "trials": 0, "rate": None, "lower": None, "upper": None, "least": None, "most": None}


class Asker:
    """Searches in a collection of its own for who is there and who is not, and decides."""

    def __init__(self, api: Api, client: Any, enrolled: bytes) -> None:
        self.collection_id = f"judged-{uuid.uuid4()}"
        self.client = client
        self.reviewer = api.with_key(collections=[self.collection_id])
        new = {"collection_id": self.collection_id, "policy": {"review": "one"}}
        assert api.post("/v1/collections", new).status == 201
        client.index_faces(
            CollectionId=self.collection_id, Image={"Bytes": enrolled}, ExternalImageId="eileen"
        )

    def search(self, picture: bytes) -> str | None:
        answer = self.client.search_faces_by_image(CollectionId=self.collection_id, Image={"Bytes": picture})
        review_id = answer["ResponseMetadata"]["HTTPHeaders"].get("x-countenance-review")
        return str(review_id) if review_id is not None else None

    def decide(self, review_id: str | None, verdict: str) -> None:
        path = f"/v1/reviews/{review_id}"
        candidate = self.reviewer.get(path).json["candidates"][0]["candidate_id"]
        vote = {"verdict": verdict} | ({"candidate_id": candidate} if verdict == "confirm" else {})
        assert self.reviewer.post(f"{path}/votes", vote).status == 201


@pytest.fixture(scope="module")
def asker(api: Api, client: Any, collins: bytes, hopper: bytes) -> Asker:
    made = Asker(api, client, collins)
    assert made.search(hopper) is None
    made.decide(made.search(collins), "confirm")
    made.decide(made.search(collins), "reject")
    made.search(collins)
    return made


def test_rates_are_told_overall_by_collection_and_by_month(asker: Asker) -> None:
    told = asker.reviewer.get("/v1/metrics/accuracy").json
    overall = told["overall"]
    assert overall["counts"] == {
        "searches": 4,
        "comparisons": 4,
        "least_threshold": 80.0,
        "most_threshold": 80.0,
        "confirmed": 1,
        "rejected": 1,
        "disagreed": 0,
        "open": 1,
        "void": 0,
        "gone": 0,
        "false_candidates": 1,
        "undecided_candidates": 1,
    }
    discovery = overall["false_discovery"]
    assert (discovery["errors"], discovery["trials"], discovery["rate"]) == (1, 2, 0.5)
    assert 0 < discovery["lower"] < discovery["least"] < 0.5 < discovery["most"] < discovery["upper"] < 1
    positives = overall["false_positive_identification"]
    # Two of three answers are decided and stand for two thirds of the searches; one confirmed somebody.
    assert positives["trials"] == pytest.approx(4 * 2 / 3 - 1)
    assert positives["stated"] == pytest.approx(1e-3)
    assert overall["false_match"]["stated"] == pytest.approx(1e-3)
    assert told["collections"] == [{"collection_id": asker.collection_id, "estimates": overall}]
    assert told["months"] == [{"month": datetime.now(UTC).strftime("%Y-%m"), "estimates": overall}]
    assert told["limits"] == list(LIMITS)
    assert (told["since"], told["until"], told["confidence"]) == (None, None, 0.95)
    assert "Wilson" in told["method"]


def test_days_bound_what_is_told(asker: Asker) -> None:
    today = datetime.now(UTC).date()
    tomorrow = today + timedelta(days=1)
    within = asker.reviewer.get("/v1/metrics/accuracy", since=today, until=tomorrow).json
    assert (within["since"], within["until"]) == (today.isoformat(), tomorrow.isoformat())
    assert within["overall"]["counts"]["searches"] == 4
    later = asker.reviewer.get("/v1/metrics/accuracy", since=tomorrow).json
    assert later["overall"]["false_discovery"] == NOTHING | {"stated": None}
    assert (later["collections"], later["months"]) == ([], [])


@pytest.mark.parametrize(
    "day", ["yesterday", "2026-02-30", "20260101", "2026-W01-1", "2026-01-01T00:00:00Z", ""]
)
def test_what_is_no_day_is_refused(api: Api, day: str) -> None:
    for name in ("since", "until"):
        refused = api.get("/v1/metrics/accuracy", **{name: day})
        assert (refused.status, refused.problem) == (422, "request-invalid")
        assert name in refused.detail


def test_a_key_of_other_collections_is_told_of_none(api: Api, asker: Asker) -> None:
    stranger = api.with_key(collections=["other"])
    told = stranger.get("/v1/metrics/accuracy")
    assert told.status == 200
    assert told.json["collections"] == []
    assert asker.collection_id not in told.body.decode()
    refused = api.with_key(operations=["list_*"]).get("/v1/metrics/accuracy")
    assert (refused.status, refused.problem) == (403, "not-permitted")
