"""An endpoint that is busy, out of order or does not end its answers; and keys that it does not take."""

from __future__ import annotations

import base64
import json
import logging
import threading
import time
from typing import TYPE_CHECKING

import pytest
from rekognition_stand_in import OTHER, Fault, Raw, StandIn, data_set, use_credentials

from countenance.errors import EndpointUnusable
from countenance.evaluation.samples import Pair
from countenance.evaluation.targets.endpoint import EndpointTarget
from countenance.evaluation.targets.endpoint_client import Halted, Pacer
from serving import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from countenance.evaluation.samples import DataSet

PAIR = (Pair(0, 1, mated=False),)
THROTTLED = Fault("ProvisionedThroughputExceededException", "too many")


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    use_credentials(monkeypatch, tmp_path)


@pytest.fixture
def endpoint() -> Iterator[StandIn]:
    with StandIn() as started:
        yield started


@pytest.fixture
def data(tmp_path: Path) -> DataSet:
    return data_set(tmp_path, "ann 1", "bob 2")


def cut(body: bytes, missing: int = 0) -> Raw:
    return Raw(body, len(body) + missing)


@pytest.mark.parametrize(
    "answer",
    [
        cut(b""),
        cut(b"{}"),
        cut(b"null"),
        cut(b"[]"),
        cut(b'{"FaceMatches": ['),
        cut(b"\xff\xfe"),
        cut(b'{"FaceMatches": [], "UnmatchedFaces": []}'),
        cut(b'{"FaceMatches": [{"Similarity": 99.0}], "SourceImageFace": {}}'),
        cut(
            b'{"FaceMatches": [{"Similarity": NaN, "Face": {"BoundingBox": {"Width": 1, "Height": 1}}}],'
            b'"SourceImageFace": {}}'
        ),
        cut(b'{"FaceMatches": []', missing=50),
    ],
    ids=lambda answer: answer.body.decode(errors="replace")[:30] or "nothing",
)
def test_an_answer_that_was_cut_off_is_asked_for_again(endpoint: StandIn, data: DataSet, answer: Raw) -> None:
    endpoint.misbehave = lambda _, before: answer if before < 2 else None
    with EndpointTarget(endpoint.url) as target:
        assert target.compare(data, PAIR).scores.tolist() == [OTHER]
    assert endpoint.asked == {"CompareFaces": 3}


def test_answers_that_are_always_cut_off_are_told(endpoint: StandIn, data: DataSet) -> None:
    endpoint.misbehave = lambda _, __: cut(b"")
    with (
        EndpointTarget(endpoint.url, patience_seconds=1) as target,
        pytest.raises(EndpointUnusable, match="compare_faces for 1 s, but its answers are cut off"),
    ):
        target.compare(data, PAIR)
    assert target.remembered == 0


def test_a_throttled_question_waits_longer_than_botocore_does(endpoint: StandIn, data: DataSet) -> None:
    endpoint.misbehave = lambda _, before: THROTTLED if before < 3 else None
    with EndpointTarget(endpoint.url, attempts=1) as target:
        assert target.compare(data, PAIR).scores.tolist() == [OTHER]
    assert endpoint.asked == {"CompareFaces": 4}


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_proxy_is_waited_for(endpoint: StandIn, data: DataSet, status: int) -> None:
    page = b"<html>try again</html>"
    endpoint.misbehave = lambda _, before: Raw(page, len(page), status) if before < 2 else None
    with EndpointTarget(endpoint.url, attempts=1) as target:
        assert target.compare(data, PAIR).scores.tolist() == [OTHER]


def test_throttling_that_does_not_end_is_told(endpoint: StandIn, data: DataSet) -> None:
    endpoint.misbehave = lambda _, __: THROTTLED
    with (
        EndpointTarget(endpoint.url, attempts=1, patience_seconds=1) as target,
        pytest.raises(EndpointUnusable, match=r"busy .ProvisionedThroughput.*fewer requests per second"),
    ):
        target.compare(data, PAIR)


def test_many_questions_to_a_busy_endpoint_are_all_answered(endpoint: StandIn, tmp_path: Path) -> None:
    endpoint.misbehave = lambda _, before: THROTTLED if before % 3 == 0 else None
    data = data_set(tmp_path, *(f"ann {number}" for number in range(13)))
    pairs = [Pair(0, number, mated=True) for number in range(1, 13)]
    with EndpointTarget(endpoint.url, concurrency=4) as target:
        assert len(target.compare(data, pairs).scores) == 12
    assert endpoint.asked["CompareFaces"] > 12


