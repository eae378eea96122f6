"""What the console keeps in a browser, and what it tells browsers not to do."""

from __future__ import annotations

import re
import secrets
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from countenance.doors.console.languages import LANGUAGES

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from countenance.access import AccessKey, Sessions

THEMES = ("auto", "light", "dark")

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
"""The Content-Security-Policy of every page: nothing from elsewhere, no script but our files."""

_SAFE = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(self), microphone=(), geolocation=(), payment=(), usb=()",
}
_SESSION = "countenance-session"
_VISITOR = "countenance-visitor"
_LANGUAGE = "countenance-language"
_THEME = "countenance-theme"
_YEAR_SECONDS = 365 * 24 * 60 * 60
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


def keep_safe(response: Response) -> None:
    """Add the headers that every answer has; what is not said to be kept is kept by nobody."""
    for name, value in _SAFE.items():
        response.headers[name] = value
    response.headers.setdefault("cache-control", "no-store")


def session_of(http: Request) -> str | None:
    """Return the token of a session, where the browser has one."""
    return _token(http, _SESSION)


def key_of(sessions: Sessions, token: str) -> AccessKey | None:
    """Return the access key of a session that is not over."""
    return sessions.key_of(token, datetime.now(UTC))


def visitor_of(http: Request) -> str:
    """Return what tells a browser from others before somebody signs in."""
    return _token(http, _VISITOR) or secrets.token_urlsafe(32)


def remember_visitor(http: Request, response: Response, cookie: str) -> None:
    """Let a browser keep what tells it from others, unless it has just got a session."""
    if http.cookies.get(_VISITOR) != cookie and "set-cookie" not in response.headers:
        _keep(http, response, _VISITOR, cookie)


def begin_session(http: Request, response: Response, token: str) -> None:
    """Let a browser keep the token of a session, until it is closed."""
    response.delete_cookie(_VISITOR, path="/console")
    _keep(http, response, _SESSION, token)


def end_session(response: Response) -> None:
    """Let a browser forget the token of a session."""
    response.delete_cookie(_SESSION, path="/console")


def chosen_language(http: Request) -> str | None:
    """Return the code of the language that the reader has chosen."""
    return http.cookies.get(_LANGUAGE)


def chosen_theme(http: Request) -> str:
    """Return whether the reader wants it light or dark; auto: as their system does."""
    theme = http.cookies.get(_THEME, "auto")
    return theme if theme in THEMES else "auto"


def remember_appearance(http: Request, response: Response, language: str, theme: str) -> None:
    """Let a browser keep which language and theme the reader has chosen; what there is not is left out."""
    if language in LANGUAGES:
        _keep(http, response, _LANGUAGE, language, _YEAR_SECONDS)
    if theme in THEMES:
        _keep(http, response, _THEME, theme, _YEAR_SECONDS)


def _token(http: Request, name: str) -> str | None:
    value = http.cookies.get(name, "")
    return value if _TOKEN.fullmatch(value) else None


def _keep(http: Request, response: Response, name: str, value: str, max_age: int | None = None) -> None:
    response.set_cookie(
        name,
        value,
        max_age=max_age,
        path="/console",
        secure=http.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )
