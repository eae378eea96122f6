"""A gallery that is enrolled at an endpoint, searched and deleted."""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING

import numpy as np
import pytest
from rekognition_stand_in import OTHER, SAME, Fault, Raw, StandIn, data_set, use_credentials

from countenance.errors import CollectionLeftBehind, EndpointUnusable
from countenance.evaluation.targets.endpoint import EndpointTarget

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NUMBER_ALIKE = OTHER + 0.5
"""The similarity of strangers' pictures that have the same number."""


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    use_credentials(monkeypatch, tmp_path)


@pytest.fixture
def endpoint() -> Iterator[StandIn]:
    with StandIn() as started:
        yield started


def test_each_probe_finds_the_best_of_each_subject(endpoint: StandIn, tmp_path: Path) -> None:
    data = data_set(tmp_path, "cid 1", "ann 1", "ann 2", "bob 1", "bob 3", "ann 3", "dan 1")
    with EndpointTarget(endpoint.url) as target:
        answers = target.search(data, (0, 1, 2, 3, 4), (5, 6), 2)
    found = [[answers.names[number] for number in row] for row in answers.subjects]
    assert found == [["Surname of ann", "Surname of bob"], ["Surname of ann", "Surname of bob"]]
    assert answers.scores.tolist() == [[SAME, NUMBER_ALIKE], [NUMBER_ALIKE, NUMBER_ALIKE]]
    assert answers.failures == {}


def test_as_many_faces_are_asked_for_as_one_subject_may_fill(endpoint: StandIn, tmp_path: Path) -> None:
    data = data_set(tmp_path, *(f"ann {number}" for number in range(8)), "bob 9", "ann 9")
    with EndpointTarget(endpoint.url) as target:
        answers = target.search(data, range(9), (9,), 2)
    assert [answers.names[number][-3:] for number in answers.subjects[0]] == ["ann", "bob"]
    asked = [json.loads(body) for body in endpoint.bodies]
    assert [each["MaxFaces"] for each in asked if "MaxFaces" in each] == [16]


def test_where_fewer_subjects_are_found_the_rest_is_empty(endpoint: StandIn, tmp_path: Path) -> None:
    data = data_set(tmp_path, "ann 1", "ann 2", "nobody 1", "lost 1")
    with EndpointTarget(endpoint.url) as target:
        answers = target.search(data, (0,), (1, 2, 3), 3)
    assert answers.subjects.tolist() == [[0, -1, -1], [-1, -1, -1], [-1, -1, -1]]
    assert np.isfinite(answers.scores).tolist() == [[True, False, False], [False] * 3, [False] * 3]
    assert answers.failures == {2: "no face", 3: "missing file"}


def test_pictures_that_cannot_be_used_are_named_with_reasons(endpoint: StandIn, tmp_path: Path) -> None:
    data = data_set(tmp_path, "ann 1", "nobody 1", "broken 1", "lost 1", "ann 2", "tiny 1", "broken 2")
    with EndpointTarget(endpoint.url) as target:
        answers = target.search(data, (0, 1, 2, 3), (4, 5, 6), 1)
    assert {number: reason.split(",")[0] for number, reason in answers.failures.items()} == {
        1: "no face",
        2: "no JPEG or PNG that the endpoint can read",
        3: "missing file",
        5: "refused by the endpoint",
        6: "no JPEG or PNG that the endpoint can read",
    }
    assert answers.scores[0].tolist() == [SAME]


def test_of_a_picture_only_the_largest_face_is_enrolled(endpoint: StandIn, tmp_path: Path) -> None:
    data = data_set(tmp_path, "ann 1 + bob 2 + cid 3", "bob 1", "ann 2")
    with EndpointTarget(endpoint.url) as target:
        answers = target.search(data, (0,), (1, 2), 1)
    assert answers.scores.tolist() == [[NUMBER_ALIKE], [SAME]]
    assert endpoint.asked["DeleteFaces"] == 1


def test_no_name_is_sent_and_the_collection_is_gone(endpoint: StandIn, tmp_path: Path) -> None:
    data = data_set(tmp_path, "ann 1", "bob 1", "ann 2")
    with EndpointTarget(endpoint.url) as target:
        target.search(data, (0, 1), (2,), 1)
    sent = b"\n".join(endpoint.bodies)
    assert base64.b64encode(b"ann 1") in sent
    assert b"Surname" not in sent
    assert re.search(rb'"ExternalImageId": "evaluation-[a-z0-9-]+:0"', sent)
    assert endpoint.collections == {}
    assert endpoint.asked["CreateCollection"] == endpoint.asked["DeleteCollection"] == 1


@pytest.mark.parametrize("operation", ["IndexFaces", "SearchFacesByImage"])
def test_the_collection_is_gone_after_an_error(endpoint: StandIn, tmp_path: Path, operation: str) -> None:
    data = data_set(tmp_path, *(f"ann {number}" for number in range(20)))
    endpoint.misbehave = lambda asked, before: (
        Fault("AccessDeniedException", "consent is missing") if (asked, before) == (operation, 3) else None
    )
    with (
        EndpointTarget(endpoint.url, concurrency=3) as target,
        pytest.raises(EndpointUnusable, match="consent is missing"),
    ):
        target.search(data, range(10), range(10, 20), 1)
    assert endpoint.asked["DeleteCollection"] == 1
    assert endpoint.collections == {}


