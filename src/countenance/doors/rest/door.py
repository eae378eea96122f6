"""Every request of the `/v1` API, from bytes to bytes.

1. Give it an id.                          4. Read its JSON.
2. Read the body, within limits.           5. Let FastAPI find the route and check what is asked;
3. Find out who asks, or refuse.              the route does it within an act.
                                           6. Answer, count it, write its line to the log.
"""

from __future__ import annotations

import json
import time
import uuid
from typing import TYPE_CHECKING, Any

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.routing import BaseRoute, Match

from countenance.doors.desk import Call
from countenance.doors.rest.authentication import sender, signed_request
from countenance.doors.rest.problems import Refusal, not_authenticated, refusal_of
from countenance.errors import AccessError

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from countenance.access import SignedRequest
    from countenance.doors.desk import Desk
    from countenance.doors.metrics import Metrics

PREFIX = "/v1"
DESCRIPTION_PATH = f"{PREFIX}/openapi.json"
REQUEST_ID_HEADER = "x-countenance-request-id"

_METHODS_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})

_log = structlog.get_logger("countenance.rest")


class RestDoor(BaseRoute):
    """A route of the server's: all paths at and under one, answered by FastAPI's application.

    Args:
        load: returns FastAPI's application; the first request waits for it.
        desk: the rooms behind the door.
        metrics: where requests are counted.
    """

    def __init__(self, load: Callable[[], ASGIApp], desk: Desk, metrics: Metrics) -> None:
        self._load = load
        self._app: ASGIApp | None = None
        self._desk = desk
        self._metrics = metrics

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Take what is under the path, also what a pattern would not match, such as a line break."""
        is_ours = scope["type"] == "http" and f"{scope['path']}/".startswith(f"{PREFIX}/")
        return (Match.FULL if is_ours else Match.NONE), {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request, whatever it holds."""
        started = time.perf_counter()
        # 1
        exchange = Exchange(str(uuid.uuid4()), send)
        scope = {**scope, "countenance.exchange": exchange}
        try:
            await self._answer(scope, receive, exchange)
        except Exception as error:
            await exchange.refuse(error)
        # 6
        seconds = time.perf_counter() - started
        operation = getattr(scope.get("route"), "name", "unknown")
        self._metrics.observe_request(operation, exchange.code, seconds)
        _log.info(
            "request",
            request_id=exchange.request_id,
            operation=operation,
            code=exchange.code,
            milliseconds=round(seconds * 1e3, 2),
        )

    async def _answer(self, scope: Scope, receive: Receive, exchange: Exchange) -> None:
        http = Request(scope, receive)
        # 2
        async with self._desk.admission.body(http) as body:
            if scope["path"] != DESCRIPTION_PATH:
                signed = signed_request(http, body)
                await self._desk.admission.run(self._admit, scope, signed, exchange)
            # 5
            if self._app is None:  # two first requests may both load it, which does no harm
                self._app = await run_in_threadpool(self._load)
            await self._app(scope, _Replay(body, receive), exchange.send)

    def _admit(self, scope: Scope, signed: SignedRequest, exchange: Exchange) -> None:
        # 3
        try:
            key = sender(signed, self._desk.records)
        except AccessError as error:
            raise not_authenticated(error) from None
        scope["countenance.call"] = Call(self._desk, key, exchange.request_id)
        # 4
        if signed.method in _METHODS_WITH_BODY and signed.body:
            scope["countenance.document"] = _document(signed)


def load_app() -> ASGIApp:
    """Return FastAPI's application; loading its libraries takes half a second, which no start waits for."""
    from countenance.doors.rest.application import rest_app  # noqa: PLC0415 - see above

    return rest_app()


class Exchange:
    """A request's id and what became of it; sends the answer with the headers that each has."""

    def __init__(self, request_id: str, send: Send) -> None:
        self.request_id = request_id
        self.code = "OK"
        self._send = send
        self._began = False

    async def send(self, message: Message) -> None:
        """Send a part of the answer."""
        if message["type"] == "http.response.start":
            self._began = True
            headers = [(REQUEST_ID_HEADER, self.request_id), ("cache-control", "no-store")]
            added = [(name.encode(), value.encode()) for name, value in headers]
            message = {**message, "headers": [*message["headers"], *added]}
        await self._send(message)

    async def refuse(self, error: Exception) -> None:
        """Answer with a problem, unless something was answered already."""
        if self.code == "OK":  # what is told already is raised once more by Starlette
            response = self.response(error)
            if not self._began:
                await response({"type": "http"}, _nothing, self.send)

    def response(self, error: Exception) -> Response:
        """Return an error as a client is told, and note it as the outcome."""
        refusal = refusal_of(error, self.request_id)
        self.code = refusal.code
        return refusal.response(self.request_id)


class _Replay:
    """Gives a body that was read already, and then what comes after it."""

    def __init__(self, body: bytes, receive: Receive) -> None:
        self._body: bytes | None = body
        self._receive = receive

    async def __call__(self) -> Message:
        if self._body is None:
            return await self._receive()
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}


async def _nothing() -> Message:
    return {"type": "http.disconnect"}


def _document(signed: SignedRequest) -> Any:
    kinds = [value for name, value in signed.headers if name == "content-type"]
    if [kind.partition(";")[0].strip().lower() for kind in kinds] != ["application/json"]:
        raise Refusal("media-type-not-supported", 415, "Send JSON as application/json.")
    try:
        return json.loads(signed.body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise Refusal("request-malformed", 400, "The request's body is not JSON.") from None


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")
