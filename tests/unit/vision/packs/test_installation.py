"""Packs that are fetched or brought: checked, never overwritten unasked, never without their licence."""

from __future__ import annotations

import http.client
import http.server
import io
import tempfile
import threading
import urllib.request
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING

import pytest
import tiny_packs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tiny_packs import DETECTOR, EMBEDDER

from countenance.errors import LicenceNotAccepted, PackBroken, PackNotInstalled
from countenance.vision.packs import install, load_pack, verify
from countenance.vision.packs.supplies import HttpsOnly

if TYPE_CHECKING:
    from collections.abc import Iterator


class Mirror:
    """Opens addresses of https://example.org on a real server on this machine."""

    def __init__(self, port: int) -> None:
        self._port = port

    def open(self, fullurl: str, data: None = None, timeout: float = 10) -> IO[bytes]:
        assert fullurl.startswith("https://example.org/files/")
        address = fullurl.replace("https://example.org/files", f"http://127.0.0.1:{self._port}")
        response: IO[bytes] = urllib.request.build_opener().open(address, data, timeout)
        return response


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture
def served(tmp_path: Path) -> Path:
    """The folder that the server shows."""
    folder = tmp_path / "served"
    folder.mkdir()
    (folder / "detector.onnx").write_bytes(DETECTOR)
    (folder / "embedder.onnx").write_bytes(EMBEDDER)
    return folder


@pytest.fixture
def mirror(served: Path) -> Iterator[Mirror]:
    handler = partial(QuietHandler, directory=str(served))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Mirror(server.server_address[1])
        server.shutdown()


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def contents(pack_files: dict[str, Path]) -> dict[str, bytes]:
    return {name: path.read_bytes() for name, path in pack_files.items()}


def test_files_are_fetched_and_kept(tmp_path: Path, mirror: Mirror, cache: Path) -> None:
    path = tiny_packs.downloaded(tmp_path)
    installed = install(path, cache_dir=cache, opener=mirror)
    assert contents(dict(installed.paths)) == {"detector.onnx": DETECTOR, "embedder.onnx": EMBEDDER}
    assert load_pack(path, cache_dir=cache) == verify(path, cache_dir=cache) == installed
    assert installed.sha256["embedder.onnx"] == tiny_packs.sha256(EMBEDDER)


def test_nothing_is_fetched_unasked(tmp_path: Path, cache: Path) -> None:
    with pytest.raises(PackNotInstalled, match="run: countenance models install tiny"):
        load_pack(tiny_packs.downloaded(tmp_path), cache_dir=cache)
    assert not cache.exists()


def test_a_file_of_another_checksum_is_refused(tmp_path: Path, mirror: Mirror, cache: Path) -> None:
    path = tiny_packs.downloaded(tmp_path, detector_sha256="0" * 64)
    with pytest.raises(PackBroken, match="sha256"):
        install(path, cache_dir=cache, opener=mirror)
    with pytest.raises(PackNotInstalled):
        load_pack(path, cache_dir=cache)


def test_a_file_beyond_its_limit_is_refused(
    tmp_path: Path, mirror: Mirror, served: Path, cache: Path
) -> None:
    (served / "embedder.onnx").write_bytes(bytes(101))
    with pytest.raises(PackBroken, match=r"embedder\.onnx is longer than 100 bytes"):
        install(tiny_packs.downloaded(tmp_path), cache_dir=cache, opener=mirror)


def test_an_address_without_a_file_is_named(
    tmp_path: Path, mirror: Mirror, served: Path, cache: Path
) -> None:
    (served / "embedder.onnx").unlink()
    with pytest.raises(PackNotInstalled, match=r"embedder\.onnx could not be fetched .*404"):
        install(tiny_packs.downloaded(tmp_path), cache_dir=cache, opener=mirror)