def test_the_collection_is_gone_after_an_interruption(endpoint: StandIn, tmp_path: Path) -> None:
    data = data_set(tmp_path, *(f"ann {number}" for number in range(20)))

    def interrupt(done: int, _: int) -> None:
        if done == 13:
            raise KeyboardInterrupt

    with EndpointTarget(endpoint.url) as target, pytest.raises(KeyboardInterrupt):
        target.search(data, range(10), range(10, 20), 1, interrupt)
    assert endpoint.collections == {}


def test_a_collection_that_stays_is_told_with_what_to_do(endpoint: StandIn, tmp_path: Path) -> None:
    data = data_set(tmp_path, "ann 1", "ann 2")
    cache = tmp_path / "answers"
    endpoint.misbehave = lambda asked, _: (
        Fault("AccessDeniedException", "no leave") if asked == "DeleteCollection" else None
    )
    with EndpointTarget(endpoint.url, cache=cache) as target:
        with pytest.raises(CollectionLeftBehind, match="no leave") as told:
            target.search(data, (0,), (1,), 1)
        [name] = endpoint.collections
        assert f"delete-collection --collection-id {name} --endpoint-url {endpoint.url}" in str(told.value)
    endpoint.misbehave = lambda _, __: None
    with EndpointTarget(endpoint.url, cache=cache) as target:
        assert target.search(data, (0,), (1,), 1).scores.tolist() == [[SAME]]
    assert endpoint.collections == {}
    assert endpoint.asked["CreateCollection"] == 1


def test_why_the_evaluation_ended_is_told_where_the_collection_stays_too(
    endpoint: StandIn, tmp_path: Path
) -> None:
    data = data_set(tmp_path, "ann 1", "ann 2")
    endpoint.misbehave = lambda asked, _: (
        Fault("AccessDeniedException", f"never {asked}")
        if asked in ("DeleteCollection", "IndexFaces")
        else None
    )
    with (
        EndpointTarget(endpoint.url) as target,
        pytest.raises(CollectionLeftBehind, match=r"never DeleteCollection.*never IndexFaces"),
    ):
        target.search(data, (0,), (1,), 1)


def test_a_lost_answer_to_creation_or_deletion_does_no_harm(endpoint: StandIn, tmp_path: Path) -> None:
    data = data_set(tmp_path, "ann 1", "ann 2")

    def lose(operation: str, before: int) -> Raw | None:
        if before or operation not in ("CreateCollection", "DeleteCollection"):
            return None
        # It is done, and nobody is told.
        endpoint.answer(operation, endpoint.bodies[-1])
        return Raw(b"", 0)

    endpoint.misbehave = lose
    with EndpointTarget(endpoint.url) as target:
        assert target.search(data, (0,), (1,), 1).scores.tolist() == [[SAME]]
    assert endpoint.collections == {}


@pytest.mark.parametrize("operation", ["DetectFaces", "IndexFaces", "DeleteFaces", "SearchFacesByImage"])
@pytest.mark.parametrize("body", [b"", b'{"FaceMatches": []}'])
def test_what_is_cut_off_is_asked_again_and_never_taken_for_nothing(
    endpoint: StandIn, tmp_path: Path, operation: str, body: bytes
) -> None:
    data = data_set(tmp_path, "ann 1 + bob 1", "ann 2", "nobody 1")
    endpoint.misbehave = lambda asked, before: (
        Raw(body, len(body)) if (asked, before) == (operation, 0) else None
    )
    with EndpointTarget(endpoint.url) as target:
        answers = target.search(data, (0,), (1, 2), 1)
    assert answers.scores[0].tolist() == [SAME]
    assert answers.failures == {2: "no face"}


def test_a_collection_that_was_made_without_an_answer_is_deleted(endpoint: StandIn, tmp_path: Path) -> None:
    data = data_set(tmp_path, "ann 1", "ann 2")

    def fail_once_done(operation: str, before: int) -> Fault | None:
        if operation != "CreateCollection":
            return None
        if not before:
            endpoint.answer(operation, endpoint.bodies[-1])
        return None if before == 1 else Fault("InternalServerError", status=500)

    endpoint.misbehave = fail_once_done
    with (
        EndpointTarget(endpoint.url, attempts=2) as target,
        pytest.raises(EndpointUnusable, match="failed at"),
    ):
        target.search(data, (0,), (1,), 1)
    assert endpoint.asked["DeleteCollection"] == 1
    assert endpoint.collections == {}


def test_an_endpoint_that_makes_no_collections_is_told(endpoint: StandIn, tmp_path: Path) -> None:
    data = data_set(tmp_path, "ann 1", "ann 2")
    endpoint.misbehave = lambda _, __: Fault("UnknownOperationException", "none of that name")
    with (
        EndpointTarget(endpoint.url) as target,
        pytest.raises(EndpointUnusable, match=r"refuses create_collection .UnknownOperationException"),
    ):
        target.search(data, (0,), (1,), 1)


def test_a_picture_of_two_subjects_is_enrolled_for_both(endpoint: StandIn, tmp_path: Path) -> None:
    data = data_set(tmp_path, "ann 1", "bob 1", "ann 2")
    (tmp_path / "1.jpg").write_text("ann 1")
    data = type(data)(data.name, data.samples, None, (), (data.sha256[0], data.sha256[0], data.sha256[2]))
    with EndpointTarget(endpoint.url) as target:
        answers = target.search(data, (0, 1), (2,), 2)
    assert answers.scores.tolist() == [[SAME, SAME]]
    assert sorted(answers.subjects[0].tolist()) == [0, 1]
