"""The work of ``countenance serve``.

1. Read the settings and open the port: clients who come early wait.
2. Open the store, as its only server.
3. Make an administrator's key on the first start, and say which moratoria are in force.
4. Load the models and put the rooms together.
5. Serve until stopped.
"""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING, Any

from countenance.access import machine_operator
from countenance.doors.cli.address import server_address
from countenance.doors.cli.composition import loading
from countenance.doors.cli.outcomes import tell
from countenance.doors.cli.pausing import in_words
from countenance.doors.logs import set_up_logs
from countenance.doors.server import ServerOptions, build_app, listen, serve
from countenance.errors import SettingsInvalid
from countenance.operations.manage_keys import administrators_key
from countenance.operations.manage_moratoria import list_moratoria
from countenance.settings import read_settings
from countenance.wiring import furnish, furnish_office, open_store

if TYPE_CHECKING:
    import socket
    from pathlib import Path

    from countenance.settings import Settings


def answer(file: Path | None, given: dict[str, Any]) -> None:
    """Serve until stopped.

    Raises:
        CountenanceError: a setting is not allowed, the port or the database is in use, or the models cannot
            be used.
    """
    # uvicorn ends the process with the signal that stopped it; this lets the store be closed before.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    # 1
    settings = read_settings(file, **given)
    set_up_logs(settings.log_level, settings.log_format)
    opened = _listen(settings)
    with opened, open_store(settings) as store:
        # 2
        store.claim()
        # 3
        office = furnish_office(settings, store)
        with office.register.act(machine_operator()) as act:
            administrators_key(store, act)
        with office.register.act(machine_operator()) as act:
            for moratorium in list_moratoria(act):
                tell(in_words(moratorium))
        # 4
        with loading(settings):
            rooms = furnish(settings, office)
        options = _options(settings)
        app = build_app(rooms, options)
        # 5
        address = server_address(settings, opened)
        tell(f"serving {address}; `countenance env` prints how to reach it")
        if settings.console:
            tell(f"the console is at {address}/console/; sign in with the key that `countenance env` prints")
        jobs_at_once = settings.jobs_at_once
        with (
            rooms.upkeep.going_on(),
            rooms.worker.going_on(jobs_at_once),
            rooms.messenger.going_on(min(1, jobs_at_once)),
            rooms.monitors.going_on(),
        ):
            serve(app, opened, options, rooms.monitors.ending)


def _listen(settings: Settings) -> socket.socket:
    try:
        return listen(settings.host, settings.port)
    except OSError as error:
        raise SettingsInvalid(
            f"cannot listen on {settings.host} port {settings.port}: {error.strerror}; choose another --port"
        ) from None


def _options(settings: Settings) -> ServerOptions:
    for path in (settings.tls_certificate, settings.tls_private_key):
        if path is not None and not path.is_file():
            raise SettingsInvalid(f"there is no file {path}")
    return ServerOptions(
        host=settings.host,
        port=settings.port,
        account_id=settings.account_id,
        workers=settings.workers,
        most_waiting=settings.most_waiting,
        max_request_bytes=settings.max_request_bytes,
        shutdown_seconds=settings.shutdown_seconds,
        tls_certificate=settings.tls_certificate,
        tls_private_key=settings.tls_private_key,
        console=settings.console,
        console_hides_scores=settings.console_hides_scores,
    )
