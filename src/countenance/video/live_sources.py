"""What can be watched: cameras that speak RTSP, video devices of this machine, and files; nothing else.

An address may hold a password. `LiveSource.shown` does not, and is the only form for logs, events and errors.
"""

from __future__ import annotations

import enum
import os
import re
import stat
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Self
from urllib.parse import SplitResult, urlsplit

from countenance.errors import SourceRefused

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_CHARACTERS = 2048

_PORTS = {"rtsp": 554, "rtsps": 322}
_DEVICE = re.compile(r"/dev/video\d{1,3}")
# Nothing that one reader of addresses could take for the host and another could not.
_HOST = re.compile(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+")
_PATTERN = re.compile(r"(rtsps?)://([^/]+?)(?::(\d{1,5}))?(/.*)?")
_OTHER_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
# Some cameras take a password within the path, as in /user=admin_password=secret_channel=1.
_PATH_WITHOUT_SECRETS = re.compile(r"[A-Za-z0-9_./-]*")


class SourceKind(enum.StrEnum):
    """What a source is."""

    CAMERA = "camera"
    DEVICE = "device"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class LiveSource:
    """Something that can be watched.

    Attributes:
        kind: what it is.
        address: what is opened: a URL, or an absolute path; it may hold a password.
        shown: the same without what may be secret.
    """

    kind: SourceKind
    address: str = field(repr=False)
    shown: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``rtsp://…``, ``rtsps://…``, ``/dev/video0`` or a path, where nothing need be yet.

        Raises:
            SourceRefused: it is none of them.
        """
        if not text or len(text) > MOST_CHARACTERS or not text.isprintable():
            raise SourceRefused(
                f"the address of a camera or file is one line of at most {MOST_CHARACTERS:,} characters"
            )
        if text.lower().startswith(("rtsp://", "rtsps://")):
            url = _camera_url(text)
            address = url.scheme + text[len(url.scheme) :]
            return cls(SourceKind.CAMERA, address, _without_secrets(url))
        if _OTHER_SCHEME.match(text):
            scheme = text.partition("://")[0]
            raise SourceRefused(
                f"{scheme}:// is not watched; what can be is rtsp://…, rtsps://…, /dev/video0 or a file"
            )
        path = str(Path(text).absolute())
        if _DEVICE.fullmatch(os.path.realpath(path)):
            return cls(SourceKind.DEVICE, os.path.realpath(path), path)
        return cls(SourceKind.FILE, path, path)


def require_allowed(source: LiveSource, patterns: Iterable[str]) -> None:
    """Do nothing where a pattern allows a source.

    A pattern is an address itself, ``*`` in it standing for anything: within host names, or within paths.
    Scheme and port must be the same; user, password and query do not count. A link is followed first.

    Raises:
        SourceRefused: none does.
    """
    if not any(_matches(source, pattern) for pattern in patterns):
        raise SourceRefused(
            f"this server may not watch {source.shown}; who runs it allows that in the setting "
            'monitor_sources, such as ["rtsp://camera-*.example.org/*", "/dev/video0"]'
        )


def require_file(source: LiveSource) -> None:
    """Do nothing where a source that is a file is there and is a plain one.

    Raises:
        SourceRefused: it is not.
    """
    try:
        mode = Path(source.address).stat().st_mode
    except OSError as error:
        raise SourceRefused(f"{source.shown} cannot be watched: {error.strerror}") from None
    if not stat.S_ISREG(mode):
        raise SourceRefused(f"{source.shown} cannot be watched: it is neither a plain file nor /dev/video0")


def _camera_url(text: str) -> SplitResult:
    try:
        url = urlsplit(text)
        there = _HOST.fullmatch(url.hostname or "") is not None and url.port != 0
    except ValueError:
        there = False
    if not there:
        raise SourceRefused("the address of a camera is rtsp://host/path, or rtsp://user:password@host/path")
    return url


def _without_secrets(url: SplitResult) -> str:
    host = f"[{url.hostname}]" if ":" in (url.hostname or "") else url.hostname
    port = f":{url.port}" if url.port is not None else ""
    path = url.path if _PATH_WITHOUT_SECRETS.fullmatch(url.path) else "/…"
    return f"{url.scheme}://{host}{port}{path}"


def _matches(source: LiveSource, pattern: str) -> bool:
    if source.kind is not SourceKind.CAMERA:
        return "://" not in pattern and fnmatchcase(os.path.realpath(source.address), pattern)
    found, url = _PATTERN.fullmatch(pattern), urlsplit(source.address)
    if found is None:
        return False
    scheme, host, port, path = found.groups()
    return (
        scheme == url.scheme
        and int(port or _PORTS[scheme]) == (url.port or _PORTS[scheme])
        and fnmatchcase(url.hostname or "", host.strip("[]"))
        and fnmatchcase(url.path, path or "")
    )
