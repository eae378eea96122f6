"""What clients are told when something is wrong: problem+json (RFC 9457)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse

from countenance import errors
from countenance.doors.rest.models.problem import Problem
from countenance.doors.statuses import is_the_servers, status_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from starlette.responses import Response

MEDIA_TYPE = "application/problem+json"
FAILED = "The server failed and changed nothing. Its log says why."

_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_MEMBER = re.compile(r"[A-Za-z0-9_-]{1,40}")
_MOST_TOLD = 10
_log = structlog.get_logger("countenance.rest")

_WHO = "Say who asks: sign for the service countenance, or send Authorization: Bearer <key id>.<secret>."
_OF_ROUTES = {404: "route-not-found", 405: "method-not-allowed"}


class Refusal(Exception):
    """A problem before it has a request: its code in kebab case, the HTTP status, what is told, headers."""

    def __init__(self, code: str, status: int, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.code = code
        self.status = status
        self.detail = detail
        self.headers = headers

    def response(self, request_id: str) -> Response:
        """Return it as it goes over the wire."""
        told = Problem(
            type=f"urn:countenance:{self.code}",
            title=self.code.replace("-", " ").capitalize(),
            status=self.status,
            detail=self.detail,
            request_id=request_id,
        )
        return JSONResponse(told.model_dump(), self.status, self.headers, MEDIA_TYPE)


def refusal_of(error: Exception, request_id: str) -> Refusal:
    """Return how an error is told; of the server's own failures the log says more than the client is told."""
    if isinstance(error, Refusal):
        return error
    if isinstance(error, errors.CountenanceError):
        return _of_domain(error, request_id)
    if isinstance(error, HTTPException) and error.status_code in _OF_ROUTES:
        detail = f"{error.detail}; /v1/openapi.json lists what there is."
        return Refusal(_OF_ROUTES[error.status_code], error.status_code, detail, error.headers)
    if isinstance(error, ClientDisconnect):  # nobody reads this, but requests are counted by their outcome
        return Refusal("client-left", 408, "The client left before its request was complete.")
    # The trace names code, not data: messages of exceptions may hold what a client sent.
    _log.error("request failed", request_id=request_id, exc_info=error)
    return Refusal("internal-error", 500, FAILED)


def not_authenticated(error: errors.AccessError) -> Refusal:
    """Return how somebody is told that it is not known who asks."""
    detail = _WHO if isinstance(error, errors.AuthenticationMissing) else str(error)
    return Refusal(_code(error), 401, detail, {"www-authenticate": 'Bearer realm="countenance"'})


def invalid(problems: Iterable[Mapping[str, Any]]) -> Refusal:
    """Return which members of a request are not as described; their values are not repeated."""
    told = [f"{_place(each['loc'])}: {each['msg'].removeprefix('Value error, ')}" for each in problems]
    more = [f"and {len(told) - _MOST_TOLD} more"] if len(told) > _MOST_TOLD else []
    return Refusal("request-invalid", 422, "; ".join((*told[:_MOST_TOLD], *more)))


def _of_domain(error: errors.CountenanceError, request_id: str) -> Refusal:
    status = status_of(error)
    code = "internal-error" if status == 500 else _code(error)
    detail = str(error)
    if is_the_servers(error):
        _log.error("request failed", request_id=request_id, reason=detail)
        detail = FAILED
    return Refusal(code, status, detail, {"retry-after": "1"} if status == 503 else None)


def _place(location: Iterable[object]) -> str:
    """Return where a problem is; strange names, which a client made up, are left out."""
    return ".".join(part if _MEMBER.fullmatch(part) else "…" for part in map(str, location))


def _code(error: Exception) -> str:
    return _CAPITAL.sub("-", type(error).__name__).lower()
