"""What `/v1/openapi.json` says: the routes, the problems that each may answer, how to authenticate."""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Any

from fastapi.openapi.utils import get_openapi
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from countenance.doors.rest.door import DESCRIPTION_PATH, REQUEST_ID_HEADER
from countenance.doors.rest.models.problem import Problem
from countenance.doors.rest.problems import MEDIA_TYPE

if TYPE_CHECKING:
    from fastapi import FastAPI
    from fastapi.routing import APIRoute

_TITLE, _VERSION = "Countenance", "1"
_DESCRIPTION = f"""\
Who permitted a face to be here, what was done with it, and that what was erased is gone: consents, policies,
moratoria, legal holds, reviews, erasure, receipts and evidence. Faces themselves are enrolled and searched
with Amazon Rekognition's API at `/`.

Every request is authenticated, and leaves an entry in the ledger under the id in its answer's header
`{REQUEST_ID_HEADER}`."""
_SECURITY = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "<access key id>.<secret access key>",
        "description": "The secret itself is sent: use TLS.",
    },
    "sigv4": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "AWS Signature Version 4 for the service `countenance`, in any region.",
    },
}
_OF_ALL = {
    401: "It is not known who asks.",
    403: "The access key, a policy or a moratorium does not permit it.",
    408: "The body did not arrive in time.",
    413: "The body is too large.",
    500: "The server failed; its log says why.",
    503: "The server is busy or its database does not answer; the same request may be sent again.",
}
_OF_BODIES = {400: "The body is not JSON.", 415: "The body is not `application/json`."}
_INVALID = {422: "Something that is asked is not as described."}
_HEADERS = {
    REQUEST_ID_HEADER: "The request's id, in the log and in the ledger.",
    "www-authenticate": "How to authenticate.",
    "retry-after": "After how many seconds to send the request again.",
}
_HEADERS_OF = {401: ("www-authenticate",), 503: ("retry-after",)}


def problems(**told: str) -> dict[int | str, dict[str, Any]]:
    """Return the descriptions of a route's own problems, as FastAPI wants them: ``_404="There is none."``."""
    return {int(name[1:]): {"description": text} for name, text in told.items()}


def operation_name(route: APIRoute) -> str:
    """Return the name of a route's operation: that of its function."""
    return route.name


def describe(app: FastAPI) -> None:
    """Make an application show its description, which is made once, in a thread: that takes a moment."""

    @functools.cache
    def encoded() -> bytes:
        return json.dumps(description(app), ensure_ascii=False, separators=(",", ":")).encode()

    @app.get(DESCRIPTION_PATH, include_in_schema=False)
    async def show_description() -> Response:
        return Response(await run_in_threadpool(encoded), media_type="application/json")


def description(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document of an application."""
    told = get_openapi(title=_TITLE, version=_VERSION, description=_DESCRIPTION, routes=app.routes)
    schemas = told["components"]["schemas"]
    schemas["Problem"] = Problem.model_json_schema()
    told["components"]["securitySchemes"] = _SECURITY
    told["components"]["headers"] = {
        name: {"description": text, "schema": {"type": "string"}} for name, text in _HEADERS.items()
    }
    told["components"]["responses"] = {
        _name(status): _problem(status, text) for status, text in (_OF_ALL | _OF_BODIES | _INVALID).items()
    }
    told["security"] = [{name: []} for name in _SECURITY]
    for operations in told["paths"].values():
        for operation in operations.values():
            _describe_success(operation["responses"], schemas)
            _describe_problems(operation)
    for name in ("HTTPValidationError", "ValidationError"):  # FastAPI's own, which is never sent
        schemas.pop(name)
    return told


def _describe_success(responses: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Say of what is answered what its schema says."""
    for response in responses.values():
        schema = response.get("content", {}).get("application/json", {}).get("schema", {})
        named = schemas.get(schema.get("$ref", "").rpartition("/")[2], {})
        if response["description"] == "Successful Response":
            response["description"] = named.get("description", "It is done.")
            response["headers"] = _headers(REQUEST_ID_HEADER)


def _describe_problems(operation: dict[str, Any]) -> None:
    """Add the problems that any route may answer to the route's own, all as problem+json."""
    responses = operation["responses"]
    general = dict(_OF_ALL)
    if "requestBody" in operation:
        general |= _OF_BODIES
    if "requestBody" in operation or operation.get("parameters"):
        responses.pop("422", None)
        general |= _INVALID
    own = {int(status): each["description"] for status, each in responses.items() if status >= "400"}
    for status in general:
        responses[str(status)] = {"$ref": f"#/components/responses/{_name(status)}"}
    for status, text in own.items():
        responses[str(status)] = _problem(status, text)
    operation["responses"] = dict(sorted(responses.items()))


def _problem(status: int, text: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    headers = _headers(REQUEST_ID_HEADER, *_HEADERS_OF.get(status, ()))
    return {"description": text, "content": {MEDIA_TYPE: {"schema": schema}}, "headers": headers}


def _headers(*names: str) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _name(status: int) -> str:
    return f"Problem{status}"
