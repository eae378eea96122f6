"""Signing in with an access key, and out again; how the console looks; its style and scripts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import structlog
from starlette.responses import RedirectResponse, Response

from countenance.access import verify_bearer
from countenance.doors.console import browsers
from countenance.doors.console.assets import assets
from countenance.doors.console.paths import PREFIX
from countenance.doors.console.routing import open_page
from countenance.doors.console.visit import Visit
from countenance.errors import AccessError

if TYPE_CHECKING:
    from countenance.access import AccessKey
    from countenance.doors.console.visit import Arrival

_log = structlog.get_logger("countenance.console")


async def show_sign_in(arrival: Arrival) -> Response:
    """Show the form; whoever is signed in already goes on."""
    then = _inside(arrival.query.get("then", "/"))
    if isinstance(arrival, Visit):
        return arrival.go(then)
    return arrival.page("sign_in.html", then=then, key_id="", wrong=False, seconds=0)


async def sign_in(arrival: Arrival) -> Response:
    """Begin a session for whoever shows an access key."""
    desk, address = arrival.desk, arrival.http.client.host if arrival.http.client else ""
    then, key_id = _inside(arrival.form.text("then")), arrival.form.text("key_id")
    seconds = desk.attempts.seconds_to_wait(address)
    if seconds:
        _log.warning("signing in was refused: too many mistakes", address=address)
        response = arrival.page("sign_in.html", 429, then=then, key_id=key_id, wrong=False, seconds=seconds)
        response.headers["retry-after"] = str(seconds)
        return response
    shown = f"Bearer {key_id}.{arrival.form.text('secret')}"
    try:
        key: AccessKey = await desk.admission.run(verify_bearer, shown, desk.records.key)
    except AccessError:
        desk.attempts.note_mistake(address)
        _log.warning("signing in failed", address=address)
        return arrival.page("sign_in.html", 401, then=then, key_id=key_id, wrong=True, seconds=0)
    desk.attempts.forget(address)
    token = await desk.admission.run(desk.sessions.begin, key, datetime.now(UTC))
    _log.info("signed in", key=key.key_id)
    response = arrival.go(then)
    browsers.begin_session(arrival.http, response, token)
    return response


async def sign_out(arrival: Arrival) -> Response:
    """End the session, here and in the database."""
    token = browsers.session_of(arrival.http)
    if token is not None:
        await arrival.desk.admission.run(arrival.desk.sessions.end, token)
    response = arrival.go("/sign-in", done="signed-out")
    browsers.end_session(response)
    return response


async def set_appearance(arrival: Arrival) -> Response:
    """Remember the language and whether it is light or dark, and go back to where the reader was."""
    response = arrival.go(_inside(arrival.form.text("then")))
    form = arrival.form
    browsers.remember_appearance(arrival.http, response, form.text("language"), form.text("theme"))
    return response


async def show_asset(arrival: Arrival) -> Response:
    """Send the style or a script; those of an older version as they are now."""
    asset = assets().by_name.get(str(arrival.http.path_params["name"]))
    return asset.answer(arrival.http) if asset is not None else Response(status_code=404)


async def go_home(arrival: Arrival) -> Response:
    """Send who leaves the last slash out to the first page."""
    return RedirectResponse(f"{arrival.http.scope.get('root_path', '')}{PREFIX}/", 307)


def _inside(path: str) -> str:
    """Return a path within the console: of an address elsewhere, nothing but the path is left."""
    try:
        parts = urlsplit(path)
    except ValueError:  # an address whose brackets do not match
        return "/"
    within = "/" + parts.path.lstrip("/\\").removeprefix(f"{PREFIX.lstrip('/')}/")
    return f"{within}?{parts.query}" if parts.query else within


ROUTES = (
    open_page("", go_home),
    open_page("/sign-in", show_sign_in),
    open_page("/sign-in", sign_in, methods=("POST",)),
    open_page("/sign-out", sign_out, methods=("POST",)),
    open_page("/appearance", set_appearance, methods=("POST",)),
    open_page("/assets/{version}/{name}", show_asset),
)
