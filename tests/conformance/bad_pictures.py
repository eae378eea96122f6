"""Bad input where a picture should be: no picture, broken, too small, too large, elsewhere, or of nobody."""

from __future__ import annotations

import base64
import io
import struct
import zlib

from PIL import Image

from conformance.bad_input import BadInput, Ground, asking
from conformance.pictures import GREY, empty, encoded, jpeg
from conformance.wire import Message

_FORMAT = "InvalidImageFormatException"
_TOO_LARGE = "ImageTooLargeException"
_PARAMETER = "InvalidParameterException"
_OBJECT = "InvalidS3ObjectException"
_NO_JSON = "SerializationException"
_NO_FACES = "There are no faces in the image. Should be at least 1."
_MAX_BYTES = 5_242_880


def _picture(what: str, content: bytes, code: str, words: str = "") -> BadInput:
    return BadInput(what, lambda ground: ground.detect(content), code, words=words)


def _grey(width_px: int, height_px: int) -> Image.Image:
    return Image.new("RGB", (width_px, height_px), GREY)


def _png(width_px: int, height_px: int, rows: bytes) -> bytes:
    """Return a PNG of 8-bit grey whose header says what it likes."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        checked = kind + content
        return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))

    header = struct.pack(">IIBBBBB", width_px, height_px, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def _searching(ground: Ground, operation: str, content: bytes) -> Message:
    return ground.in_collection(operation, Image={"Bytes": base64.b64encode(content).decode()})


def _comparing(ground: Ground, source: bytes, target: bytes) -> Message:
    images = {"SourceImage": source, "TargetImage": target}
    return ground.wire.message(
        "CompareFaces",
        {name: {"Bytes": base64.b64encode(content).decode()} for name, content in images.items()},
    )


PICTURES = (
    _picture(
        "text", b"This is no picture at all, only some words.", _FORMAT, "Request has invalid image format."
    ),
    _picture("HTML", b"<!DOCTYPE html><html><body>Not found</body></html>", _FORMAT),
    _picture("SVG", b'<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100"/>', _FORMAT),
    _picture("one byte", b"\xff", _FORMAT),
    _picture("zeros", bytes(10_000), _FORMAT),
    _picture("a GIF", encoded(_grey(100, 100), "GIF"), _FORMAT),
    _picture("a WebP", encoded(_grey(100, 100), "WEBP"), _FORMAT),
    _picture("a BMP", encoded(_grey(100, 100), "BMP"), _FORMAT),
    _picture("a TIFF", encoded(_grey(100, 100), "TIFF"), _FORMAT),
    _picture("a PDF", encoded(_grey(100, 100), "PDF"), _FORMAT),
    _picture("a PPM", encoded(_grey(100, 100), "PPM"), _FORMAT),
    _picture("a JPEG's first bytes", jpeg(_grey(100, 100))[:20], _FORMAT),
    _picture("a PNG's first bytes", encoded(_grey(100, 100), "PNG")[:20], _FORMAT),
    _picture("a PNG whose pixels are text", _png(100, 100, b"words"), _FORMAT),
    BadInput("a JPEG cut in its middle", lambda g: g.detect(g.picture[: len(g.picture) // 2]), _FORMAT),
    _picture("a JPEG 79 pixels high", jpeg(_grey(200, 79)), _PARAMETER, "Request has invalid parameters."),
    _picture("a PNG 79 pixels wide", encoded(_grey(79, 200), "PNG"), _PARAMETER),
    _picture("a PNG of one pixel", encoded(_grey(1, 1), "PNG"), _PARAMETER),
    _picture("a PNG that says it has no pixel", _png(0, 0, b""), _FORMAT),
    _picture("a PNG that says it has 10^18 pixels", _png(2**31 - 1, 2**31 - 1, b"x"), _TOO_LARGE),
    _picture("a decompression bomb", _png(30_000, 30_000, bytes(30_001 * 2_000)), _TOO_LARGE),
    _picture(
        "5 MB and a byte", jpeg(_grey(100, 100)) + bytes(_MAX_BYTES), _TOO_LARGE, "Image size is too large."
    ),
    BadInput("an empty picture", asking("DetectFaces", Image={"Bytes": ""}), "ValidationException"),
    BadInput("bytes that are no base64", asking("DetectFaces", Image={"Bytes": "%%%"}), _NO_JSON),
    BadInput("base64 without its padding", asking("DetectFaces", Image={"Bytes": "YQ"}), _NO_JSON),
    BadInput("base64 of the wrong alphabet", asking("DetectFaces", Image={"Bytes": "-_-_"}), _NO_JSON),
    BadInput("a data URL", asking("DetectFaces", Image={"Bytes": "data:image/png;base64,YQ=="}), _NO_JSON),
    BadInput("an address for bytes", asking("DetectFaces", Image={"Bytes": 7}), _NO_JSON),
    BadInput("neither bytes nor an object", asking("DetectFaces", Image={}), _PARAMETER),
    BadInput(
        "both bytes and an object",
        asking("DetectFaces", Image={"Bytes": "YQ==", "S3Object": {"Bucket": "pictures", "Name": "a"}}),
        _PARAMETER,
    ),
)

OBJECTS = (
    BadInput(
        "an object without a name",
        asking("DetectFaces", Image={"S3Object": {"Bucket": "pictures"}}),
        _PARAMETER,
    ),
    BadInput(
        "an object without a bucket", asking("DetectFaces", Image={"S3Object": {"Name": "a"}}), _PARAMETER
    ),
    BadInput("a bucket's name of two letters", lambda g: g.stored("a.jpg", "ab"), "ValidationException"),
    BadInput("a bucket that is a path", lambda g: g.stored("passwd", "/etc"), "ValidationException"),
    BadInput("an empty name", lambda g: g.stored(""), "ValidationException"),
    BadInput("a name of 1,025 characters", lambda g: g.stored("a" * 1025), "ValidationException"),
    BadInput("a bucket that is not there", lambda g: g.stored("a.jpg", "nobodys"), _OBJECT),
    BadInput(
        "an object that is not there",
        lambda g: g.stored("nobody.jpg"),
        _OBJECT,
        words="Unable to get object metadata",
    ),
    BadInput("a version where none are kept", lambda g: g.stored("collins.jpg", Version="1"), _OBJECT),
    BadInput("a folder", lambda g: g.stored("folder"), _OBJECT),
    BadInput("a way out of the bucket", lambda g: g.stored("../secret.jpg"), _OBJECT),
    BadInput(
        "a long way out of the bucket", lambda g: g.stored("folder/" + "../" * 20 + "etc/passwd"), _OBJECT
    ),
    BadInput("a path from the root", lambda g: g.stored("/etc/passwd"), _OBJECT),
    BadInput("a way out in URL encoding", lambda g: g.stored("%2e%2e/secret.jpg"), _OBJECT),
    BadInput("a way out with backslashes", lambda g: g.stored("..\\secret.jpg"), _OBJECT),
    BadInput("a link out of the bucket", lambda g: g.stored("link.jpg"), _OBJECT),
    BadInput("a name with NUL", lambda g: g.stored("collins.jpg\0.png"), _OBJECT),
    BadInput("a name of 1,024 characters of three bytes", lambda g: g.stored("€" * 1024), _OBJECT),
    BadInput("an object that is no picture", lambda g: g.stored("words.jpg"), _FORMAT),
    BadInput("an object of 15 MB and a byte", lambda g: g.stored("too-large.jpg"), _TOO_LARGE),
)

NOBODY = (
    BadInput(
        "search with a picture of nobody",
        lambda g: _searching(g, "SearchFacesByImage", empty()),
        _PARAMETER,
        words=_NO_FACES,
    ),
    BadInput(
        "a comparison from nobody", lambda g: _comparing(g, empty(), g.picture), _PARAMETER, words=_NO_FACES
    ),
    BadInput(
        "a comparison with nobody", lambda g: _comparing(g, g.picture, empty()), _PARAMETER, words=_NO_FACES
    ),
    BadInput(
        "search in a collection that is not there",
        asking("SearchFacesByImage", CollectionId="nobody", Image={"Bytes": "YQ=="}),
        "ResourceNotFoundException",
    ),
    BadInput("a picture to index that is text", lambda g: _searching(g, "IndexFaces", b"words"), _FORMAT),
    BadInput(
        "a picture to search users with that is text",
        lambda g: _searching(g, "SearchUsersByImage", b"words"),
        _FORMAT,
    ),
)


def transparent_bomb() -> bytes:
    """Return a picture within all limits that is a thousand times larger in memory than on the wire."""
    file = io.BytesIO()
    Image.new("L", (8_900, 8_900)).save(file, "PNG")
    return file.getvalue()
