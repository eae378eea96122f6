"""The server: one process, one port, every door that speaks HTTP."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route

from countenance.access import Attempts, Sessions
from countenance.doors.admission import Admission
from countenance.doors.console.paths import PREFIX as CONSOLE
from countenance.doors.desk import Desk as OwnDesk
from countenance.doors.late import LateDoor
from countenance.doors.metrics import Metrics
from countenance.doors.rekognition.desk import Desk
from countenance.doors.rekognition.endpoint import RekognitionEndpoint, refuse_other_paths
from countenance.doors.rest.door import RestDoor, load_app
from countenance.doors.rest.health import health_routes
from countenance.doors.tokens import PaginationTokens

if TYPE_CHECKING:
    import threading
    from pathlib import Path
    from types import FrameType

    from starlette.types import ASGIApp

    from countenance.wiring import ServerRooms

_MOST_CONNECTIONS = 1024
_IDLE_SECONDS = 75
_BACKLOG = 2048


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """How the server listens and how much it takes on; `settings` says what each means."""

    host: str
    port: int
    account_id: str
    workers: int
    most_waiting: int
    max_request_bytes: int
    shutdown_seconds: int
    tls_certificate: Path | None
    tls_private_key: Path | None
    console: bool
    console_hides_scores: bool


def build_app(rooms: ServerRooms, options: ServerOptions) -> Starlette:
    """Return the application: Amazon's API at ``/``, our own at ``/v1``, the console, health, metrics."""
    metrics = Metrics()
    admission = Admission(options.workers, options.most_waiting, options.max_request_bytes)
    metrics.show("requests_admitted", "Requests worked on or waiting.", lambda: admission.admitted)
    metrics.show("index_bytes", "Memory of search indexes.", rooms.office.gallery.index_memory_bytes)
    metrics.show("indexed_faces", "Faces that search indexes hold.", rooms.office.gallery.count_indexed)
    tokens = PaginationTokens(rooms.pagination_secret)
    desk = Desk(
        vision=rooms.vision,
        gallery=rooms.office.gallery,
        pictures=rooms.pictures,
        identifiers=rooms.identifiers,
        tokens=tokens,
        account_id=options.account_id,
        limits=rooms.limits,
        videos=rooms.videos,
    )
    endpoint = RekognitionEndpoint(desk, rooms.office.store, rooms.office.register, admission, metrics)
    own: dict[str, Any] = {
        "vision": rooms.vision,
        "gallery": rooms.office.gallery,
        "pictures": rooms.pictures,
        "identifiers": rooms.identifiers,
        "limits": rooms.limits,
        "records": rooms.office.store,
        "register": rooms.office.register,
        "tokens": tokens,
        "admission": admission,
        "monitors": rooms.monitors,
        "imports": rooms.imports,
        "videos": rooms.videos,
        "evaluations": rooms.evaluations,
        "followers": rooms.followers,
        "service": rooms.office.service,
    }
    return Starlette(
        routes=[
            *health_routes(rooms.office.store.check, metrics),
            RestDoor(load_app, OwnDesk(**own), metrics),
            *_console(rooms, options, metrics, own),
            Route("/", endpoint.respond, methods=["POST"]),
            Route("/{path:path}", refuse_other_paths, methods=["GET", "POST", "PUT", "DELETE", "PATCH"]),
        ]
    )


def _console(
    rooms: ServerRooms, options: ServerOptions, metrics: Metrics, own: dict[str, Any]
) -> list[LateDoor]:
    """Return the console, unless the operator wants none."""

    def load() -> ASGIApp:
        from countenance.doors.console.door import ConsoleDoor  # noqa: PLC0415 - see LateDoor
        from countenance.doors.console.visit import ConsoleDesk  # noqa: PLC0415

        desk = ConsoleDesk(
            **own,
            sessions=Sessions(rooms.office.store),
            attempts=Attempts(),
            metrics=metrics,
            overview=rooms.overview,
            form_secret=rooms.form_secret,
            hides_scores=options.console_hides_scores,
        )
        return ConsoleDoor(desk)

    return [LateDoor(CONSOLE, load)] if options.console else []


def listen(host: str, port: int) -> socket.socket:
    """Open the port, so that clients who come while the models load wait instead of being refused.

    Raises:
        OSError: the address is not this machine's, or the port is in use.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    opened = socket.socket(family)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        opened.bind((host, port))
        opened.listen(_BACKLOG)
    except OSError:
        opened.close()
        raise
    return opened


def serve(app: Starlette, opened: socket.socket, options: ServerOptions, ending: threading.Event) -> None:
    """Answer requests until SIGINT or SIGTERM; those that are being worked on are finished first.

    ``ending`` is set by the signal, so that answers end which otherwise go on for as long as a client reads.
    """
    config = uvicorn.Config(
        app,
        http="h11",  # unlike httptools it bounds how much a request's headers may hold
        log_config=None,
        access_log=False,
        server_header=False,
        limit_concurrency=_MOST_CONNECTIONS,
        timeout_keep_alive=_IDLE_SECONDS,
        timeout_graceful_shutdown=options.shutdown_seconds,
        ssl_certfile=options.tls_certificate,
        ssl_keyfile=options.tls_private_key,
    )
    _Server(config, ending).run(sockets=[opened])


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ending: threading.Event) -> None:
        super().__init__(config)
        self._ending = ending

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._ending.set()
        super().handle_exit(sig, frame)
