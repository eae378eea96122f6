"""Every request of the console, from bytes to bytes.

1. Give it an id.                          4. Find out who is signed in, or send them to sign in.
2. Read the body, within limits.           5. Take no form that this browser was not shown.
3. Find the page.                          6. Let the page answer; an error is a page, too.
                                           7. Add the headers that keep a browser safe, count, log.
"""

from __future__ import annotations

import hmac
import time
import uuid
from typing import TYPE_CHECKING
from urllib.parse import quote

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse

from countenance.doors.console import browsers
from countenance.doors.console.application import ROUTES
from countenance.doors.console.forms import Form, form_of
from countenance.doors.console.languages import language_of
from countenance.doors.console.paths import PREFIX
from countenance.doors.console.routing import OpenRoute, find
from countenance.doors.console.told_errors import NOT_ALLOWED, NOT_FOUND, title_of
from countenance.doors.console.visit import Arrival, Visit, form_token
from countenance.doors.statuses import is_the_servers, status_of
from countenance.errors import CountenanceError, FormNotOurs

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import Receive, Scope, Send

    from countenance.access import AccessKey
    from countenance.doors.console.routing import Found
    from countenance.doors.console.visit import ConsoleDesk

_log = structlog.get_logger("countenance.console")


class ConsoleDoor:
    """An ASGI application that answers all paths at and under ``/console``.

    Args:
        desk: the rooms behind the door.
    """

    def __init__(self, desk: ConsoleDesk) -> None:
        self._desk = desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request, whatever it holds."""
        started = time.perf_counter()
        # 1
        request_id = str(uuid.uuid4())
        http = Request(scope, receive)
        # 3
        path = scope["path"].removeprefix(PREFIX)
        found = find(ROUTES, path, "GET" if http.method == "HEAD" else http.method)
        try:
            # 2
            async with self._desk.admission.body(http) as body:
                response = await self._answer(http, found, body, request_id)
                seconds = time.perf_counter() - started  # an answer may go on for as long as somebody follows
                # 7
                browsers.keep_safe(response)
                await response(scope, receive, send)
        except ClientDisconnect:
            return
        except CountenanceError as error:  # the body: whoever sent it was not even asked for their name
            response = self._refusal(_arrival(self._desk, http, request_id), error)
            seconds = time.perf_counter() - started
            browsers.keep_safe(response)
            await response(scope, receive, send)
        self._note(found, response.status_code, request_id, seconds)

    async def _answer(self, http: Request, found: Found, body: bytes, request_id: str) -> Response:
        http.scope["path_params"] = found.parameters
        # 4
        token = browsers.session_of(http)
        key = await self._desk.admission.run(browsers.key_of, self._desk.sessions, token) if token else None
        is_open = isinstance(found.route, OpenRoute)
        if key is None and not is_open:
            return _to_sign_in(http, ended=bool(token))
        cookie = token if key is not None and token else browsers.visitor_of(http)
        arrival = _arrival(self._desk, http, request_id, cookie, key)
        try:
            if http.method == "POST":
                # 5
                _require_own(http, arrival, form := await form_of(http.headers, body))
                arrival = _arrival(self._desk, http, request_id, cookie, key, form)
            # 6
            response = await _page(arrival, found)
        except Exception as error:
            response = self._refusal(arrival, error)
        if key is None:
            browsers.remember_visitor(http, response, cookie)
        return response

    def _refusal(self, arrival: Arrival, error: Exception) -> Response:
        """Return an error as a page; the log says more of the server's own failures."""
        status, detail = 500, ""
        if isinstance(error, CountenanceError):
            status = status_of(error)
        if not isinstance(error, CountenanceError) or is_the_servers(error):
            # The trace names code, not data: messages of exceptions may hold what somebody sent.
            _log.error("request failed", request_id=arrival.request_id, exc_info=error)
        else:
            detail = str(error)
        return _told(arrival, status, title_of(error), detail)

    def _note(self, found: Found, status: int, request_id: str, seconds: float) -> None:
        operation = f"console {found.route.path}" if found.route is not None else "unknown"
        code = "OK" if status < 400 else str(status)
        self._desk.metrics.observe_request(operation, code, seconds)
        _log.info(
            "request",
            request_id=request_id,
            operation=operation,
            code=code,
            milliseconds=round(seconds * 1e3, 2),
        )


def _arrival(
    desk: ConsoleDesk,
    http: Request,
    request_id: str,
    cookie: str = "",
    key: AccessKey | None = None,
    form: Form | None = None,
) -> Arrival:
    about = (
        http,
        desk,
        request_id,
        language_of(browsers.chosen_language(http), http.headers.get("accept-language")),
        form or Form({}, {}),
        cookie,
        browsers.chosen_theme(http),
    )
    return Arrival(*about) if key is None else Visit(*about, key=key)


async def _page(arrival: Arrival, found: Found) -> Response:
    route = found.route
    if route is None:
        told = (405, NOT_ALLOWED) if found.methods else (404, NOT_FOUND)
        response = _told(arrival, *told)
        if found.methods:
            response.headers["allow"] = ", ".join(found.methods)
        return response
    if isinstance(route, OpenRoute):
        return await route.answer(arrival)
    assert isinstance(arrival, Visit)  # noqa: S101 - whoever is not was sent to sign in
    if route.needs:
        await arrival.require(*route.needs)
    return await route.answer(arrival)


def _require_own(http: Request, arrival: Arrival, form: Form) -> None:
    """Do nothing where a form comes from a page that this browser was shown; raises FormNotOurs."""
    from_elsewhere = http.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}
    wanted = form_token(arrival.desk.form_secret, arrival.cookie)
    is_ours = hmac.compare_digest(form.text("form_token").encode(), wanted.encode())
    if from_elsewhere or not arrival.cookie or not is_ours:
        raise FormNotOurs("open the page again and send the form from there")


def _to_sign_in(http: Request, *, ended: bool) -> Response:
    then = http.scope["path"].removeprefix(PREFIX) if http.method in {"GET", "HEAD"} else "/"
    if http.method == "GET" and http.url.query:
        then = f"{then}?{http.url.query}"
    query = f"then={quote(then, safe='/')}" + ("&done=ended" if ended else "")
    return RedirectResponse(f"{PREFIX}/sign-in?{query}", 303)


def _told(arrival: Arrival, status: int, title: str, detail: str = "") -> Response:
    return arrival.page("error.html", status, title=arrival.say(title), detail=detail, failed=status >= 500)
