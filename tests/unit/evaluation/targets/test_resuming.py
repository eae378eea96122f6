"""An evaluation of an endpoint that is interrupted, killed or repeated, and goes on where it was."""

from __future__ import annotations

import base64
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from rekognition_stand_in import SAME, Fault, StandIn, data_set, use_credentials

from countenance.errors import EndpointUnusable
from countenance.evaluation.samples import Pair
from countenance.evaluation.targets.endpoint import EndpointTarget

if TYPE_CHECKING:
    from collections.abc import Iterator

PICTURES = tuple(f"{name} {number}" for name in ("ann", "bob", "cid", "nobody") for number in range(5))
GALLERY, PROBES = tuple(range(0, 20, 2)), tuple(range(1, 20, 2))
PAIRS = tuple(Pair(first, second, mated=False) for first in range(20) for second in range(first))

EVALUATION = """
import sys
from pathlib import Path
from rekognition_stand_in import data_set
from test_resuming import GALLERY, PAIRS, PICTURES, PROBES
from countenance.evaluation.targets.endpoint import EndpointTarget
kind, url, folder, cache = sys.argv[1:]
data = data_set(Path(folder), *PICTURES)
with EndpointTarget(url, cache=Path(cache), requests_per_second=100) as target:
    if kind == "pairs":
        target.compare(data, PAIRS)
    else:
        target.search(data, GALLERY, PROBES, 2)
"""


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    use_credentials(monkeypatch, tmp_path)


@pytest.fixture
def endpoint() -> Iterator[StandIn]:
    with StandIn() as started:
        yield started


def ended_by(
    sent: signal.Signals, kind: str, endpoint: StandIn, folder: Path, operation: str, after: int
) -> Path:
    """Evaluate in another process, end it when the endpoint was asked so often, and return its answers."""
    cache = folder / "answers"
    command = [sys.executable, "-c", EVALUATION, kind, endpoint.url, str(folder), str(cache)]
    process = subprocess.Popen(command, cwd=Path(__file__).parent, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while endpoint.asked[operation] < after and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.002)
    process.send_signal(sent)
    assert process.wait(60) == -sent
    return cache


@pytest.mark.slow
def test_a_killed_comparison_goes_on_and_asks_nothing_again(endpoint: StandIn, tmp_path: Path) -> None:
    cache = ended_by(signal.SIGKILL, "pairs", endpoint, tmp_path, "CompareFaces", after=60)
    before = endpoint.asked["CompareFaces"]
    assert before < len(PAIRS)
    data = data_set(tmp_path, *PICTURES)
    with EndpointTarget(endpoint.url, cache=cache) as target:
        kept = target.remembered
        # At most those under way when it was killed, one for each thread, have no answer in the file.
        assert before - 4 <= kept <= before
        answers = target.compare(data, PAIRS)
        assert endpoint.asked["CompareFaces"] == before + len(PAIRS) - kept
    with EndpointTarget(endpoint.url) as target:
        whole = target.compare(data, PAIRS)
    assert np.array_equal(answers.scores, whole.scores, equal_nan=True)
    assert answers.failures == whole.failures
    assert set(whole.failures) == set(range(15, 20))


@pytest.mark.slow
def test_a_killed_search_leaves_no_collection_once_it_is_resumed(endpoint: StandIn, tmp_path: Path) -> None:
    cache = ended_by(signal.SIGKILL, "search", endpoint, tmp_path, "SearchFacesByImage", after=4)
    assert len(endpoint.collections) == 1
    searched = endpoint.asked["SearchFacesByImage"]
    data = data_set(tmp_path, *PICTURES)
    with EndpointTarget(endpoint.url, cache=cache) as target:
        answers = target.search(data, GALLERY, PROBES, 2)
    assert endpoint.collections == {}
    assert searched - 4 <= searched + len(PROBES) - endpoint.asked["SearchFacesByImage"] <= searched
    with EndpointTarget(endpoint.url) as target:
        whole = target.search(data, GALLERY, PROBES, 2)
    assert np.array_equal(answers.scores, whole.scores, equal_nan=True)
    assert np.array_equal(answers.subjects, whole.subjects)
    assert answers.failures == whole.failures


@pytest.mark.slow
@pytest.mark.usefixtures("interruptible")
def test_a_user_who_interrupts_a_search_leaves_no_collection(endpoint: StandIn, tmp_path: Path) -> None:
    ended_by(signal.SIGINT, "search", endpoint, tmp_path, "IndexFaces", after=3)
    assert endpoint.asked["IndexFaces"] < len(GALLERY)
    assert endpoint.asked["DeleteCollection"] == 1
    assert endpoint.collections == {}