def test_a_redirect_away_from_https_is_refused() -> None:
    request = urllib.request.Request("https://example.org/files/detector.onnx")
    headers = http.client.HTTPMessage()
    with pytest.raises(PackBroken, match="not https"):
        HttpsOnly().redirect_request(
            request, io.BytesIO(), 302, "Found", headers, "http://example.org/detector.onnx"
        )
    followed = HttpsOnly().redirect_request(
        request, io.BytesIO(), 302, "Found", headers, "https://example.com/detector.onnx"
    )
    assert followed is not None


def test_an_altered_download_is_refused_and_fetched_again_when_asked(
    tmp_path: Path, mirror: Mirror, cache: Path
) -> None:
    path = tiny_packs.downloaded(tmp_path)
    installed = install(path, cache_dir=cache, opener=mirror)
    installed.paths["embedder.onnx"].write_bytes(EMBEDDER.upper())
    with pytest.raises(PackBroken, match="run: countenance models install tiny"):
        load_pack(path, cache_dir=cache)
    assert install(path, cache_dir=cache, opener=mirror) == installed


def test_a_licence_that_wants_acceptance_is_named_with_the_flag(
    tmp_path: Path, mirror: Mirror, cache: Path
) -> None:
    path = tiny_packs.downloaded(tmp_path, needs_acceptance=True)
    with pytest.raises(LicenceNotAccepted, match=r"MIT .*--accept-licence"):
        install(path, cache_dir=cache, opener=mirror)
    installed = install(path, accept_licence=True, cache_dir=cache, opener=mirror)
    # Accepted once is enough to repair it.
    installed.paths["detector.onnx"].unlink()
    assert install(path, cache_dir=cache, opener=mirror) == installed


def test_a_folder_of_files_can_be_brought(tmp_path: Path, served: Path, cache: Path) -> None:
    installed = install(tiny_packs.downloaded(tmp_path), from_file=served, cache_dir=cache)
    assert contents(dict(installed.paths)) == {"detector.onnx": DETECTOR, "embedder.onnx": EMBEDDER}


def test_the_one_missing_file_can_be_brought_under_any_name(
    tmp_path: Path, served: Path, cache: Path
) -> None:
    path = tiny_packs.downloaded(tmp_path)
    installed = install(path, from_file=served, cache_dir=cache)
    installed.paths["embedder.onnx"].unlink()
    brought = tmp_path / "my copy.onnx"
    brought.write_bytes(EMBEDDER)
    assert install(path, from_file=brought, cache_dir=cache) == installed


def test_what_is_missing_from_a_folder_is_named(tmp_path: Path, served: Path, cache: Path) -> None:
    (served / "embedder.onnx").unlink()
    with pytest.raises(PackNotInstalled, match=r"does not hold embedder\.onnx"):
        install(tiny_packs.downloaded(tmp_path), from_file=served, cache_dir=cache)


@pytest.mark.parametrize("way", ["fetched", "brought", "in a folder"])
def test_files_are_taken_from_an_archive(
    tmp_path: Path, served: Path, mirror: Mirror, cache: Path, way: str
) -> None:
    archive = tiny_packs.write_zip(
        served / "models.zip", models___detector__onnx=DETECTOR, models___embedder__onnx=EMBEDDER
    )
    for name in ("detector.onnx", "embedder.onnx"):
        (served / name).unlink()
    brought = {"fetched": None, "brought": archive, "in a folder": served}[way]
    path = tiny_packs.archived(tmp_path)
    installed = install(path, from_file=brought, cache_dir=cache, opener=mirror)
    assert contents(dict(installed.paths)) == {"detector.onnx": DETECTOR, "embedder.onnx": EMBEDDER}


def test_an_archive_cannot_write_outside_its_folder(tmp_path: Path, cache: Path) -> None:
    archive = tiny_packs.write_zip(
        tmp_path / "models.zip",
        **{"..______..___detector__onnx": DETECTOR, "___embedder__onnx": EMBEDDER, "..___evil__sh": b"rm"},
    )
    before = set(tmp_path.rglob("*"))
    install(tiny_packs.archived(tmp_path), from_file=archive, cache_dir=cache)
    new = set(tmp_path.rglob("*")) - before - {tmp_path / "pack.toml"}
    assert all(path == cache or cache in path.parents for path in new)