def test_requests_keep_their_distance_tries_included(endpoint: StandIn, tmp_path: Path) -> None:
    times: list[float] = []

    def note(_: str, before: int) -> Raw | None:
        times.append(time.monotonic())
        return cut(b"") if before == 0 else None

    endpoint.misbehave = note
    data = data_set(tmp_path, *(f"ann {number}" for number in range(10)))
    pairs = [Pair(0, number, mated=True) for number in range(1, 10)]
    with EndpointTarget(endpoint.url, concurrency=4, requests_per_second=20) as target:
        target.compare(data, pairs)
    assert len(times) == 10
    assert times[-1] - times[0] >= 0.8 * 9 / 20


def test_whoever_waits_for_a_turn_is_let_go_when_all_is_given_up() -> None:
    pacer = Pacer(0.001)
    pacer.wait_for_turn()
    given_up: list[bool] = []

    def wait() -> None:
        with pytest.raises(Halted):
            pacer.wait_for_turn()
        given_up.append(True)

    thread = threading.Thread(target=wait)
    thread.start()
    pacer.halt()
    thread.join(5)
    assert given_up == [True]


def test_an_endpoint_without_the_operation_is_told(endpoint: StandIn, data: DataSet) -> None:
    page = b"<html>Internal Server Error</html>"
    endpoint.misbehave = lambda _, __: Raw(page, len(page), 500)
    with (
        EndpointTarget(endpoint.url, attempts=2) as target,
        pytest.raises(EndpointUnusable, match=r"failed at compare_faces .500., 2 times"),
    ):
        target.compare(data, PAIR)


def test_an_endpoint_that_is_not_there_is_told(data: DataSet) -> None:
    with (
        EndpointTarget(f"http://127.0.0.1:{free_port()}", attempts=1) as target,
        pytest.raises(EndpointUnusable, match="cannot be asked: Could not connect"),
    ):
        target.compare(data, PAIR)


def test_missing_credentials_are_told(
    endpoint: StandIn, data: DataSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with (
        EndpointTarget(endpoint.url) as target,
        pytest.raises(EndpointUnusable, match=r"no AWS credentials.*AWS_ACCESS_KEY_ID"),
    ):
        target.compare(data, PAIR)


@pytest.mark.parametrize(
    "code", ["UnrecognizedClientException", "InvalidSignatureException", "ExpiredTokenException"]
)
def test_credentials_that_are_not_accepted_are_told(endpoint: StandIn, data: DataSet, code: str) -> None:
    endpoint.misbehave = lambda _, __: Fault(code, "no such key")
    with (
        EndpointTarget(endpoint.url) as target,
        pytest.raises(EndpointUnusable, match=f"does not accept the credentials .{code}: no such key"),
    ):
        target.compare(data, PAIR)


def test_what_is_no_address_or_no_manners_is_told() -> None:
    with pytest.raises(EndpointUnusable, match="Invalid endpoint: nowhere"):
        EndpointTarget("nowhere")
    with pytest.raises(EndpointUnusable, match="no AWS region"):
        EndpointTarget(None)
    with pytest.raises(EndpointUnusable, match="more than 0"):
        EndpointTarget("http://127.0.0.1:1", requests_per_second=0)
    with pytest.raises(EndpointUnusable, match="at least one"):
        EndpointTarget("http://127.0.0.1:1", concurrency=0)


def test_the_address_of_the_aws_chain_is_asked_where_none_is_named(
    endpoint: StandIn, data: DataSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_REKOGNITION", endpoint.url)
    with EndpointTarget(None, region="us-east-1") as target:
        assert target.url == endpoint.url
        assert target.compare(data, PAIR).scores.tolist() == [OTHER]


def test_no_picture_is_in_the_logs(
    endpoint: StandIn, data: DataSet, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), EndpointTarget(endpoint.url) as target:
        target.compare(data, PAIR)
    assert json.loads(endpoint.bodies[0])["SourceImage"]["Bytes"] == base64.b64encode(b"ann 1").decode()
    assert "ann 1" not in caplog.text
    assert base64.b64encode(b"ann 1").decode() not in caplog.text
