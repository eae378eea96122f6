"""Pictures are read from memory and from regular local files; anything else is refused with its name."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from image_files import colourful, encoded

from countenance.errors import ImageNotReadable, ImageTooLarge
from countenance.images import ImageLimits, open_image

if TYPE_CHECKING:
    from countenance.images.source import Source

PIXELS = colourful(12, 9)
DATA = encoded(PIXELS, "PNG")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "Zoë 1.png"
    path.write_bytes(DATA)
    return path


@pytest.mark.parametrize(
    "source", [DATA, bytearray(DATA), memoryview(DATA), memoryview(DATA + DATA)[: len(DATA)]]
)
def test_bytes_of_any_kind_are_read(source: Source) -> None:
    np.testing.assert_array_equal(open_image(source).decode().pixels, PIXELS)


def test_a_path_is_read(file: Path) -> None:
    for source in (file, str(file)):
        np.testing.assert_array_equal(open_image(source).decode().pixels, PIXELS)


def test_a_photograph_keeps_its_picture_when_the_source_changes(file: Path) -> None:
    buffer = bytearray(DATA)
    photographs = [open_image(buffer), open_image(file)]
    buffer[:] = bytes(len(buffer))
    file.write_bytes(b"")
    for photograph in photographs:
        np.testing.assert_array_equal(photograph.decode().pixels, PIXELS)


def test_a_large_file_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "sparse"
    with path.open("wb") as file:
        file.truncate(10**12)
    with pytest.raises(ImageTooLarge, match=r"1,000,000,000,000 bytes; the limit is 52,428,800 bytes"):
        open_image(path)


@pytest.mark.skipif(
    not Path("/proc/self/maps").exists(), reason="no file here claims fewer bytes than it has"
)
def test_a_file_that_claims_too_few_bytes_is_refused_all_the_same() -> None:
    with pytest.raises(ImageTooLarge, match=r"101 bytes; the limit is 100 bytes"):
        open_image("/proc/self/maps", ImageLimits(max_bytes=100))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ImageNotReadable, match=r"image '.*nowhere.png' cannot be read: No such file"):
        open_image(tmp_path / "nowhere.png")


def test_a_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImageNotReadable, match="Is a directory"):
        open_image(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_and_a_device_are_refused_without_waiting(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for source in (pipe, "/dev/zero"):
        with pytest.raises(ImageNotReadable, match="is not a regular file; give the path of a picture"):
            open_image(source)


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may read everything"
)
def test_an_unreadable_file_is_refused(file: Path) -> None:
    file.chmod(0)
    with pytest.raises(ImageNotReadable, match="Permission denied"):
        open_image(file)


@pytest.mark.parametrize("path", ["a\x00b.png", "x" * 5000, "\udcff\ud800"])
def test_an_impossible_path_is_refused(path: str) -> None:
    with pytest.raises(ImageNotReadable, match="cannot be read"):
        open_image(path)


@pytest.mark.parametrize("address", ["https://example.org/face.jpg", "file:///etc/hostname"])
def test_an_address_is_never_fetched(address: str) -> None:
    with pytest.raises(ImageNotReadable, match="No such file"):
        open_image(address)


@pytest.mark.parametrize("source", [0, None, 3.5, [DATA]])
def test_other_objects_are_refused(source: object) -> None:
    with pytest.raises(ImageNotReadable, match="give its bytes or the path of its file"):
        open_image(source)  # type: ignore[arg-type]
