"""Commands beside a running server, which follows from the next request on."""

from __future__ import annotations

import json
import re
import time
import urllib.request
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from cli.command_line import CommandLine
from serving import running_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from serving import RunningServer

FOLLOWS_WITHIN_SECONDS = 3.0
CONSENTED = {"countenance:purpose": "access", "countenance:consent": "required"}


class Searching:
    """A collection of the server with Eileen Collins in it, and searches for her."""

    def __init__(self, server: RunningServer, collection_id: str, picture: bytes, **tags: str) -> None:
        self.client = server.boto3_client()
        self.collection_id, self.image = collection_id, {"Bytes": picture}
        self.client.create_collection(
            CollectionId=collection_id, Tags={f"countenance:{name}": value for name, value in tags.items()}
        )

    def enrol(self, subject: str = "collins") -> None:
        self.client.index_faces(
            CollectionId=self.collection_id, Image=self.image, ExternalImageId=subject, MaxFaces=1
        )

    def answer(self) -> dict[str, Any]:
        found: dict[str, Any] = self.client.search_faces_by_image(
            CollectionId=self.collection_id, Image=self.image
        )
        return found

    def found(self) -> list[str]:
        return [match["Face"]["ExternalImageId"] for match in self.answer()["FaceMatches"]]


@pytest.fixture
def searching(governed: RunningServer, astronaut: Path) -> Iterator[Any]:
    """Make such a collection, deleted after the test."""
    made: list[Searching] = []

    def make(collection_id: str, **tags: str) -> Searching:
        made.append(Searching(governed, collection_id, astronaut.read_bytes(), **tags))
        return made[-1]

    yield make
    for each in made:
        with suppress(ClientError):
            each.client.delete_collection(CollectionId=each.collection_id)


@pytest.fixture
def command(governed: RunningServer) -> CommandLine:
    """Commands on the server's database."""
    return CommandLine(governed.data_dir)


def indexed_faces(server: RunningServer) -> float:
    """Return how many faces the server's indexes hold."""
    with urllib.request.urlopen(f"{server.endpoint_url}/metrics", timeout=10) as response:
        found = re.search(r"^countenance_indexed_faces (\S+)$", response.read().decode(), re.MULTILINE)
    assert found is not None
    return float(found[1])


def refusal(error: ClientError) -> tuple[str, str]:
    return error.response["Error"]["Code"], error.response["Error"]["Message"]


def test_a_moratorium_refuses_the_very_next_search_and_its_end_allows_the_next(
    governed: RunningServer, searching: Any
) -> None:
    staff = searching("paused")
    staff.enrol()
    assert staff.found() == ["collins"]
    begun = governed.command("moratorium", "on", "--scope", "search", "--reason", "the vote", "--json")
    moratorium_id = json.loads(begun.stdout)["moratorium_id"]
    try:
        with pytest.raises(ClientError) as refused:
            staff.found()
    finally:
        assert governed.command("moratorium", "off", moratorium_id).returncode == 0
    assert refusal(refused.value)[0] == "AccessDeniedException"
    assert "a moratorium on search is in force: the vote" in refusal(refused.value)[1]
    assert staff.found() == ["collins"]


def test_an_erased_subject_is_not_found_by_the_next_search_and_soon_in_no_index(
    governed: RunningServer, searching: Any, tmp_path: Path
) -> None:
    staff = searching("emptied")
    staff.enrol()
    assert staff.found() == ["collins"]
    before = indexed_faces(governed)
    receipt = tmp_path / "receipt.json"
    done = governed.command("erase", "--subject", "collins", "--receipt", str(receipt))
    deadline = time.monotonic() + FOLLOWS_WITHIN_SECONDS
    assert (done.returncode, staff.found()) == (0, [])
    while indexed_faces(governed) == before and time.monotonic() < deadline:
        time.sleep(0.1)
    assert indexed_faces(governed) == before - 1
    key = governed.command("ledger", "key").stdout.strip()
    verified = governed.command("receipt", "verify", str(receipt), "--key", key)
    assert (verified.returncode, verified.stderr) == (0, "")
    assert "1 face of the collection emptied: request" in verified.stdout


def test_consent_lets_somebody_be_enrolled_and_found_until_it_is_withdrawn(
    command: CommandLine, searching: Any, tmp_path: Path
) -> None:
    doors = searching("doors", purpose="access", consent="required")
    with pytest.raises(ClientError, match="consent to access is required and there is none of theirs"):
        doors.enrol("eileen")
    notice = tmp_path / "notice.txt"
    notice.write_text("We make a template of your face.")
    consent = command.done(
        *("consent", "record", "--subject", "eileen", "--purpose", "access", "--notice", notice),
        *("--notice-version", "1", "--method", "electronic-signature", "--json"),
    ).record
    doors.enrol("eileen")
    assert doors.found() == ["eileen"]
    withdrawn = command.done("consent", "withdraw", consent["consent_id"])
    assert doors.found() == []
    assert withdrawn.facts["faces erased"] == "1"
    receipt = tmp_path / "receipt.json"
    command.done("receipt", "show", withdrawn.facts["request"], "--out", receipt)
    key = command.done("ledger", "key").out.strip()
    verified = command.done("receipt", "verify", receipt, "--key", key)
    assert "1 face of the collection doors: withdrawal" in verified.out
    assert "asked           withdraw_consent at" in verified.out


