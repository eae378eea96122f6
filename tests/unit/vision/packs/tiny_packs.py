"""Descriptions of small packs for tests, and the files that they name."""

from __future__ import annotations

import hashlib
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

DETECTOR = b"the detector's graph"
EMBEDDER = b"the embedder's graph, a little longer"

_DESCRIPTION = """
name = "{name}"
version = "1"
summary = "A pack for tests"
licence = {{ spdx = "MIT", url = "https://example.org/licence", needs_acceptance = {needs_acceptance} }}
detector = {{ kind = "yunet", files = {{ network = "detector.onnx" }} }}
{archive}
[embedder]
files = {{ float32 = "embedder.onnx" }}
input_px = 112
dimension = 128
layout = "planes"
template = [[38, 52], [74, 52], [56, 72], [42, 92], [71, 92]]

[files]
"detector.onnx" = {detector}
"embedder.onnx" = {embedder}
"""


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def describe(
    folder: Path, *, detector: str, embedder: str, archive: str = "", needs_acceptance: bool = False
) -> Path:
    """Write a description whose two files have the given origins."""
    path = folder / "pack.toml"
    text = _DESCRIPTION.format(
        name="tiny",
        detector=detector,
        embedder=embedder,
        archive=archive,
        needs_acceptance=str(needs_acceptance).lower(),
    )
    path.write_text(text)
    return path


def downloaded(folder: Path, *, detector_sha256: str | None = None, needs_acceptance: bool = False) -> Path:
    """Describe a pack whose two files are fetched; only the detector's checksum is known."""
    address, pinned = "https://example.org/files", detector_sha256 or sha256(DETECTOR)
    return describe(
        folder,
        detector=f'{{ url = "{address}/detector.onnx", sha256 = "{pinned}", most_bytes = 100 }}',
        embedder=f'{{ url = "{address}/embedder.onnx", most_bytes = 100 }}',
        needs_acceptance=needs_acceptance,
    )


def archived(folder: Path, *, most_bytes: int = 100) -> Path:
    """Describe a pack whose two files lie in one zip file."""
    member = f"{{ in_archive = true, most_bytes = {most_bytes} }}"
    archive = 'archive = { url = "https://example.org/files/models.zip", most_bytes = 10_000 }'
    return describe(folder, detector=member, embedder=member, archive=archive)


def write_zip(path: Path, **members: bytes) -> Path:
    """Write a zip file; a double underscore in a name stands for a dot, a triple one for a slash."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("___", "/").replace("__", "."), content)
    return path
