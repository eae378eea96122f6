"""The folder of one pack's files, and the manifest that says what they should be.

Each file is written under another name, flushed to the disk and then renamed; the manifest comes last. So a
process that is killed leaves the old file or the new one, and a folder whose files fit its manifest is
complete. Two processes that prepare a pack at once write the same bytes: whose rename comes last does not
matter, and nobody needs a lock.
"""

import contextlib
import hashlib
import io
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from pydantic import BaseModel, ConfigDict, ValidationError

from countenance.errors import PackBroken, PackNotInstalled
from countenance.vision.packs.description import PackDescription

_MANIFEST = "manifest.json"
_CHUNK_BYTES = 1 << 20


class FileRecord(BaseModel):
    """What a file was when it was written; ``origin`` says where it came from."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sha256: str
    size_bytes: int
    origin: str


class Manifest(BaseModel):
    """The files of a pack, and whether somebody accepted its licence."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    files: Mapping[str, FileRecord] = {}
    licence_accepted: bool = False


class PackFolder:
    """The folder ``<cache>/<name>/<version>``."""

    def __init__(self, cache_dir: Path, description: PackDescription) -> None:
        self.path = cache_dir / description.name / description.version

    def manifest(self) -> Manifest:
        """Return the manifest; an empty one where there is none that can be read."""
        try:
            return Manifest.model_validate_json((self.path / _MANIFEST).read_bytes())
        except (OSError, ValidationError):
            return Manifest()

    def write_manifest(self, manifest: Manifest) -> None:
        """Write the manifest, which makes the files that it names the pack's."""
        content = manifest.model_dump_json(indent=2).encode()
        self.store(_MANIFEST, io.BytesIO(content), origin="")

    def store(
        self,
        name: str,
        source: IO[bytes],
        *,
        origin: str,
        most_bytes: int | None = None,
        sha256: str | None = None,
    ) -> FileRecord:
        """Copy a stream into the folder under a name, all of it or nothing.

        Raises:
            PackBroken: the stream is longer than ``most_bytes`` or has another sha256.
            PackNotInstalled: the folder cannot be written.
        """
        unfinished = self.path / f".{name}.{os.getpid()}.{secrets.token_hex(4)}"
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            with unfinished.open("xb") as file:
                record = copy_limited(source, file, name, most_bytes, origin)
                file.flush()
                os.fsync(file.fileno())
            if sha256 not in (None, record.sha256):
                raise PackBroken(
                    f"{name} has sha256 {record.sha256}, not {sha256}; fetch it where it is published"
                )
            unfinished.replace(self.path / name)
        except OSError as error:
            raise PackNotInstalled(
                f"{self.path} cannot be written ({error.strerror}); "
                "free space there or choose another folder (cache_dir, COUNTENANCE_CACHE_DIR)"
            ) from error
        finally:
            with contextlib.suppress(OSError):
                unfinished.unlink()
        return record


def record_of(path: Path, origin: str) -> FileRecord | None:
    """Return what a file is; None where there is none that can be read."""
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256")
            return FileRecord(sha256=digest.hexdigest(), size_bytes=file.tell(), origin=origin)
    except OSError:
        return None


def copy_limited(
    source: IO[bytes], target: IO[bytes], name: str, most_bytes: int | None, origin: str = ""
) -> FileRecord:
    """Copy a stream and say what was copied; raises PackBroken beyond the limit."""
    digest, size = hashlib.sha256(), 0
    while chunk := source.read(_CHUNK_BYTES):
        size += len(chunk)
        if most_bytes is not None and size > most_bytes:
            raise PackBroken(f"{name} is longer than {most_bytes} bytes, the limit in its pack's description")
        digest.update(chunk)
        target.write(chunk)
    return FileRecord(sha256=digest.hexdigest(), size_bytes=size, origin=origin)
