"""boto3 clients whose every response is checked against Amazon's model, and what they are given to see."""

from __future__ import annotations

import json
import re
import uuid
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from conformance.shapes import violations

if TYPE_CHECKING:
    from collections.abc import Mapping

    from botocore.model import OperationModel

CONTENT_TYPE = "application/x-amz-json-1.1"
_NAME = re.compile(r"[A-Z][A-Za-z0-9]+")

# Errors that come before Rekognition itself, so that no operation of its model names them.
COMMON_ERRORS = frozenset(
    {
        "InvalidSignatureException",
        "MissingAuthenticationTokenException",
        "RequestEntityTooLargeException",
        "RequestTimeoutException",
        "SerializationException",
        "UnknownOperationException",
        "UnrecognizedClientException",
        "ValidationException",
    }
)


def checked_client(
    endpoint_url: str,
    access_key_id: str,
    secret_access_key: str,
    *,
    region: str = "us-east-1",
    parameter_validation: bool = True,
    attempts: int = 1,
) -> Any:
    """Return a client of Rekognition; no response that breaks Amazon's model gets through it.

    Without ``parameter_validation`` it sends whatever it is given, as other SDKs do.
    """
    client = boto3.session.Session().client(
        "rekognition",
        endpoint_url=endpoint_url,
        region_name=region,
        aws_access_key_id=access_key_id,
        aws_secret_access_key=secret_access_key,
        config=Config(
            parameter_validation=parameter_validation,
            retries={"total_max_attempts": attempts, "mode": "standard"},
            read_timeout=60,
        ),
    )
    client.meta.events.register("before-parse.rekognition", _check)
    return client


def check_reply(operation: OperationModel, status: int, headers: Mapping[str, str], body: bytes) -> None:
    """Raise AssertionError where an answer is not as Amazon's model and its wire want it."""
    assert headers["content-type"] == CONTENT_TYPE
    uuid.UUID(headers["x-amzn-requestid"])
    document = json.loads(body)
    if status == 200:
        assert violations(operation.output_shape, document) == []
        return
    code = document["__type"]
    assert _NAME.fullmatch(code)
    assert headers["x-amzn-errortype"] == document["Code"] == code
    assert document["message"] == document["Message"] != ""
    assert document["Logref"] == headers["x-amzn-requestid"]
    modelled = {shape.name: shape for shape in operation.error_shapes}
    assert code in modelled.keys() | COMMON_ERRORS, f"{operation.name} has no error {code}"
    assert status == (500 if code == "InternalServerError" else 400) or code not in modelled


def _check(operation_model: OperationModel, response_dict: dict[str, Any], **_: object) -> None:
    headers = {name.lower(): value for name, value in response_dict["headers"].items()}
    check_reply(operation_model, response_dict["status_code"], headers, response_dict["body"])
