"""What a page hands out besides itself: files to keep, and pictures within the page."""

from __future__ import annotations

import base64
import re

from starlette.responses import Response

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_MOST_NAME = 100


def attachment(content: bytes, name: str, media_type: str) -> Response:
    """Return a file that a browser saves and never shows, whatever is in it."""
    safe = _UNSAFE.sub("-", name).strip(".-")[:_MOST_NAME] or "download"
    return Response(
        content, media_type=media_type, headers={"content-disposition": f'attachment; filename="{safe}"'}
    )


def picture_address(jpeg: bytes) -> str:
    """Return the address of a picture, a JPEG, that is in the page itself."""
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}"
