"""Endpoints are measured through boto3: a server agrees with its own engine, and moto is found out."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from moto.server import ThreadedMotoServer

from conformance import pictures
from conformance.keys import create_key
from countenance.errors import CollectionLeftBehind, EndpointUnusable
from countenance.evaluation.samples import DataSet, Pair, Sample
from countenance.evaluation.targets.endpoint import EndpointTarget
from countenance.evaluation.targets.engine import EngineTarget, FaceRule
from countenance.evaluation.verification import constant_answers
from countenance.images import ImageLimits
from countenance.vision import FaceAnalyzer
from serving import running_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from serving import RunningServer

ALL = tuple(Pair(first, second, mated=False) for first in range(8) for second in range(8) if first != second)
GALLERY, PROBES = (0, 3, 5, 6), (1, 2, 4, 7)


@pytest.fixture(scope="module")
def data(collins: bytes, hopper: bytes, both: bytes, tmp_path_factory: pytest.TempPathFactory) -> DataSet:
    """Pictures of Eileen Collins and Grace Hopper, some with both, one of nobody, and one that is missing."""
    folder = tmp_path_factory.mktemp("data set")
    contents = (
        ("Collins", collins),
        ("Collins", pictures.lighter(collins, 0.8)),
        ("Collins", both),
        ("Hopper", hopper),
        ("Hopper", pictures.side_by_side((collins, 200), (hopper, 500))),
        ("nobody", pictures.empty()),
        ("Hopper", pictures.blurred(hopper)),
        ("missing", b""),
    )
    samples, hashes = [], []
    for number, (subject, content) in enumerate(contents):
        file = folder / f"{number}.jpg"
        if content:
            file.write_bytes(content)
        samples.append(Sample(file, subject))
        hashes.append(hashlib.sha256(content).hexdigest() if content else "")
    return DataSet("two people", tuple(samples), None, (), tuple(hashes))


@pytest.fixture(scope="module")
def engine() -> EngineTarget:
    """The engine of this process with the pack that servers use by default."""
    return EngineTarget(FaceAnalyzer.load(), FaceRule.LARGEST, ImageLimits())


def use(server: RunningServer, monkeypatch: pytest.MonkeyPatch, **others: str) -> None:
    """Put a server's credentials into the environment."""
    for name, value in (server.client_environment | others).items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL_REKOGNITION")


