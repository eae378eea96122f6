"""`POST /`: one request of Amazon's API, from bytes to bytes, in eight steps.

1. Read the body, within limits.       5. Read its JSON.
2. Wait for a free worker, or refuse.  6. Check it against Amazon's model.
3. Verify the signature.               7. Do it.
4. Find the operation.                 8. Answer.
"""

from __future__ import annotations

import json
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import structlog
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from countenance.access import SignedRequest, verify
from countenance.doors.rekognition.actions import ACTIONS
from countenance.doors.rekognition.desk import Desk, Request
from countenance.doors.rekognition.faults import Fault, fault_of
from countenance.doors.rekognition.service_model import TARGET_PREFIX, service_model
from countenance.doors.rekognition.validation import parse_json, validated
from countenance.errors import CountenanceError

if TYPE_CHECKING:
    from starlette.requests import Request as HttpRequest

    from countenance.access import KeyStore
    from countenance.doors.admission import Admission
    from countenance.doors.metrics import Metrics
    from countenance.operations.acts import Register

CONTENT_TYPE = "application/x-amz-json-1.1"
SOURCE_HEADER = "x-countenance-source"
REVIEW_HEADER = "x-countenance-review"

_log = structlog.get_logger("countenance.rekognition")


@dataclass(frozen=True, slots=True)
class _Answer:
    body: bytes
    review_id: str | None


class RekognitionEndpoint:
    """Answers requests of Amazon's API.

    Args:
        desk: the rooms behind the door.
        keys: who may ask.
        register: where what they do is recorded.
        admission: how many requests are worked on and wait at a time.
        metrics: where requests are counted.
    """

    def __init__(
        self, desk: Desk, keys: KeyStore, register: Register, admission: Admission, metrics: Metrics
    ) -> None:
        self._desk = desk
        self._keys = keys
        self._register = register
        self._admission = admission
        self._metrics = metrics

    async def respond(self, http: HttpRequest) -> Response:
        """Answer one HTTP request, whatever it holds."""
        started = time.perf_counter()
        request_id = str(uuid.uuid4())
        name = _operation_name(http)
        try:
            # 1
            async with self._admission.body(http) as body:
                # 2
                signed = SignedRequest(
                    method=http.method,
                    path=http.scope.get("raw_path", b"/").decode("ascii", "replace"),
                    query=http.scope["query_string"].decode("ascii", "replace"),
                    headers=[
                        (key.decode("latin-1"), value.decode("latin-1")) for key, value in http.headers.raw
                    ],
                    body=body,
                )
                answer = await self._admission.run(self._answer, name, signed, request_id)
            fault = None
        except CountenanceError as error:
            fault = fault_of(error)
            if fault.status == 500:
                _log.error("request failed", request_id=request_id, operation=name, reason=str(error))
        except Fault as error:
            fault = error
        except ClientDisconnect:  # nobody is there to read this, but requests are counted by their outcome
            fault = Fault("RequestTimeoutException", "The client left before its request was complete.", 408)
        except Exception:
            # The trace names code, not data: messages of exceptions may hold what a client sent.
            _log.exception("request failed", request_id=request_id, operation=name)
            fault = Fault("InternalServerError", f"Internal server error; its id is {request_id}.", 500)
        response = _answered(answer, request_id) if fault is None else _refused(fault, request_id)
        seconds = time.perf_counter() - started
        code = "OK" if fault is None else fault.code
        self._metrics.observe_request(name, code, seconds)
        _log.info(
            "request", request_id=request_id, operation=name, code=code, milliseconds=round(seconds * 1e3, 2)
        )
        return response

    def _answer(self, name: str, signed: SignedRequest, request_id: str) -> _Answer:
        # 3
        verified = verify(signed, self._keys.key, datetime.now(UTC))
        # 4
        action = ACTIONS.get(name)
        if action is None:
            raise _not_served(name)
        # 5
        document = parse_json(signed.body)
        # 6
        parameters = validated(service_model().operation_model(name).input_shape, document)
        # 7
        with self._register.act(verified.key, request_id) as act:
            source = dict(signed.headers).get(SOURCE_HEADER)
            answer = action(self._desk, Request(act, verified.region, parameters, source))
        # 8
        return _Answer(json.dumps(answer, separators=(",", ":")).encode(), act.review_id)


async def refuse_other_paths(http: HttpRequest) -> Response:  # noqa: ARG001
    """Answer what is neither Amazon's API nor health or metrics."""
    message = f"There is nothing here. Send POST / with X-Amz-Target: {TARGET_PREFIX}<Operation>."
    return _refused(Fault("UnknownOperationException", message, 404), str(uuid.uuid4()))


def _operation_name(http: HttpRequest) -> str:
    """Return the operation that a request names, ``unknown`` for what Amazon does not know either."""
    target = http.headers.get("x-amz-target", "")
    name = target.removeprefix(TARGET_PREFIX)
    is_known = target.startswith(TARGET_PREFIX) and name in service_model().operation_names
    is_json = http.headers.get("content-type", "").split(";")[0].strip().lower() == CONTENT_TYPE
    return name if is_known and is_json else "unknown"


def _not_served(name: str) -> Fault:
    served = ", ".join(ACTIONS)
    if name == "unknown":
        message = (
            f"Send POST / with X-Amz-Target: {TARGET_PREFIX}<Operation> and Content-Type: {CONTENT_TYPE}."
        )
        return Fault("UnknownOperationException", message)
    return Fault(
        "UnknownOperationException",
        f"{name} is an operation of Amazon Rekognition that this server does not serve. It serves: {served}.",
    )


def _answered(answer: _Answer, request_id: str) -> Response:
    headers = {"x-amzn-RequestId": request_id}
    if answer.review_id is not None:
        headers[REVIEW_HEADER] = answer.review_id
    return Response(answer.body, media_type=CONTENT_TYPE, headers=headers)


def _refused(fault: Fault, request_id: str) -> Response:
    record: dict[str, Any] = {
        "__type": fault.code,
        "message": fault.message,
        "Message": fault.message,
        "Code": fault.code,
        "Logref": request_id,
    }
    headers = {"x-amzn-RequestId": request_id, "x-amzn-ErrorType": fault.code}
    return Response(json.dumps(record), fault.status, headers, CONTENT_TYPE)
