"""One person's story, with boto3 and `/v1`: refused, consented, enrolled, found, withdrawn, erased."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from serving import COUNTENANCE, RunningServer, running_server

TAGS = {
    "countenance:purpose": "access-control",
    "countenance:basis": "consent",
    "countenance:consent": "required",
    "countenance:retention": "P1Y",
}
CONSENT = {
    "subject": "eileen-collins",
    "purpose": "access-control",
    "notice_version": "2026-02",
    "notice_text": "We keep a template of your face to open the door for you, for a year at most.",
    "method": "electronic-signature",
}


class Refused(Exception):
    """An answer that is none: its status, and the problem in JSON."""


def ask(server: RunningServer, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    """Ask the API of our own, as an administrator."""
    headers = {"Authorization": f"Bearer {server.access_key_id}.{server.secret_access_key}"}
    content = json.dumps(body).encode() if body is not None else None
    if content is not None:
        headers["Content-Type"] = "application/json"
    request = urllib.request.Request(f"{server.endpoint_url}/v1{path}", content, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            text = response.read().decode()
            is_json = response.headers.get_content_type() == "application/json"
            return json.loads(text) if is_json and text else text
    except urllib.error.HTTPError as error:
        with error:
            raise Refused(error.code, error.read().decode()) from None


def verified_elsewhere(receipt: Any, key: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Verify a receipt in a process that has nothing but it and the public key."""
    folder.mkdir(exist_ok=True)
    (folder / "receipt.json").write_text(json.dumps(receipt))
    others = {name: value for name, value in os.environ.items() if not name.startswith("COUNTENANCE_")}
    environment = others | {"COUNTENANCE_DATA_DIR": str(folder / "there-is-none")}
    command = [*COUNTENANCE, "receipt", "verify", "receipt.json", "--key", key.strip()]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60)


def test_nothing_happens_without_leave_and_erased_means_gone(tmp_path: Path, astronaut: Path) -> None:
    image = {"Bytes": astronaut.read_bytes()}
    with running_server(tmp_path / "data") as server:
        client = server.boto3_client()
        enrolment = {
            "CollectionId": "staff",
            "Image": image,
            "ExternalImageId": "eileen-collins",
            "MaxFaces": 1,
        }
        client.create_collection(CollectionId="staff", Tags=TAGS)

        def found() -> list[str]:
            answer = client.search_faces_by_image(CollectionId="staff", Image=image, FaceMatchThreshold=90)
            return [match["Face"]["ExternalImageId"] for match in answer["FaceMatches"]]

        # refused
        with pytest.raises(ClientError, match="consent to access-control is required") as refused:
            client.index_faces(**enrolment)
        assert refused.value.response["Error"]["Code"] == "AccessDeniedException"
        # consented
        consent_id = ask(server, "POST", "/consents", CONSENT)["consent_id"]
        # enrolled
        assert len(client.index_faces(**enrolment)["FaceRecords"]) == 1
        # found
        assert found() == ["eileen-collins"]
        # withdrawn
        withdrawal = ask(server, "POST", f"/consents/{consent_id}/withdrawal")
        assert withdrawal["erased_faces"] == 1
        # not found in the next request
        assert found() == []
        # erased
        assert client.list_faces(CollectionId="staff")["Faces"] == []
        with pytest.raises(ClientError, match="what there is of theirs is withdrawn"):
            client.index_faces(**enrolment)
        # the receipt verified by a process that has only the public key
        receipt = ask(server, "GET", f"/receipts/{withdrawal['request_id']}")
        key = ask(server, "GET", "/ledger/key")
    done = verified_elsewhere(receipt, key, tmp_path / "elsewhere")
    assert done.returncode == 0, done.stderr
    assert "1 face" in done.stdout + done.stderr
    for entry in receipt["entries"]:
        entry["entry"]["erased"] = [{"faces": 7}]
    forged = verified_elsewhere(receipt, key, tmp_path / "elsewhere")
    assert forged.returncode == 1


def test_a_moratorium_stops_the_next_search_and_no_key_but_an_administrators_lifts_it(
    tmp_path: Path, astronaut: Path
) -> None:
    image = {"Bytes": astronaut.read_bytes()}
    with running_server(tmp_path / "data") as server:
        client = server.boto3_client()
        client.create_collection(CollectionId="staff")
        client.index_faces(CollectionId="staff", Image=image, MaxFaces=1)
        begun = ask(server, "POST", "/moratoria", {"scope": "search", "reason": "The council decides."})
        with pytest.raises(ClientError, match="The council decides"):
            client.search_faces_by_image(CollectionId="staff", Image=image)
        limited = ask(server, "POST", "/keys", {"name": "an operator"})
        operator = RunningServer(
            server.endpoint_url,
            limited["access_key_id"],
            limited["secret_access_key"],
            server.data_dir,
            server.environment,
            server.process,
        )
        path = f"/moratoria/{begun['moratorium_id']}"
        with pytest.raises(Refused) as refused:
            ask(operator, "DELETE", path)
        assert refused.value.args[0] == 403
        ask(server, "DELETE", path)
        assert client.search_faces_by_image(CollectionId="staff", Image=image)["FaceMatches"]


def test_a_server_started_with_a_moratorium_keeps_it(tmp_path: Path, astronaut: Path) -> None:
    image = {"Bytes": astronaut.read_bytes()}
    with running_server(tmp_path / "data", moratorium="all") as server:
        client = server.boto3_client()
        client.create_collection(CollectionId="staff")
        uses: dict[str, dict[str, Any]] = {
            "index_faces": {"CollectionId": "staff", "Image": image},
            "search_faces_by_image": {"CollectionId": "staff", "Image": image},
            "compare_faces": {"SourceImage": image, "TargetImage": image},
            "detect_faces": {"Image": image},
        }
        for operation, parameters in uses.items():
            with pytest.raises(ClientError, match="no key can lift it"):
                getattr(client, operation)(**parameters)
        (given,) = ask(server, "GET", "/moratoria")["items"]
        assert given["moratorium_id"] is None
        client.delete_collection(CollectionId="staff")


def test_two_people_review_before_a_match_is_told(tmp_path: Path, astronaut: Path) -> None:
    image = {"Bytes": astronaut.read_bytes()}
    with running_server(tmp_path / "data") as server:
        client = server.boto3_client()
        client.create_collection(
            CollectionId="police",
            Tags={"countenance:purpose": "law-enforcement", "countenance:portraits": "kept"},
        )
        client.index_faces(CollectionId="police", Image=image, ExternalImageId="eileen-collins", MaxFaces=1)
        answer = client.search_faces_by_image(CollectionId="police", Image=image)
        assert answer["FaceMatches"] == []
        review_id = answer["ResponseMetadata"]["HTTPHeaders"]["x-countenance-review"]
        (waiting,) = ask(server, "GET", "/reviews?state=open")["items"]
        assert waiting["review_id"] == review_id
        assert waiting["candidates"] == [], "who asked would know the answer before it was reviewed"
        (enrolled,) = client.list_faces(CollectionId="police")["Faces"]
        vote = {"verdict": "confirm", "candidate_id": enrolled["FaceId"]}
        with pytest.raises(Refused) as refused:
            ask(server, "POST", f"/reviews/{review_id}/votes", vote)
        assert refused.value.args[0] == 403
        for name in ("a first person", "a second person"):
            made = ask(server, "POST", "/keys", {"name": name})
            reviewer = RunningServer(
                server.endpoint_url,
                made["access_key_id"],
                made["secret_access_key"],
                server.data_dir,
                server.environment,
                server.process,
            )
            shown = ask(reviewer, "GET", f"/reviews/{review_id}")
            assert (shown["state"], shown["votes"]) == ("open", [])
            assert [each["candidate_id"] for each in shown["candidates"]] == [enrolled["FaceId"]]
            for picture in (shown["probe_jpeg_base64"], shown["portraits_jpeg_base64"][enrolled["FaceId"]]):
                assert base64.b64decode(picture).startswith(b"\xff\xd8")
            state = ask(reviewer, "POST", f"/reviews/{review_id}/votes", vote)["state"]
        assert state == "confirmed"
        (told,) = ask(server, "GET", f"/reviews/{review_id}")["candidates"]
        assert told["external_image_id"] == "eileen-collins"
        decision = ask(server, "GET", f"/decisions/{answer['ResponseMetadata']['RequestId']}")
        assert decision["gallery_size"] == 1
        assert decision["expected_false_matches"] == pytest.approx(0.001)
        assert "review:two-person" in decision["asked"]["reasons"]
