"""What goes wrong inside is logged for the operator, and told to clients without its reason."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from structlog.testing import capture_logs

from countenance.access import AccessKey, new_access_key
from countenance.doors.admission import Admission
from countenance.doors.metrics import Metrics
from countenance.doors.rest.application import rest_app
from countenance.doors.rest.door import RestDoor
from countenance.errors import CountenanceError, LedgerBroken, ServerBusy, StoreUnavailable, TemplateBroken

if TYPE_CHECKING:
    from starlette.types import Message

KEY = new_access_key("a test's", datetime(2026, 1, 1, tzinfo=UTC))
REASON = "the database at 10.0.0.7 is full"


@dataclass
class Keys:
    """One key, or a database that fails."""

    error: Exception | None = None

    def key(self, key_id: str) -> AccessKey | None:
        if self.error is not None:
            raise self.error
        return KEY if key_id == KEY.key_id else None


@dataclass
class Client:
    """Asks a door without a server around it."""

    keys: Keys = field(default_factory=Keys)
    metrics: Metrics = field(default_factory=Metrics)

    def ask(self, error: Exception | None = None, path: str = "/v1/failing") -> tuple[int, dict[str, Any]]:
        """Ask a route that fails with an error, and return the status and the problem."""
        app = rest_app()

        @app.get("/v1/failing")
        async def failing() -> None:
            assert error is not None
            raise error

        desk: Any = SimpleNamespace(records=self.keys, admission=Admission(2, 2, 1000))
        return asyncio.run(self._ask(RestDoor(lambda: app, desk, self.metrics), path))

    async def _ask(self, door: RestDoor, path: str) -> tuple[int, dict[str, Any]]:
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Message) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "method": "GET",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "headers": [(b"authorization", f"Bearer {KEY.key_id}.{KEY.secret}".encode())],
        }
        await door.handle(scope, receive, send)
        start, *parts = sent
        assert [message["type"] for message in parts] == ["http.response.body"]
        return start["status"], json.loads(parts[0]["body"])


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError(REASON),
        LedgerBroken(REASON),
        TemplateBroken(REASON),
        CountenanceError(REASON),
        KeyError(REASON),
    ],
)
def test_a_failure_is_logged_and_told_without_its_reason(error: Exception) -> None:
    client = Client()
    with capture_logs() as logs:
        status, problem = client.ask(error)
    assert (status, problem["type"]) == (500, "urn:countenance:internal-error")
    assert REASON not in json.dumps(problem)
    failure, request = logs
    assert (failure["event"], failure["log_level"]) == ("request failed", "error")
    assert failure["request_id"] == request["request_id"] == problem["request_id"]
    assert (request["event"], request["code"], request["operation"]) == (
        "request",
        "internal-error",
        "failing",
    )
    assert (
        b'countenance_requests_total{code="internal-error",operation="failing"} 1.0' in client.metrics.text()
    )


def test_a_database_that_does_not_answer_is_to_be_asked_again() -> None:
    for client, error in (
        (Client(), StoreUnavailable(REASON)),
        (Client(Keys(StoreUnavailable(REASON))), None),
    ):
        with capture_logs() as logs:
            status, problem = client.ask(error)
        assert (status, problem["type"]) == (503, "urn:countenance:store-unavailable")
        assert REASON not in json.dumps(problem)
        assert logs[0]["reason"] == REASON


def test_a_failure_while_it_is_found_out_who_asks_is_a_failure() -> None:
    with capture_logs() as logs:
        status, problem = Client(Keys(RuntimeError(REASON))).ask()
    assert (status, problem["type"]) == (500, "urn:countenance:internal-error")
    assert [log["event"] for log in logs] == ["request failed", "request"]


def test_to_be_busy_is_no_failure() -> None:
    with capture_logs() as logs:
        status, problem = Client().ask(ServerBusy("try again in a moment"))
    assert (status, problem["detail"]) == (503, "try again in a moment")
    assert [log["event"] for log in logs] == ["request"]


@pytest.mark.parametrize(
    ("path", "is_ours"),
    [("/v1", True), ("/v1/", True), ("/v1/a\nb", True), ("/v10", False), ("/", False), ("/a/v1/b", False)],
)
def test_the_door_takes_what_is_at_and_under_its_path(path: str, is_ours: bool) -> None:
    door = RestDoor(rest_app, SimpleNamespace(), Metrics())  # type: ignore[arg-type]
    match, _ = door.matches({"type": "http", "path": path})
    assert (match.name == "FULL") == is_ours
    match, _ = door.matches({"type": "websocket", "path": path})
    assert match.name == "NONE"
