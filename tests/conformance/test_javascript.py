"""The AWS SDK for JavaScript: commands, paginators, classes of errors, and patience with a busy server."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
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
def scripts() -> Path:
    """The folder of the scripts beside the SDK, installed once per version into the user's cache."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("node and npm are not installed")
    lock = (SOURCES / "package-lock.json").read_bytes()
    folder = platformdirs.user_cache_path("countenance-tests") / hashlib.sha256(lock).hexdigest()[:16]
    folder.mkdir(parents=True, exist_ok=True)
    for name in (*SCRIPTS, "package.json", "package-lock.json"):
        shutil.copy(SOURCES / name, folder / name)
    done = folder / "installed"
    if not done.exists():
        command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
        installed = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        if installed.returncode and "CI" not in os.environ:
            pytest.skip(f"npm could not install the SDK: {installed.stderr[-300:]}")
        assert installed.returncode == 0, installed.stderr
        done.touch()
    return folder


def run(script: Path, server: RunningServer, *arguments: str) -> str:
    """Run a script against a server and return what it prints."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")} | {
        "AWS_ENDPOINT_URL_REKOGNITION": server.endpoint_url,
        "AWS_ACCESS_KEY_ID": server.access_key_id,
        "AWS_SECRET_ACCESS_KEY": server.secret_access_key,
        "AWS_REGION": "eu-west-1",
    }
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
