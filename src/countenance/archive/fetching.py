"""Pictures from the web, fetched as from somebody who may mean harm.

1. Only hosts of the allow-list, by http or https, without credentials in the address.
2. A name is resolved once, its address checked, and that address connected to; what the name leads to a
   moment later does not matter.
3. Each redirection is a new address, which is checked like the first.
4. Bytes and seconds are bounded, whatever the server says or how slowly it does.

Proxies of the environment are not used: they would resolve names themselves.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from dataclasses import dataclass
from functools import cached_property
from http.client import HTTPException
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from countenance.errors import FetchFailed, FetchRefused, ImageNotReadable, ImageTooLarge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from countenance.archive.addresses import AllowedHosts

_CONNECT_SECONDS = 10
_MOST_REDIRECTIONS = 5
_CHUNK_BYTES = 65_536
_REDIRECTIONS = frozenset({301, 302, 303, 307, 308})
_MAY_WORK_LATER = frozenset({408, 425, 429})
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class _Target:
    """An address of the web in its parts."""

    scheme: str
    host: str
    port: int
    path: str


class Fetcher:
    """Fetches from the hosts of a list; safe to use from many threads.

    Args:
        allowed: the hosts.
        seconds: how long one picture may take, from the first connection to the last byte.
    """

    def __init__(self, allowed: AllowedHosts, seconds: float = 60.0) -> None:
        self._allowed = allowed
        self._seconds = seconds

    def fetch(self, url: str, max_bytes: int) -> bytes:
        """Return what is at an address.

        Raises:
            FetchRefused: the address, or one that it is redirected to, may not be fetched from.
            FetchFailed: the server does not answer, or says that it cannot now; it may work later.
            ImageNotReadable: the server says that there is no such thing.
            ImageTooLarge: it has more bytes than that.
        """
        lever = _Lever()
        timer = threading.Timer(self._seconds, lever.pull)
        timer.daemon = True
        timer.start()
        try:
            return self._followed(url, max_bytes, lever)
        finally:
            timer.cancel()
            lever.release()

    def _followed(self, url: str, max_bytes: int, lever: _Lever) -> bytes:
        before: _Target | None = None
        for _ in range(_MOST_REDIRECTIONS + 1):
            target = _target(url)
            if before is not None and before.scheme == "https" and target.scheme == "http":
                raise FetchRefused(f"{before.host} redirects from https to http")
            found = self._answer(target, max_bytes, lever)
            if isinstance(found, bytes):
                return found
            url, before = _joined(url, found.location), target
        raise FetchRefused(f"{target.host} redirects more than {_MOST_REDIRECTIONS} times")

    def _answer(self, target: _Target, max_bytes: int, lever: _Lever) -> bytes | _Redirection:
        from urllib3.exceptions import HTTPError  # noqa: PLC0415 - a tenth of a second, for those who fetch

        address = self._allowed.address_of(target.scheme, target.host, target.port)
        try:
            with self._connected(target, address, lever) as connection:
                connection.request("GET", target.path, headers=_HEADERS, preload_content=False)
                with contextlib.closing(connection.getresponse()) as answer:
                    _check_status(target, answer.status)
                    if answer.status in _REDIRECTIONS:
                        return _Redirection(answer.headers.get("location", ""))
                    return _content(answer, max_bytes, lever)
        except (HTTPError, HTTPException, OSError, ValueError) as error:
            if lever.pulled:
                raise FetchFailed(f"{target.host} took longer than {self._seconds:g} s") from None
            reason = type(error).__name__
            raise FetchFailed(f"{target.host} cannot be fetched from: {reason}") from None

    @contextlib.contextmanager
    def _connected(self, target: _Target, address: str, lever: _Lever) -> Iterator[Any]:
        """Yield a connection of urllib3's that leads to that address, whatever the name resolves to now."""
        from urllib3.connection import HTTPConnection, HTTPSConnection  # noqa: PLC0415

        def connect() -> socket.socket:
            opened = socket.create_connection((address, target.port), _CONNECT_SECONDS)
            lever.hold(opened)
            return opened

        made: Any
        if target.scheme == "https":
            made = HTTPSConnection(target.host, target.port, timeout=self._seconds, ssl_context=self._tls)
        else:
            made = HTTPConnection(target.host, target.port, timeout=self._seconds)
        made._new_conn = connect  # noqa: SLF001 - where urllib3 would resolve the name itself
        with contextlib.closing(made):
            yield made

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return ssl.create_default_context()


class _Lever:
    """Breaks connections off when the time is over; a server that sends a byte a second is not waited for."""

    def __init__(self) -> None:
        self.pulled = False
        self._held: list[socket.socket] = []
        self._lock = threading.Lock()

    def hold(self, opened: socket.socket) -> None:
        """Take hold of a connection; a copy, since TLS takes the original away."""
        with self._lock:
            self._held.append(opened.dup())
        if self.pulled:
            self.pull()

    def pull(self) -> None:
        """Break off."""
        self.pulled = True
        with self._lock:
            for held in self._held:
                with contextlib.suppress(OSError):
                    held.shutdown(2)

    def release(self) -> None:
        """Let go."""
        with self._lock:
            for held in self._held:
                held.close()
            self._held.clear()


@dataclass(frozen=True, slots=True)
class _Redirection:
    location: str


_HEADERS = {
    "Accept": "image/*",
    "Accept-Encoding": "identity",  # what is compressed could unfold without end
    "User-Agent": "countenance",
    "Connection": "close",
}


def _target(url: str) -> _Target:
    """Take an address apart, with the reader whose parts are used; raises FetchRefused."""
    from urllib3.exceptions import LocationParseError  # noqa: PLC0415
    from urllib3.util import parse_url  # noqa: PLC0415

    try:
        parts = parse_url(url)
    except LocationParseError:
        raise FetchRefused(f"{url[:200]!r} is no address") from None
    if parts.scheme not in _PORTS or not parts.host:
        raise FetchRefused(f"{url[:200]!r} is no address of http or https")
    if parts.auth is not None:
        raise FetchRefused(f"the address at {parts.host} holds credentials; none are sent")
    host = parts.host.strip("[]")
    return _Target(parts.scheme, host, parts.port or _PORTS[parts.scheme], parts.request_uri or "/")


def _joined(url: str, location: str) -> str:
    """Return where a redirection leads; raises FetchRefused."""
    try:
        return urljoin(url, location)
    except ValueError:
        raise FetchRefused(f"{location[:200]!r} is no address") from None


def _check_status(target: _Target, status: int) -> None:
    if status == 200 or status in _REDIRECTIONS:
        return
    if status >= 500 or status in _MAY_WORK_LATER:
        raise FetchFailed(f"{target.host} answered {status}")
    raise ImageNotReadable(f"{target.host} answered {status}")


def _content(answer: Any, max_bytes: int, lever: _Lever) -> bytes:
    """Read what was answered, at most that many bytes."""
    claimed = answer.headers.get("content-length", "")
    if claimed.isdecimal() and int(claimed[:20]) > max_bytes:
        raise ImageTooLarge(f"the picture has {int(claimed[:20]):,} bytes; the limit is {max_bytes:,}")
    content = bytearray()
    # Not `read`, which waits until all that was asked for is there.
    while chunk := answer.read1(_CHUNK_BYTES, decode_content=False):
        content += chunk
        if len(content) > max_bytes:
            raise ImageTooLarge(f"the picture has more than {max_bytes:,} bytes, which is the limit")
    if lever.pulled or (claimed.isdecimal() and len(content) < int(claimed[:20])):
        raise ConnectionError("the answer ended early")
    return bytes(content)
