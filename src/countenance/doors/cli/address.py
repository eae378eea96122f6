"""Where clients find the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import socket

    from countenance.settings import Settings


def server_address(settings: Settings, opened: socket.socket | None = None) -> str:
    """Return the address at which clients find the server."""
    if settings.endpoint_url is not None:
        return settings.endpoint_url
    scheme = "https" if settings.tls_certificate is not None else "http"
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.host, settings.host)  # noqa: S104
    port = opened.getsockname()[1] if opened is not None else settings.port
    return f"{scheme}://{host}:{port}"
