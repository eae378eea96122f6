"""What is asked of a server is in its ledger, once, without names, and can be proved."""

from __future__ import annotations

import base64
import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError

from countenance.doors.rekognition.actions import ACTIONS
from countenance.ledger import VerifierKey, leaf_hash, read_checkpoint, verify_inclusion
from countenance.store import open_ledger
from serving import running_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from serving import RunningServer


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with running_server(tmp_path_factory.mktemp("recorded")) as server:
        yield server


def shown(server: RunningServer, request_id: str) -> list[dict[str, Any]]:
    done = server.command("ledger", "show", request_id)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def minimal_requests(picture: bytes) -> dict[str, dict[str, Any]]:
    """Return parameters of every operation; some of them succeed and some do not."""
    image, of_staff = {"Bytes": picture}, {"CollectionId": "staff"}
    face_ids = ["00000000-0000-4000-8000-000000000000"]
    user = of_staff | {"UserId": "colonel"}
    video = {"Video": {"S3Object": {"Bucket": "films", "Name": "collins.mp4"}}}
    tagged = {"ResourceArn": "arn:aws:rekognition:us-east-1:000000000000:collection/staff"}
    return {
        "CreateCollection": of_staff,
        "ListCollections": {},
        "DescribeCollection": of_staff,
        "IndexFaces": of_staff | {"Image": image, "ExternalImageId": "eileen-collins"},
        "ListFaces": of_staff,
        "SearchFaces": of_staff | {"FaceId": face_ids[0]},
        "SearchFacesByImage": of_staff | {"Image": image},
        "CreateUser": user,
        "ListUsers": of_staff,
        "AssociateFaces": user | {"FaceIds": face_ids},
        "DisassociateFaces": user | {"FaceIds": face_ids},
        "SearchUsers": user,
        "SearchUsersByImage": of_staff | {"Image": image},
        "DeleteUser": user,
        "DetectFaces": {"Image": image},
        "CompareFaces": {"SourceImage": image, "TargetImage": image},
        "TagResource": tagged | {"Tags": {"a": "b"}},
        "ListTagsForResource": tagged,
        "UntagResource": tagged | {"TagKeys": ["a"]},
        "StartFaceDetection": video,
        "StartFaceSearch": of_staff | video,
        "GetFaceDetection": {"JobId": "4711"},
        "GetFaceSearch": {"JobId": "4711"},
        "DeleteFaces": of_staff | {"FaceIds": face_ids},
        "DeleteCollection": of_staff,
    }


def test_every_operation_leaves_an_entry_whatever_became_of_it(
    recorded: RunningServer, astronaut: Path
) -> None:
    client, requests = recorded.boto3_client(), minimal_requests(astronaut.read_bytes())
    assert set(requests) == set(ACTIONS)
    ids: dict[str, str] = {}
    client.meta.events.register(
        "after-call.rekognition",
        lambda http_response, model, **_: ids.update({model.name: http_response.headers["x-amzn-RequestId"]}),
    )
    for operation, parameters in requests.items():
        with suppress(ClientError):
            getattr(client, xform_name(operation))(**parameters)
    everything = ""
    for operation, request_id in ids.items():
        with open_ledger(f"sqlite:///{recorded.data_dir / 'countenance.sqlite'}") as ledger:
            contents = [content for _, content in ledger.of_request(request_id)]
        entries = [json.loads(content) for content in contents]
        # What follows from a request, as the end of keys, is the server's own act under the same id.
        (entry,) = [entry for entry in entries if entry["key"] != "system"]
        assert entry["request"] == request_id, operation
        assert entry["key"] == recorded.access_key_id
        assert entry["outcome"] in {"done", "FaceNotFound", "JobNotFound", "ObjectNotReadable"}
        everything += b"".join(contents).decode()
    assert set(ids) == set(ACTIONS)
    assert "collins" not in everything
    assert "colonel" not in everything


def test_what_is_recorded_of_a_search_is_enough_to_judge_it(recorded: RunningServer, astronaut: Path) -> None:
    client, image = recorded.boto3_client(), {"Bytes": astronaut.read_bytes()}
    client.create_collection(CollectionId="judged")
    client.index_faces(CollectionId="judged", Image=image, ExternalImageId="collins", MaxFaces=1)
    answer = client.search_faces_by_image(CollectionId="judged", Image=image, FaceMatchThreshold=90)
    (shown_entry,) = shown(recorded, answer["ResponseMetadata"]["RequestId"])
    entry = shown_entry["entry"]
    assert (entry["collection"], entry["pack"], entry["threshold"]) == ("judged", "dlib-cc0", "90.00")
    ((_, similarity),) = entry["results"]
    assert float(similarity) == pytest.approx(answer["FaceMatches"][0]["Similarity"], abs=0.01)
    assert len(entry["pictures"]) == 1


def test_a_refused_request_is_recorded(recorded: RunningServer) -> None:
    made = json.loads(
        recorded.command("keys", "create", "limited", "--collections", "other", "--json").stdout
    )
    client = recorded.boto3_client(
        aws_access_key_id=made["access_key_id"], aws_secret_access_key=made["secret_access_key"]
    )
    with pytest.raises(ClientError) as refused:
        client.list_faces(CollectionId="judged")
    (shown_entry,) = shown(recorded, refused.value.response["ResponseMetadata"]["RequestId"])
    assert shown_entry["entry"]["outcome"] == "NotPermitted"
    assert shown_entry["entry"]["key"] == made["access_key_id"]


def test_an_entry_is_proved_with_the_public_key_alone(recorded: RunningServer) -> None:
    answer = recorded.boto3_client().list_collections()
    (entry,) = shown(recorded, answer["ResponseMetadata"]["RequestId"])
    key = VerifierKey.parse(recorded.command("ledger", "key").stdout)
    checkpoint = read_checkpoint(entry["checkpoint"], key)
    content = json.dumps(entry["entry"], separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode()
    proof = [base64.b64decode(part) for part in entry["proof"]]
    verify_inclusion(leaf_hash(content), entry["place"], checkpoint.size, proof, checkpoint.root)


def test_the_ledger_is_verified_beside_a_running_server_and_from_a_checkpoint(
    recorded: RunningServer, tmp_path: Path
) -> None:
    (tmp_path / "checkpoint").write_text(recorded.command("ledger", "checkpoint").stdout)
    recorded.boto3_client().list_collections()
    key = recorded.command("ledger", "key").stdout.strip()
    for options in ((), ("--key", key), ("--from-checkpoint", str(tmp_path / "checkpoint"))):
        done = recorded.command("ledger", "verify", *options)
        assert done.returncode == 0
        assert "the ledger is whole" in done.stderr


def test_a_request_that_never_was_is_not_in_the_ledger(recorded: RunningServer) -> None:
    done = recorded.command("ledger", "show", "never")
    assert done.returncode == 1
    assert done.stderr == "countenance: the ledger holds nothing of a request never\n"