@pytest.fixture
def _credentials(server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    use(server, monkeypatch)


@pytest.mark.usefixtures("_credentials")
def test_a_server_compares_as_its_engine_does(
    server: RunningServer, engine: EngineTarget, data: DataSet, tmp_path: Path
) -> None:
    with EndpointTarget(server.endpoint_url, cache=tmp_path / "answers") as target:
        measured = target.compare(data, ALL)
        again = target.compare(data, ALL)
    expected = engine.compare(data, ALL)
    similarities = engine.scale.similarity(expected.scores)
    assert np.isfinite(measured.scores).sum() == 6 * 5
    np.testing.assert_allclose(measured.scores, similarities, atol=1e-3)
    np.testing.assert_array_equal(again.scores, measured.scores)
    assert set(measured.failures) == set(expected.failures) == {5, 7}
    assert measured.failures[5] == expected.failures[5] == "no face"
    assert np.nanmax(measured.scores) > 95 > 60 > np.nanmin(measured.scores)


@pytest.mark.usefixtures("_credentials")
def test_a_server_is_searched_as_its_engine_is(
    server: RunningServer, engine: EngineTarget, data: DataSet, client: Any, tmp_path: Path
) -> None:
    before = client.list_collections()["CollectionIds"]
    cache = tmp_path / "answers"
    with EndpointTarget(server.endpoint_url, cache=cache) as target:
        measured = target.search(data, GALLERY, PROBES, 2)
    expected = engine.search(data, GALLERY, PROBES, 2)
    assert measured.names == expected.names
    np.testing.assert_array_equal(measured.subjects, expected.subjects)
    np.testing.assert_allclose(measured.scores, engine.scale.similarity(expected.scores), atol=1e-3)
    assert set(measured.failures) == {5, 7}
    assert client.list_collections()["CollectionIds"] == before
    content = cache.read_bytes()
    assert not any(word in content for word in (b"Collins", b"Hopper", b"data set", b"\xff\xd8", b"/9j/"))


@pytest.mark.usefixtures("_credentials")
def test_a_picture_in_a_format_that_is_not_taken_is_named(
    server: RunningServer, collins: bytes, tmp_path: Path
) -> None:
    contents = (
        collins,
        pictures.encoded(pictures.opened(collins), "WEBP"),
        pictures.jpeg(pictures.opened(collins).resize((70, 70))),
        collins[: len(collins) // 2],
    )
    files = [tmp_path / str(number) for number in range(4)]
    for file, content in zip(files, contents, strict=True):
        file.write_bytes(content)
    few = DataSet(
        "formats",
        tuple(Sample(file, "Collins") for file in files),
        None,
        (),
        tuple(hashlib.sha256(content).hexdigest() for content in contents),
    )
    with EndpointTarget(server.endpoint_url) as target:
        answers = target.compare(few, tuple(Pair(0, number, mated=True) for number in (1, 2, 3)))
    assert np.isnan(answers.scores).all()
    assert {number: reason.split(",")[0] for number, reason in answers.failures.items()} == {
        1: "no JPEG or PNG that the endpoint can read",
        2: "refused by the endpoint",
        3: "no JPEG or PNG that the endpoint can read",
    }


@pytest.mark.slow
def test_a_policy_that_asks_for_consent_is_told(
    data: DataSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_server(tmp_path, jurisdiction="bipa") as strict:
        use(strict, monkeypatch)
        with (
            EndpointTarget(strict.endpoint_url) as target,
            pytest.raises(EndpointUnusable, match=r"refuses index_faces .AccessDeniedException.*consent"),
        ):
            target.search(data, GALLERY, PROBES, 1)
        client = strict.boto3_client()
        assert client.list_collections()["CollectionIds"] == []
        client.close()


def test_a_collection_that_the_key_may_not_delete_is_told(
    server: RunningServer, data: DataSet, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = create_key(server, ("CreateCollection", "IndexFaces", "SearchFacesByImage", "DetectFaces"))
    use(server, monkeypatch, AWS_ACCESS_KEY_ID=key.key_id, AWS_SECRET_ACCESS_KEY=key.secret)
    with (
        EndpointTarget(server.endpoint_url) as target,
        pytest.raises(CollectionLeftBehind, match=r"the collection (evaluation-[a-z0-9-]+) with") as told,
    ):
        target.search(data, (0,), (1,), 1)
    [name] = [word for word in str(told.value).split() if word.startswith("evaluation-")][:1]
    assert name in client.list_collections()["CollectionIds"]
    client.delete_collection(CollectionId=name)


@pytest.mark.slow
def test_a_busy_server_is_waited_for(busy: Any, data: DataSet, monkeypatch: pytest.MonkeyPatch) -> None:
    use(busy.server, monkeypatch)
    with (
        busy.occupied(most_seconds=3),
        EndpointTarget(busy.server.endpoint_url, attempts=1, concurrency=4) as target,
    ):
        answers = target.compare(data, ALL[:3])
    assert np.isfinite(answers.scores).all()


@pytest.fixture
def moto(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of moto's Rekognition, which answers all questions of a kind alike."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def test_motos_answers_are_found_to_be_constant(moto: str, data: DataSet, engine: EngineTarget) -> None:
    with EndpointTarget(moto) as target:
        answers = target.compare(data, ALL)
    # It finds a face in any picture, also where there is none.
    assert np.isfinite(answers.scores).sum() == 7 * 6
    assert constant_answers(answers.scores)
    assert not constant_answers(engine.compare(data, ALL).scores)


def test_moto_has_no_collections_which_is_told(moto: str, data: DataSet) -> None:
    with (
        EndpointTarget(moto, attempts=1) as target,
        pytest.raises(
            EndpointUnusable, match=r"failed at create_collection .500.*may not have that operation"
        ),
    ):
        target.search(data, GALLERY, PROBES, 1)
