"""Pairs of pictures that an endpoint compares."""

from __future__ import annotations

import hashlib
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from rekognition_stand_in import OTHER, SAME, Fault, StandIn, data_set, use_credentials

from countenance.errors import EndpointUnusable, ImageNotReadable
from countenance.evaluation.samples import Pair
from countenance.evaluation.targets.endpoint import EndpointTarget
from countenance.evaluation.verification import constant_answers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    use_credentials(monkeypatch, tmp_path)


@pytest.fixture
def endpoint() -> Iterator[StandIn]:
    with StandIn() as started:
        yield started


def pairs_of(*numbers: tuple[int, int]) -> tuple[Pair, ...]:
    return tuple(Pair(first, second, mated=False) for first, second in numbers)


def test_the_scores_are_the_similarities_of_the_answers(endpoint: StandIn, tmp_path: Path) -> None:
    data = data_set(tmp_path, "ann 1", "ann 2", "bob 3")
    with EndpointTarget(endpoint.url) as target:
        answers = target.compare(data, pairs_of((0, 1), (0, 2), (2, 1)))
    assert answers.scores.tolist() == [SAME, OTHER, OTHER]
    assert answers.failures == {}
    assert target.scale.similarity([SAME]).tolist() == [SAME]
    assert target.name == f"endpoint {endpoint.url.removeprefix('http://')}"


def test_the_largest_face_of_the_target_counts_not_the_most_similar(
    endpoint: StandIn, tmp_path: Path
) -> None:
    data = data_set(tmp_path, "ann 1", "bob 2 + ann 3")
    with EndpointTarget(endpoint.url) as target:
        answers = target.compare(data, pairs_of((0, 1), (1, 0)))
    assert answers.scores.tolist() == [OTHER, OTHER]


def test_a_largest_face_that_is_listed_as_unmatched_scores_nothing(endpoint: StandIn, tmp_path: Path) -> None:
    data = data_set(tmp_path, "ann 1", "unlike 2 + ann 3")
    with EndpointTarget(endpoint.url) as target:
        answers = target.compare(data, pairs_of((0, 1)))
    assert answers.scores.tolist() == [0]


def test_pictures_that_cannot_be_used_are_named_with_reasons(endpoint: StandIn, tmp_path: Path) -> None:
    data = data_set(tmp_path, "ann 1", "nobody 1", "broken 1", "tiny 1", "lost 1", "ann 2")
    (tmp_path / "4.jpg").unlink(missing_ok=True)
    asked = pairs_of((0, 1), (1, 0), (2, 0), (0, 3), (4, 0), (1, 2), (0, 5))
    with EndpointTarget(endpoint.url) as target:
        answers = target.compare(data, asked)
    assert np.isnan(answers.scores).tolist() == [True] * 6 + [False]
    assert {number: reason.split(",")[0] for number, reason in answers.failures.items()} == {
        1: "no face",
        2: "no JPEG or PNG that the endpoint can read",
        3: "refused by the endpoint",
        4: "missing file",
    }
    # Each picture of a refused comparison is looked at once: those of 0, 1, 2 and 3.
    assert endpoint.asked == {"CompareFaces": 6, "DetectFaces": 4}


def test_both_pictures_are_named_where_neither_explains_the_refusal(
    endpoint: StandIn, tmp_path: Path
) -> None:
    endpoint.misbehave = lambda operation, _: (
        Fault("InvalidParameterException") if operation == "CompareFaces" else None
    )
    data = data_set(tmp_path, "ann 1", "ann 2")
    with EndpointTarget(endpoint.url) as target:
        answers = target.compare(data, pairs_of((0, 1)))
    assert set(answers.failures) == {0, 1}
    assert "does not compare" in answers.failures[0]


def test_what_is_too_large_or_empty_is_not_sent(endpoint: StandIn, tmp_path: Path) -> None:
    data = data_set(tmp_path, "ann 1", "ann " + "1" * 5_242_877, "ann 2")
    (tmp_path / "2.jpg").write_bytes(b"")
    hashes = (*data.sha256[:2], hashlib.sha256(b"").hexdigest())
    with EndpointTarget(endpoint.url) as target:
        answers = target.compare(replace(data, sha256=hashes), pairs_of((0, 1), (0, 2)))
    assert np.isnan(answers.scores).all()
    assert answers.failures == {
        1: "more than 5,242,880 bytes, which the endpoint does not take",
        2: "empty file",
    }
    assert endpoint.asked == {"DetectFaces": 1}


