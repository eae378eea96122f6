"""The AWS SDK for JavaScript: commands, paginators, classes of errors, and patience with a busy server."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import platformdirs
import pytest

if TYPE_CHECKING:
    from conformance.busy import BusyServer
    from serving import RunningServer

SOURCES = Path(__file__).parent / "javascript"
SCRIPTS = ("exercise.mjs", "patience.mjs")


@pytest.fixture(scope="module")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the scripts and the SDK."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("node and npm are not installed")
    folder = tmp_path_factory.mktemp("javascript")
    for name in SCRIPTS:
        shutil.copy(SOURCES / name, folder / name)
    (folder / "node_modules").symlink_to(installed_sdk() / "node_modules", target_is_directory=True)
    return folder


def installed_sdk() -> Path:
    """Return the folder of the SDK, which is installed into the user's cache once for each version."""
    lock = (SOURCES / "package-lock.json").read_bytes()
    cache = platformdirs.user_cache_path("countenance-tests", ensure_exists=True)
    folder = cache / f"aws-sdk-{hashlib.sha256(lock).hexdigest()[:16]}"
    if folder.exists():
        return folder
    unfinished = Path(tempfile.mkdtemp(dir=cache))
    try:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(SOURCES / name, unfinished)
        command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
        done = subprocess.run(command, cwd=unfinished, capture_output=True, text=True)
        if done.returncode and "CI" not in os.environ:
            pytest.skip(f"npm could not install the SDK: {done.stderr[-300:]}")
        assert done.returncode == 0, done.stderr
        # Whoever installs it at the same time installs the same: whichever comes first stays.
        with contextlib.suppress(OSError):
            unfinished.rename(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return folder


def run(script: Path, server: RunningServer, *arguments: str) -> str:
    """Run a script against a server and return what it prints."""
    environment = server.client_environment | {"AWS_REGION": "eu-west-1"}
    done = subprocess.run(
        ["node", str(script), *arguments], env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def seen(
    scripts: Path,
    server: RunningServer,
    tmp_path_factory: pytest.TempPathFactory,
    collins: bytes,
    both: bytes,
) -> Any:
    """What the SDK saw."""
    folder = tmp_path_factory.mktemp("pictures")
    (folder / "one.jpg").write_bytes(collins)
    (folder / "two.jpg").write_bytes(both)
    name = f"javascript-{uuid.uuid4()}"
    arguments = name, str(folder / "one.jpg"), str(folder / "two.jpg")
    return json.loads(run(scripts / "exercise.mjs", server, *arguments))


def test_a_collection_is_made_described_and_deleted(seen: Any) -> None:
    assert seen["created"]["StatusCode"] == seen["deleted"]["StatusCode"] == 200
    assert seen["created"]["CollectionArn"].startswith("arn:aws:rekognition:eu-west-1:")
    assert seen["described"]["CollectionARN"] == seen["created"]["CollectionArn"]
    assert seen["described"]["CreationTimestamp"].startswith("2")  # the SDK made a date of it
    assert seen["created"]["$metadata"]["attempts"] == 1
    assert len(seen["created"]["$metadata"]["requestId"]) == 36


def test_faces_are_indexed_and_found(seen: Any) -> None:
    first, second = (record["Face"] for record in seen["indexed"]["FaceRecords"])
    assert first["ExternalImageId"] == second["ExternalImageId"] == "two"
    (match,) = seen["found"]["FaceMatches"]
    assert match["Face"]["FaceId"] == first["FaceId"]
    assert match["Similarity"] > 99
    assert len(seen["detected"]["FaceDetails"]) == 2


@pytest.mark.parametrize(
    ("failure", "name", "words"),
    [
        ("notFound", "ResourceNotFoundException", "The collection id: not-there does not exist"),
        ("exists", "ResourceAlreadyExistsException", "already exists."),
        ("noPicture", "InvalidImageFormatException", "Request has invalid image format."),
        ("noParameter", "InvalidParameterException", "Request has invalid parameters."),
        ("invalid", "ValidationException", "validation error detected"),
        ("wrongSecret", "InvalidSignatureException", "signature we calculated does not match"),
    ],
)
def test_errors_are_of_the_sdks_classes(seen: Any, failure: str, name: str, words: str) -> None:
    thrown = seen["failures"][failure]
    assert thrown["name"] == name
    assert thrown["isOfItsClass"]
    assert words in thrown["message"]
    assert (thrown["status"], thrown["fault"]) == (400, "client")
    assert len(thrown["requestId"]) == 36


def test_lists_are_paged(seen: Any) -> None:
    assert seen["lists"]["faces"] == [1, 1]
    assert seen["lists"]["users"] == [2, 1]
    assert set(seen["lists"]["collections"]) == {1}


def test_the_sdk_tries_again_until_a_busy_server_is_free(scripts: Path, busy: BusyServer) -> None:
    with busy.occupied(most_seconds=1.5):
        attempts = json.loads(run(scripts / "patience.mjs", busy.server))
    assert len(attempts) == 5
    assert max(attempts) > 1


def test_the_javascript_of_the_way_from_rekognition_runs(
    scripts: Path, server: RunningServer, client: Any, collins: bytes
) -> None:
    page = Path(__file__).parents[2] / "docs" / "how-to" / "move-from-rekognition.md"
    (code,) = re.findall(r"^```javascript\n(.*?)^```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    (scripts / "page.mjs").write_text(code)
    client.create_collection(CollectionId="staff")
    client.index_faces(CollectionId="staff", Image={"Bytes": collins}, ExternalImageId="collins")
    try:
        assert run(scripts / "page.mjs", server) == "[ 'collins' ]\n"
    finally:
        client.delete_collection(CollectionId="staff")
