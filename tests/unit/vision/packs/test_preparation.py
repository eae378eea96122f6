"""The default pack is made on first use, is always the same, and heals."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from countenance.errors import PackBroken, PackNotInstalled
from countenance.vision.packs import InstalledPack, list_packs, load_pack, prepare, verify
from countenance.vision.packs.prepared.recipes import RECIPES, REVISION, SourceFile, bake

if TYPE_CHECKING:
    from pathlib import Path

LOAD = (
    "import sys, pathlib; from countenance.vision.packs import *; {}(cache_dir=pathlib.Path(sys.argv[1]), {})"
)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def pack(cache: Path) -> InstalledPack:
    return load_pack("dlib-cc0", cache_dir=cache)


def test_the_first_use_makes_all_files(pack: InstalledPack) -> None:
    assert set(pack.paths) == {
        "proposal.onnx",
        "refinement.onnx",
        "output.onnx",
        "embedder.onnx",
        "embedder_int8.onnx",
    }
    assert all(path.is_file() for path in pack.paths.values())


def test_the_next_use_finds_them(pack: InstalledPack, cache: Path) -> None:
    before = {name: path.stat().st_mtime_ns for name, path in pack.paths.items()}
    again = load_pack("dlib-cc0", cache_dir=cache)
    assert again == pack
    assert {name: path.stat().st_mtime_ns for name, path in again.paths.items()} == before


def test_a_prepared_pack_is_loaded_without_the_packages_that_made_it(
    pack: InstalledPack, cache: Path
) -> None:
    check = "; assert not {'onnx', 'joblib', 'mtcnn', 'face_recognition_models'} & set(sys.modules)"
    command = LOAD.format("load_pack", f"name_or_path={pack.description.name!r}") + check
    assert subprocess.run([sys.executable, "-c", command, str(cache)]).returncode == 0


def test_other_processes_make_the_same_bytes_even_at_the_same_time(
    pack: InstalledPack, tmp_path: Path
) -> None:
    command = [sys.executable, "-c", LOAD.format("load_pack", "name_or_path='dlib-cc0'"), str(tmp_path)]
    processes = [subprocess.Popen(command) for _ in range(2)]
    assert [process.wait(timeout=120) for process in processes] == [0, 0]
    assert verify("dlib-cc0", cache_dir=tmp_path).sha256 == pack.sha256
    kept = {path.name for path in (tmp_path / "dlib-cc0" / "1").iterdir()}
    assert kept == {*pack.paths, "manifest.json"}


@pytest.mark.parametrize(
    "damage", ["altered", "shortened", "missing", "manifest altered", "manifest missing"]
)
def test_a_damaged_file_is_made_anew(pack: InstalledPack, cache: Path, damage: str) -> None:
    path = pack.paths["proposal.onnx"]
    path = path.with_name("manifest.json") if "manifest" in damage else path
    content = path.read_bytes()
    if "missing" in damage:
        path.unlink()
    else:
        path.write_bytes(content[:-1] if damage == "shortened" else b"x" + content[1:])
    with pytest.raises((PackBroken, PackNotInstalled), match="countenance models prepare dlib-cc0"):
        verify("dlib-cc0", cache_dir=cache)
    assert load_pack("dlib-cc0", cache_dir=cache).sha256 == pack.sha256
    assert verify("dlib-cc0", cache_dir=cache).sha256 == pack.sha256


def test_a_process_killed_while_it_prepares_leaves_a_cache_that_heals(
    pack: InstalledPack, tmp_path: Path
) -> None:
    # It dies when it would give the second file its name.
    dying = (
        "import os, pathlib; rename = pathlib.Path.replace; names = []\n"
        "def replace(self, target):\n"
        "    names.append(target) or len(names) > 1 and os._exit(9)\n"
        "    return rename(self, target)\n"
        "pathlib.Path.replace = replace\n"
    )
    command = dying + LOAD.format("load_pack", "name_or_path='dlib-cc0'")
    assert subprocess.run([sys.executable, "-c", command, str(tmp_path)]).returncode == 9
    with pytest.raises((PackBroken, PackNotInstalled)):
        verify("dlib-cc0", cache_dir=tmp_path)
    assert load_pack("dlib-cc0", cache_dir=tmp_path).sha256 == pack.sha256


def test_preparing_again_gives_the_same_files(pack: InstalledPack, cache: Path) -> None:
    assert prepare(cache_dir=cache).sha256 == pack.sha256


def test_files_of_an_older_revision_are_made_anew(pack: InstalledPack, cache: Path) -> None:
    manifest = pack.paths["proposal.onnx"].with_name("manifest.json")
    before = manifest.read_text()
    manifest.write_text(before.replace(f"revision {REVISION}", "revision 0"))
    with pytest.raises(PackBroken, match="run: countenance models prepare"):
        verify("dlib-cc0", cache_dir=cache)
    load_pack("dlib-cc0", cache_dir=cache)
    assert manifest.read_text() == before


def test_the_list_says_what_is_installed(pack: InstalledPack, cache: Path) -> None:
    installed = {entry.description.name for entry in list_packs(cache_dir=cache) if entry.installed}
    assert installed == {pack.description.name}


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(PackNotInstalled, match="COUNTENANCE_CACHE_DIR"):
        load_pack("dlib-cc0", cache_dir=tmp_path / "packs")


def test_a_file_in_the_way_of_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "packs").write_text("in the way")
    with pytest.raises(PackNotInstalled, match="cannot be written"):
        load_pack("dlib-cc0", cache_dir=tmp_path / "packs")


def test_a_source_that_is_not_installed_is_named_with_its_command() -> None:
    missing = SourceFile("no-such-package-of-weights", "1.0", "weights.bin", "0" * 64)
    with pytest.raises(PackNotInstalled, match=r"pip install .* no-such-package-of-weights==1\.0"):
        missing.read()


def test_an_altered_source_is_refused() -> None:
    source = RECIPES["mtcnn-proposal"]
    altered = SourceFile(source.distribution, source.version, source.path, "0" * 64)
    with pytest.raises(PackBroken, match=r"not the file of version 1\.0\.0"):
        altered.read()


def test_an_unknown_recipe_is_answered_with_the_known_ones() -> None:
    with pytest.raises(PackBroken, match="choose one of mtcnn-proposal"):
        bake("soup")