def test_equal_pairs_of_pictures_are_asked_once(endpoint: StandIn, tmp_path: Path) -> None:
    data = data_set(tmp_path, "ann 1", "bob 2", "ann 1")
    with EndpointTarget(endpoint.url) as target:
        answers = target.compare(data, pairs_of((0, 1), (2, 1), (0, 1), (1, 0)))
    assert answers.scores.tolist() == [OTHER] * 4
    assert endpoint.asked == {"CompareFaces": 2}


def test_a_picture_that_changed_meanwhile_ends_the_evaluation(endpoint: StandIn, tmp_path: Path) -> None:
    data = data_set(tmp_path, "ann 1", "ann 2")
    (tmp_path / "1.jpg").write_text("bob 2")
    with EndpointTarget(endpoint.url) as target, pytest.raises(ImageNotReadable, match="changed after"):
        target.compare(data, pairs_of((0, 1)))
    assert not endpoint.asked


def test_progress_is_told_for_every_question_also_those_answered_before(
    endpoint: StandIn, tmp_path: Path
) -> None:
    data = data_set(tmp_path, *(f"ann {number}" for number in range(5)))
    told: list[tuple[int, int]] = []
    with EndpointTarget(endpoint.url) as target:
        target.compare(data, pairs_of((0, 1), (0, 2)))
        target.compare(
            data, pairs_of((0, 1), (0, 2), (0, 3), (0, 4)), lambda done, total: told.append((done, total))
        )
    assert told == [(2, 4), (3, 4), (4, 4)]


def test_the_price_counts_what_is_not_answered_yet(endpoint: StandIn, tmp_path: Path) -> None:
    data = data_set(tmp_path, "ann 1", "ann 2", "bob 1", "lost 1")
    asked = pairs_of((0, 1), (0, 1), (0, 2), (1, 2), (0, 3))
    with EndpointTarget(endpoint.url, requests_per_second=50) as target:
        before = target.price_of_pairs(data, asked)
        assert (before.calls, before.usd, before.seconds) == (3, None, 0.06)
        assert not endpoint.asked
        target.compare(data, asked[:3])
        assert target.price_of_pairs(data, asked).calls == 1
        assert target.remembered == 2


def test_amazons_own_endpoint_has_a_price(tmp_path: Path) -> None:
    data = data_set(tmp_path, *(f"ann {number}" for number in range(11)))
    asked = pairs_of(*((0, number) for number in range(1, 11)))
    with EndpointTarget(None, region="eu-west-1") as target:
        assert target.name == "endpoint rekognition.eu-west-1.amazonaws.com"
        assert target.price_of_pairs(data, asked).usd == pytest.approx(0.01)


def test_an_error_ends_the_evaluation_at_once(endpoint: StandIn, tmp_path: Path) -> None:
    endpoint.misbehave = lambda _, before: Fault("AccessDeniedException", "no leave") if before >= 3 else None
    data = data_set(tmp_path, *(f"ann {number}" for number in range(100)))
    with (
        EndpointTarget(endpoint.url, concurrency=2) as target,
        pytest.raises(EndpointUnusable, match=r"no leave.*permit the key"),
    ):
        target.compare(data, pairs_of(*((0, number) for number in range(100))))
    assert endpoint.asked["CompareFaces"] <= 6


def test_after_an_error_nobody_waits_for_a_turn(endpoint: StandIn, tmp_path: Path) -> None:
    endpoint.misbehave = lambda _, __: Fault("AccessDeniedException", "no leave")
    data = data_set(tmp_path, *(f"ann {number}" for number in range(10)))
    with EndpointTarget(endpoint.url, concurrency=4, requests_per_second=0.2) as target:
        started = time.monotonic()
        with pytest.raises(EndpointUnusable, match="no leave"):
            target.compare(data, pairs_of(*((0, number) for number in range(1, 10))))
    assert time.monotonic() - started < 4
    assert endpoint.asked == {"CompareFaces": 1}


@pytest.mark.parametrize(
    ("scores", "constant"),
    [
        ([100.0, 100.0, 100.0], True),
        ([100.0, np.nan, 100.0], True),
        ([100.0, 99.0], False),
        ([100.0], False),
        ([np.nan, np.nan], False),
        ([], False),
    ],
)
def test_answers_are_constant_where_there_are_several_and_all_are_the_same(
    scores: list[float], constant: bool
) -> None:
    assert constant_answers(scores) is constant
