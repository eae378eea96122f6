"""Where the files of a pack come from when it is installed: the network, or what somebody brought.

Nothing is unpacked: of a zip file only the wanted members are read, by name and up to their size limit, so no
path inside an archive can lead out of the pack's folder.
"""

from __future__ import annotations

import http.client
import lzma
import struct
import tempfile
import urllib.request
import zipfile
import zlib
from collections.abc import Collection, Iterator
from pathlib import Path, PurePosixPath
from typing import IO, Protocol
from urllib.parse import urlsplit

from countenance.errors import PackBroken, PackNotInstalled
from countenance.vision.packs.cache import copy_limited
from countenance.vision.packs.description import Download, Member, Origin, PackDescription

_TIMEOUT_SECONDS = 60.0
# What damaged archives raise: RuntimeError also stands for encryption and for unknown compressions.
_ZIP_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    RuntimeError,
    EOFError,
    OSError,
    ValueError,
    struct.error,
)

Files = Iterator[tuple[str, IO[bytes]]]


class Opener(Protocol):
    """What is needed of `urllib.request.OpenerDirector`."""

    def open(self, fullurl: str, data: None = None, timeout: float = ...) -> IO[bytes]:
        """Open an address for reading."""
        ...


def from_network(
    description: PackDescription, wanted: Collection[str], opener: Opener | None = None
) -> Files:
    """Yield the name and contents of each wanted file, fetched over https.

    Raises:
        PackNotInstalled: an address cannot be reached.
        PackBroken: what it sends is too long, or the archive is not the described one.
    """
    opener = opener or urllib.request.build_opener(HttpsOnly())
    for name in wanted:
        origin = description.files[name]
        if isinstance(origin, Download):
            with tempfile.TemporaryFile() as fetched:
                _fetch(origin, name, fetched, opener)
                yield name, fetched
    members = [name for name in wanted if isinstance(description.files[name], Member)]
    if members and description.archive:
        with tempfile.TemporaryFile() as fetched:
            archive_name = _last_part(description.archive.url)
            _fetch(description.archive, archive_name, fetched, opener)
            yield from _from_zip(fetched, archive_name, description, members)


def from_path(path: Path, description: PackDescription, wanted: Collection[str]) -> Files:
    """Yield the name and contents of each wanted file that somebody brought.

    Args:
        path: a folder with the files or the pack's archive in it; a zip file; or the one file that is wanted.
        description: the pack.
        wanted: the names of the files.

    Raises:
        PackNotInstalled: a wanted file is not there.
        PackBroken: the zip file cannot be read.
    """
    for name in wanted:
        file = _brought(path, name, description, alone=len(wanted) == 1)
        if file is None:
            raise PackNotInstalled(f"{path} does not hold {name}, which pack {description.name} needs")
        if file.suffix == ".zip":
            yield from _from_zip(file, file.name, description, [name])
        else:
            with file.open("rb") as stream:
                yield name, stream


def _brought(path: Path, name: str, description: PackDescription, *, alone: bool) -> Path | None:
    """Return the file that is ``name`` or the zip file that holds it."""
    if path.is_file():
        return path if path.suffix == ".zip" or path.name == name or alone else None
    candidates = [path / name]
    if description.archive:
        candidates.append(path / _last_part(description.archive.url))
    return next((file for file in candidates if file.is_file()), None)


def _from_zip(
    archive: Path | IO[bytes], archive_name: str, description: PackDescription, wanted: Collection[str]
) -> Files:
    try:
        with zipfile.ZipFile(archive) as opened:
            for name in wanted:
                with tempfile.TemporaryFile() as taken:
                    _take(opened, archive_name, name, taken, description.files[name])
                    yield name, taken
    except _ZIP_ERRORS as error:
        raise PackBroken(f"{archive_name} cannot be read as a zip file ({error}); fetch it again") from error


def _take(opened: zipfile.ZipFile, archive_name: str, name: str, target: IO[bytes], origin: Origin) -> None:
    """Copy a member, wherever in the archive it lies."""
    members = [info for info in opened.infolist() if PurePosixPath(info.filename).name == name]
    if len(members) != 1:
        raise PackBroken(f"{archive_name} has {len(members)} members called {name}; it should have one")
    limit = origin.most_bytes if isinstance(origin, Download | Member) else None
    with opened.open(members[0]) as stream:
        copy_limited(stream, target, name, limit)
    target.seek(0)


class HttpsOnly(urllib.request.HTTPRedirectHandler):
    """Follows redirects to https addresses only."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        """Refuse an address that is not https."""
        if urlsplit(newurl).scheme != "https":
            raise PackBroken(
                f"{req.full_url} leads to {newurl}, which is not https; fetch the file by other means"
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _fetch(download: Download, name: str, target: IO[bytes], opener: Opener) -> None:
    try:
        with opener.open(download.url, timeout=_TIMEOUT_SECONDS) as response:
            record = copy_limited(response, target, name, download.most_bytes)
    except (OSError, http.client.HTTPException) as error:
        raise PackNotInstalled(
            f"{download.url} could not be fetched ({error}); "
            "try again, or fetch it elsewhere and install from the file"
        ) from error
    if download.sha256 not in (None, record.sha256):
        raise PackBroken(
            f"{download.url} sent a file of sha256 {record.sha256}, not {download.sha256}; try again"
        )
    target.seek(0)


def _last_part(url: str) -> str:
    return PurePosixPath(urlsplit(url).path).name