def test_what_is_answered_is_never_asked_again(endpoint: StandIn, tmp_path: Path) -> None:
    data, cache = data_set(tmp_path, *PICTURES), tmp_path / "answers"
    with EndpointTarget(endpoint.url, cache=cache) as target:
        compared, found = target.compare(data, PAIRS), target.search(data, GALLERY, PROBES, 2)
    asked = endpoint.asked.copy()
    with EndpointTarget(endpoint.url, cache=cache) as target:
        assert target.price_of_pairs(data, PAIRS).calls == 0
        assert target.price_of_searches(data, GALLERY, PROBES, 2).calls == 0
        again, found_again = target.compare(data, PAIRS), target.search(data, GALLERY, PROBES, 2)
    assert endpoint.asked == asked
    assert np.array_equal(again.scores, compared.scores, equal_nan=True)
    assert again.failures == compared.failures
    assert np.array_equal(found_again.subjects, found.subjects)
    assert found_again.failures == found.failures


def test_only_the_probes_that_are_not_answered_are_searched_for(endpoint: StandIn, tmp_path: Path) -> None:
    data, cache = data_set(tmp_path, *PICTURES), tmp_path / "answers"
    endpoint.misbehave = lambda operation, before: (
        Fault("AccessDeniedException") if operation == "SearchFacesByImage" and before >= 6 else None
    )
    with EndpointTarget(endpoint.url, cache=cache, concurrency=1) as target:
        assert target.price_of_searches(data, GALLERY, PROBES, 2).calls == len(GALLERY) + len(PROBES)
        with pytest.raises(EndpointUnusable):
            target.search(data, GALLERY, PROBES, 2)
    endpoint.misbehave = lambda _, __: None
    endpoint.asked.clear()
    with EndpointTarget(endpoint.url, cache=cache) as target:
        # Of the gallery two pictures of nobody are known to be of no use.
        assert target.price_of_searches(data, GALLERY, PROBES, 2).calls == len(GALLERY) - 2 + len(PROBES) - 6
        answers = target.search(data, GALLERY, PROBES, 2)
    assert endpoint.asked["IndexFaces"] == len(GALLERY) - 2
    assert endpoint.asked["SearchFacesByImage"] == len(PROBES) - 6
    assert answers.scores[0, 0] == SAME
    assert set(answers.failures) == set(range(15, 20))


def test_another_gallery_has_other_answers(endpoint: StandIn, tmp_path: Path) -> None:
    data, cache = data_set(tmp_path, *PICTURES), tmp_path / "answers"
    with EndpointTarget(endpoint.url, cache=cache) as target:
        assert target.search(data, (0, 5), (1,), 1).scores[0, 0] == SAME
        assert target.search(data, (5, 10), (1,), 1).scores[0, 0] < SAME
        assert np.isfinite(target.search(data, (0, 5), (1,), 2).scores).all()
    assert endpoint.asked["SearchFacesByImage"] == 3


def test_more_subjects_are_asked_for_again_also_where_a_search_returns_no_more_faces(
    endpoint: StandIn, tmp_path: Path
) -> None:
    data, gallery = data_set(tmp_path, *PICTURES), (0, 5, 10) + 3_000 * (0,)
    with EndpointTarget(endpoint.url) as target:
        assert np.isfinite(target.search(data, gallery, (1,), 2).scores).sum() == 2
        assert np.isfinite(target.search(data, gallery, (1,), 3).scores).sum() == 3
    assert endpoint.asked["IndexFaces"] == 6


def test_another_endpoint_has_other_answers(endpoint: StandIn, tmp_path: Path) -> None:
    data, cache = data_set(tmp_path, *PICTURES), tmp_path / "answers"
    with EndpointTarget(endpoint.url, cache=cache) as target:
        target.compare(data, PAIRS[:3])
    for url, region in ((endpoint.url, "eu-west-1"), (endpoint.url.replace("127.0.0.1", "localhost"), None)):
        with EndpointTarget(url, region=region, cache=cache) as target:
            assert target.price_of_pairs(data, PAIRS[:3]).calls == 3


def test_the_file_holds_no_picture_and_no_name(endpoint: StandIn, tmp_path: Path) -> None:
    data, cache = data_set(tmp_path, *PICTURES), tmp_path / "answers"
    with EndpointTarget(endpoint.url, cache=cache) as target:
        target.compare(data, PAIRS)
        target.search(data, GALLERY, PROBES, 2)
    content = cache.read_bytes()
    assert len(content.splitlines()) > len(PAIRS)
    for words in PICTURES:
        assert words.encode() not in content
        assert base64.b64encode(words.encode()) not in content
    assert b"Surname" not in content
    assert not any(digest.encode() in content for digest in data.sha256)
