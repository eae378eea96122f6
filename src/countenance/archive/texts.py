"""Texts from outside as they may be kept: ids that every door can name, and lines without control characters.

All functions raise `ManifestInvalid` with a reason that is meant for the row or file that the text is in.
"""

from __future__ import annotations

import os.path
import re
import unicodedata
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from countenance.archive.values import ExternalIds, LocalFile, WebAddress
from countenance.errors import ManifestInvalid
from countenance.images.sources import StoredObject

if TYPE_CHECKING:
    from countenance.archive.values import Place

# Amazon's patterns of ExternalImageId and UserId: what does not fit could be neither searched for nor erased
# through its API or `/v1`.
_ID = re.compile(r"[a-zA-Z0-9_.\-:]+")
_LONGEST_EXTERNAL_ID, _LONGEST_USER_ID = 255, 128
_UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_BUCKET = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9.\-_:/]{1,254}")
_LONGEST_KEY_BYTES = 1024
_LONGEST_PATH = 4096
_LONGEST_ADDRESS = 4096
_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.\-]*://")


def plain(text: str) -> str:
    r"""Return text that every database and terminal takes: one line, what is no character as ``\udcff``."""
    kept = text.encode(errors="backslashreplace").decode()
    kept = "".join(" " if unicodedata.category(character) == "Cc" else character for character in kept)
    return " ".join(kept.split())


def as_external_id(text: str) -> str:
    """Return an external image id."""
    return _as_id(text, "external_image_id", _LONGEST_EXTERNAL_ID)


def as_user_id(text: str) -> str:
    """Return a user id."""
    return _as_id(text, "user_id", _LONGEST_USER_ID)


def as_consent_id(text: str) -> str:
    """Return the id of a consent."""
    if not _UUID.fullmatch(text):
        raise ManifestInvalid(f"consent_id {text[:40]!r} is no id of a consent, which is a UUID")
    return text


def external_id_of(path: str, root: str, kind: ExternalIds) -> str | None:
    """Return the external image id that a file's path gives it, None where it is to have none.

    Args:
        path: below the folder or prefix that was named, with slashes.
        root: the name of that folder or prefix, for what lies in it directly.
        kind: what it is taken from. Spaces become underscores; else it must be an id as it is.
    """
    if kind is ExternalIds.NONE:
        return None
    parts = PurePosixPath(path)
    name = parts.stem if kind is ExternalIds.STEM else (parts.parent.name or root)
    return as_external_id("_".join(unicodedata.normalize("NFC", name).split()))


def place_of(text: str, folder: str) -> Place:
    """Return where a picture lies that a list names: a path, ``s3://bucket/key`` or an address.

    Args:
        text: what the list says.
        folder: the list's own folder, where relative paths start.
    """
    if not text or "\0" in text:
        raise ManifestInvalid("path is empty" if not text else "path holds a NUL")
    scheme = _SCHEME.match(text)
    if scheme is None:
        if len(text) > _LONGEST_PATH:
            raise ManifestInvalid(f"path has {len(text):,} characters; the limit is {_LONGEST_PATH:,}")
        return LocalFile(os.path.join(folder, text))  # noqa: PTH118 - a tenth of the time, a million times
    if scheme.group().lower() == "s3://":
        bucket, prefix = bucket_and_key(text)
        if not prefix:
            raise ManifestInvalid(f"{text!r} names no object; write s3://bucket/key")
        return StoredObject(bucket, prefix)
    return web_address(text)


def web_address(text: str) -> WebAddress:
    """Return an address of the web, well-formed; whether it may be fetched from is decided later."""
    if len(text) > _LONGEST_ADDRESS:
        raise ManifestInvalid(f"an address has {len(text):,} characters; the limit is {_LONGEST_ADDRESS:,}")
    if not is_web_address(text):
        raise ManifestInvalid(f"{text[:200]!r} is no address that is fetched from; use http:// or https://")
    return WebAddress(text)


def is_web_address(text: str) -> bool:
    """Tell whether a text is an http or https address of a host."""
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and text.isprintable()
    except ValueError:
        return False


def bucket_and_key(text: str) -> tuple[str, str]:
    """Return the bucket and the key, or prefix, of ``s3://bucket/key``."""
    bucket, _, key = text[len("s3://") :].partition("/")
    if not _BUCKET.fullmatch(bucket) or len(key.encode(errors="surrogatepass")) > _LONGEST_KEY_BYTES:
        raise ManifestInvalid(f"{text[:200]!r} is no object in a bucket; write s3://bucket/key")
    return bucket, key


def tags_of(text: str) -> dict[str, str]:
    """Return tags that are written ``name=value;name=value``."""
    tags = {}
    for part in filter(None, (each.strip() for each in text.split(";"))):
        name, equals, value = (each.strip() for each in part.partition("="))
        if not equals or not name:
            raise ManifestInvalid(f"tags hold {part[:80]!r}; write name=value, with ; between them")
        tags[plain(name)] = plain(value)
    return tags


def _as_id(text: str, what: str, longest: int) -> str:
    if len(text) > longest:
        raise ManifestInvalid(f"{what} has {len(text)} characters; the limit is {longest}")
    if not _ID.fullmatch(text):
        raise ManifestInvalid(
            f"{what} {text[:80]!r} may hold only letters a–z, digits and _ . - : (as in Amazon's API); "
            "give another one in a manifest"
        )
    return text