def test_a_zip_bomb_is_refused_at_its_limit(tmp_path: Path, cache: Path) -> None:
    archive = tiny_packs.write_zip(
        tmp_path / "models.zip", detector__onnx=bytes(50_000_000), embedder__onnx=EMBEDDER
    )
    assert archive.stat().st_size < 100_000
    with pytest.raises(PackBroken, match=r"detector\.onnx is longer than 100 bytes"):
        install(tiny_packs.archived(tmp_path), from_file=archive, cache_dir=cache)


def test_an_archive_with_two_members_of_a_name_is_refused(tmp_path: Path, cache: Path) -> None:
    archive = tiny_packs.write_zip(
        tmp_path / "models.zip", a___detector__onnx=DETECTOR, b___detector__onnx=b"", embedder__onnx=EMBEDDER
    )
    with pytest.raises(PackBroken, match=r"2 members called detector\.onnx"):
        install(tiny_packs.archived(tmp_path), from_file=archive, cache_dir=cache)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.6, 0.9])
def test_a_shortened_archive_is_refused(tmp_path: Path, cache: Path, share: float) -> None:
    archive = tiny_packs.write_zip(tmp_path / "models.zip", detector__onnx=DETECTOR, embedder__onnx=EMBEDDER)
    content = archive.read_bytes()
    archive.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(PackBroken, match="zip"):
        install(tiny_packs.archived(tmp_path), from_file=archive, cache_dir=cache)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(position=st.integers(0, 280), value=st.integers(0, 255))
def test_an_altered_archive_gives_the_same_files_or_is_refused(
    tmp_path: Path, position: int, value: int
) -> None:
    archive = tiny_packs.write_zip(tmp_path / "models.zip", detector__onnx=DETECTOR, embedder__onnx=EMBEDDER)
    content = bytearray(archive.read_bytes())
    content[position] = value
    archive.write_bytes(content)
    with tempfile.TemporaryDirectory(dir=tmp_path) as cache:
        try:
            pack = install(tiny_packs.archived(tmp_path), from_file=archive, cache_dir=Path(cache))
        except PackBroken:
            return
        assert contents(dict(pack.paths)) == {"detector.onnx": DETECTOR, "embedder.onnx": EMBEDDER}


def test_files_beside_a_description_are_used_where_they_lie(tmp_path: Path, cache: Path) -> None:
    pinned = f'{{ beside = true, sha256 = "{tiny_packs.sha256(EMBEDDER)}" }}'
    path = tiny_packs.describe(tmp_path, detector="{ beside = true }", embedder=pinned)
    with pytest.raises(PackNotInstalled, match="put the described file there"):
        load_pack(path, cache_dir=cache)
    (tmp_path / "detector.onnx").write_bytes(DETECTOR)
    (tmp_path / "embedder.onnx").write_bytes(EMBEDDER)
    assert load_pack(path, cache_dir=cache).paths["detector.onnx"] == tmp_path / "detector.onnx"
    (tmp_path / "embedder.onnx").write_bytes(b"another")
    with pytest.raises(PackBroken, match="put the described file there"):
        load_pack(path, cache_dir=cache)


def test_recipes_and_own_files_may_be_mixed(tmp_path: Path, cache: Path) -> None:
    (tmp_path / "embedder.onnx").write_bytes(EMBEDDER)
    path = tiny_packs.describe(
        tmp_path, detector='{ recipe = "mtcnn-proposal" }', embedder="{ beside = true }"
    )
    assert load_pack(path, cache_dir=cache).paths["detector.onnx"].is_relative_to(cache)


@pytest.mark.shared
def test_the_real_detector_can_be_brought(shared: Path, cache: Path) -> None:
    brought = shared / "models" / "yunet_n_dynamic.onnx"
    installed = install("dlib-yunet", from_file=brought, cache_dir=cache)
    assert installed.paths["yunet_n_dynamic.onnx"].read_bytes() == brought.read_bytes()
    assert load_pack("dlib-yunet", cache_dir=cache) == installed
