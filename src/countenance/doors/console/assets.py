"""The console's style and scripts: read once, served under a name that changes with what is in them."""

from __future__ import annotations

import functools
import gzip
import hashlib
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

from starlette.responses import Response

if TYPE_CHECKING:
    from starlette.requests import Request

_MEDIA_TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
_FOREVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is sent."""

    media_type: str
    content: bytes
    zipped: bytes

    def answer(self, http: Request) -> Response:
        """Return it to a browser, compressed where that reads gzip."""
        headers = {"cache-control": _FOREVER, "vary": "accept-encoding"}
        if "gzip" in http.headers.get("accept-encoding", ""):
            headers["content-encoding"] = "gzip"
            return Response(self.zipped, headers=headers, media_type=self.media_type)
        return Response(self.content, headers=headers, media_type=self.media_type)


@dataclass(frozen=True, slots=True)
class Assets:
    """All assets by name; ``version`` is made of their contents."""

    version: str
    by_name: dict[str, Asset]


@functools.cache
def assets() -> Assets:
    """Return the assets; only these names are served, whatever a path says."""
    folder = resources.files("countenance.doors.console").joinpath("static")
    files = sorted((file.name, file.read_bytes()) for file in folder.iterdir() if file.is_file())
    digest = hashlib.sha256(b"".join(content for _, content in files)).hexdigest()
    by_name = {
        name: Asset(_MEDIA_TYPES[name.rpartition(".")[2]], content, gzip.compress(content, 9, mtime=0))
        for name, content in files
        if name.rpartition(".")[2] in _MEDIA_TYPES
    }
    return Assets(digest[:12], by_name)
