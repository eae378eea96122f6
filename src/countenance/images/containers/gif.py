"""Reads a GIF up to its first frame, and keeps only what shows that frame."""

from __future__ import annotations

import struct

from countenance.errors import ImageBroken
from countenance.images.containers.container import Container, cut_short, overloaded

_MAX_HEAD_BYTES = 1_048_576  # colour profiles and descriptions there take a tenth of it
_EXTENSION, _FRAME, _END = 0x21, 0x2C, 0x3B
_GRAPHIC_CONTROL = 0xF9
_HAS_TABLE = 0x80


def recognises(data: bytes) -> bool:
    """Return whether the bytes begin as a GIF does."""
    return data.startswith((b"GIF87a", b"GIF89a"))


def read(data: bytes) -> Container:
    """Read a GIF's first frame on its canvas.

    Raises:
        ImageBroken: it is cut short, without a frame, or with too much before it.
    """
    try:
        return _read(data)
    except (IndexError, struct.error) as error:
        raise cut_short("GIF") from error


def _read(data: bytes) -> Container:
    canvas_width, canvas_height, flags = struct.unpack_from("<HHB", data, 6)
    colours_end = 13 + (3 << (flags & 7) + 1 if flags & _HAS_TABLE else 0)
    frame, transparent = _find_frame(data, colours_end)
    left, top, width, height = struct.unpack_from("<HHHH", data, frame + 1)
    # A frame may reach beyond the canvas that the file declares; the picture is as large as both together.
    width_px, height_px = max(canvas_width, left + width), max(canvas_height, top + height)
    if min(width, height) == 0 or max(width_px, height_px) > 0xFFFF:
        raise ImageBroken(f"GIF image's first frame claims {width}×{height} px at ({left}, {top})")
    encoded = (
        b"GIF89a",
        struct.pack("<HH", width_px, height_px),
        data[10:colours_end],
        # Only the transparent colour is kept of the control block: delay and disposal are the animation's.
        b"" if transparent is None else bytes((_EXTENSION, _GRAPHIC_CONTROL, 4, 1, 0, 0, transparent, 0)),
        memoryview(data)[frame:],
    )
    return Container("GIF", width_px, height_px, encoded=b"".join(encoded))


def _find_frame(data: bytes, position: int) -> tuple[int, int | None]:
    """Return where the first frame begins and which colour in it is transparent."""
    transparent: int | None = None
    while position < _MAX_HEAD_BYTES:
        kind = data[position]
        if kind == _FRAME:
            return position, transparent
        if kind == _END:
            raise ImageBroken("GIF image has no frame; save it anew")
        if kind == _EXTENSION:
            if data[position + 1] == _GRAPHIC_CONTROL and data[position + 2] == 4:
                transparent = data[position + 6] if data[position + 3] & 1 else None
            position = _after_extension(data, position + 2)
        else:  # decoders pass over stray bytes between blocks, and some writers leave them
            position += 1
    raise overloaded("GIF", _MAX_HEAD_BYTES, "bytes before its first frame")


def _after_extension(data: bytes, position: int) -> int:
    """Return where the block after an extension begins; an extension is parts, each behind its length."""
    while data[position] and position < _MAX_HEAD_BYTES:
        position += 1 + data[position]
    return position + 1