def test_two_people_review_an_answer_with_keys_of_their_own(
    command: CommandLine, searching: Any, tmp_path: Path
) -> None:
    watch = searching("watched", purpose="law-enforcement", portraits="kept")
    watch.enrol()
    answer = watch.answer()
    assert answer["FaceMatches"] == []
    review_id = answer["ResponseMetadata"]["HTTPHeaders"]["x-countenance-review"]
    assert [
        each["review_id"] for each in command.done("review", "list", "--state", "open", "--json").records
    ] == [review_id]
    probe = tmp_path / "probe.jpg"
    pictures = ("--probe-out", probe, "--portraits-out", tmp_path / "found")
    shown = command.done("review", "show", review_id, *pictures, "--json").record
    (portrait,) = (tmp_path / "found").iterdir()
    assert (portrait.name, portrait.read_bytes()[:2]) == ("candidate-1.jpg", b"\xff\xd8")
    assert probe.read_bytes()[:2] == b"\xff\xd8"
    assert probe.stat().st_mode & 0o077 == 0
    (candidate,) = shown["candidates"]
    assert candidate["external_image_id"] == "collins"
    keys = [command.done("keys", "create", name, "--json").record for name in ("first", "second")]
    vote = ("review", "vote", review_id, "confirm", candidate["candidate_id"], "--key")
    wrong = command(*vote, keys[0]["access_key_id"], COUNTENANCE_SECRET_ACCESS_KEY="/" * 40)
    assert (wrong.code, wrong.out) == (1, "")
    assert wrong.err == (
        f"countenance: there is no valid access key {keys[0]['access_key_id']} with this secret\n"
    )
    first = command.done(
        *vote, keys[0]["access_key_id"], COUNTENANCE_SECRET_ACCESS_KEY=keys[0]["secret_access_key"]
    )
    assert "the review is open; another person must vote, too" in first.err
    assert command.done("review", "show", review_id, "--json").record["votes"] == []
    again = command(
        *vote, keys[0]["access_key_id"], COUNTENANCE_SECRET_ACCESS_KEY=keys[0]["secret_access_key"]
    )
    assert "this access key has voted already" in again.err
    second = command.done(
        *(*vote, keys[1]["access_key_id"], "--note", "the scar"),
        COUNTENANCE_SECRET_ACCESS_KEY=keys[1]["secret_access_key"],
    )
    assert "the review is confirmed" in second.err
    decided = command.done("review", "show", review_id)
    assert decided.out.count("confirm ") == 2
    assert "the scar" in decided.out
    gone = command("review", "show", review_id, "--probe-out", probe)
    assert gone.err.endswith("has no picture, or has been decided\n")


def test_a_decision_is_explained_and_its_proof_computed_again(command: CommandLine, searching: Any) -> None:
    staff = searching("explained", purpose="access")
    staff.enrol()
    request_id = staff.answer()["ResponseMetadata"]["RequestId"]
    shown = command.done("decision", "show", request_id)
    assert shown.facts["asked"] == "search_faces_by_image of the collection explained"
    assert shown.facts["reasons"] == "purpose:access, search:allowed, review:none"
    assert shown.facts["threshold"] == "80.00"
    assert shown.facts["false match rate"] == ("0.001, strangers reach the threshold about 1 time in 1,000")
    assert shown.facts["gallery"] == "1"
    assert shown.facts["false matches"] == "in about 1 of 1,000 searches"
    assert shown.facts["proof"].startswith("holds: entry ")
    assert re.search(r"^[0-9a-f]{32} +(99|100)\.\d\d *$", shown.out, re.MULTILINE)
    record = command.done("decision", "show", request_id, "--json").record
    assert (record["expected_false_matches"], record["proof_holds"]) == (pytest.approx(0.001), True)
    assert record["pack"]["name"] == "dlib-cc0"


def test_a_refused_request_is_explained(command: CommandLine, searching: Any) -> None:
    doors = searching("refusing", purpose="access", consent="required")
    with pytest.raises(ClientError) as refused:
        doors.enrol("eileen")
    request_id = refused.value.response["ResponseMetadata"]["RequestId"]
    facts = command.done("decision", "show", request_id).facts
    assert facts["outcome"] == "ConsentMissing"
    assert "refused:ConsentMissing" in facts["reasons"]


def test_a_server_says_on_start_which_moratoria_are_in_force(tmp_path: Path) -> None:
    command = CommandLine(tmp_path)
    command.fill("staff", {})
    command.done("moratorium", "on", "--scope", "purpose:marketing", "--reason", "the board said so")
    before = len(command.entries())
    with running_server(tmp_path, moratorium="enrol") as server:
        said = [line for line in server.log().splitlines() if "moratorium" in line]
        started = [entry["operation"] for entry in command.entries(before)]
    of_the_settings = "the server was started with it, and no key can lift it"
    assert said == [
        f"countenance: a moratorium on enrol is in force: {of_the_settings}",
        "countenance: a moratorium on purpose:marketing is in force: the board said so",
    ]
    assert started[:2] == ["create_key", "list_moratoria"]
