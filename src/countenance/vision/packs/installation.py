"""Brings packs onto this machine and finds them there again.

Every file is checked, whole, whenever a pack is loaded: sha256 takes 17 ms for the default pack's 36 MB, less
than starting ONNX Runtime. What is damaged and can be made here is made anew; what was fetched is never
replaced unasked.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import platformdirs

from countenance.errors import LicenceNotAccepted, PackBroken, PackNotInstalled
from countenance.vision.packs.cache import FileRecord, Manifest, PackFolder, record_of
from countenance.vision.packs.description import (
    Beside,
    DescribedPack,
    Download,
    Member,
    Origin,
    PackDescription,
    Recipe,
    catalogue,
    find_pack,
)
from countenance.vision.packs.prepared.recipes import REVISION, bake
from countenance.vision.packs.supplies import Files, Opener, from_network, from_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class InstalledPack:
    """A pack whose files are on this machine and are what they should be."""

    description: PackDescription
    paths: Mapping[str, Path]
    sha256: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ListedPack:
    """A pack of the catalogue and whether its files are there (not yet whether they are whole)."""

    description: PackDescription
    installed: bool


def load_pack(name_or_path: str | Path, *, cache_dir: Path | None = None) -> InstalledPack:
    """Return a pack that is ready for use, making on first use what is made on this machine.

    Args:
        name_or_path: a name from the catalogue or the path of a ``pack.toml``.
        cache_dir: the folder of packs; by default the user's cache.

    Raises:
        PackUnknown: there is no such pack.
        PackNotInstalled: files must be fetched first.
        PackBroken: files are damaged that cannot be made here.
    """
    shelf = _Shelf(find_pack(name_or_path), cache_dir)
    shelf.insist_on(shelf.unfit, but_recipes=True)
    shelf.keep(shelf.baked(shelf.unfit))
    return shelf.installed()


def prepare(name_or_path: str | Path = "dlib-cc0", *, cache_dir: Path | None = None) -> InstalledPack:
    """Make all files of a pack that are made on this machine, also those that are there already.

    Raises:
        PackError: as `load_pack`.
    """
    shelf = _Shelf(find_pack(name_or_path), cache_dir)
    shelf.insist_on(shelf.unfit, but_recipes=True)
    shelf.keep(shelf.baked(shelf.description.files))
    return shelf.installed()


def install(
    name_or_path: str | Path,
    *,
    from_file: Path | None = None,
    accept_licence: bool = False,
    cache_dir: Path | None = None,
    opener: Opener | None = None,
) -> InstalledPack:
    """Fetch the files of a pack that are not there or damaged, and make the others.

    Args:
        name_or_path: a name from the catalogue or the path of a ``pack.toml``.
        from_file: a folder, a zip file or a model file to take them from instead of the network.
        accept_licence: whether the user accepts a licence that wants to be accepted.
        cache_dir: the folder of packs; by default the user's cache.
        opener: opens addresses; by default with the proxies that the environment names.

    Raises:
        LicenceNotAccepted: the licence wants to be accepted first.
        PackNotInstalled: a file cannot be had.
        PackBroken: a file is not the described one.
    """
    shelf = _Shelf(find_pack(name_or_path), cache_dir)
    if not accept_licence:
        shelf.insist_on_licence()
    wanted = [name for name in shelf.unfit if isinstance(shelf.description.files[name], Download | Member)]
    if from_file is None:
        files = from_network(shelf.description, wanted, opener)
    else:
        files = from_path(from_file, shelf.description, wanted)
    shelf.keep(files, licence_accepted=accept_licence)
    shelf.keep(shelf.baked(shelf.unfit))
    shelf.insist_on(shelf.unfit)
    return shelf.installed()


def verify(name_or_path: str | Path, *, cache_dir: Path | None = None) -> InstalledPack:
    """Check every file of an installed pack and change nothing.

    Raises:
        PackNotInstalled: a file is not there.
        PackBroken: a file is not what it was when it was installed.
    """
    shelf = _Shelf(find_pack(name_or_path), cache_dir)
    shelf.insist_on(shelf.unfit)
    return shelf.installed()


def list_packs(*, cache_dir: Path | None = None) -> list[ListedPack]:
    """Return the packs of the catalogue, by name."""
    shelves = [_Shelf(pack, cache_dir) for pack in catalogue()]
    return [ListedPack(shelf.description, installed=shelf.looks_complete()) for shelf in shelves]


class _Shelf:
    """One pack's description, folder and manifest, and what can be done with them."""

    def __init__(self, pack: DescribedPack, cache_dir: Path | None) -> None:
        self.description = pack.description
        self._beside = pack.folder
        self._folder = PackFolder(
            cache_dir or platformdirs.user_cache_path("countenance") / "packs", pack.description
        )
        self.manifest = self._folder.manifest()

    @property
    def unfit(self) -> list[str]:
        """The names of the files that are missing or not as they were when they were installed."""
        return [name for name in self.description.files if name not in self._fit]

    def looks_complete(self) -> bool:
        """Say whether all files are there, without reading them."""
        return all(self._path(name).is_file() for name in self.description.files)

    @cached_property
    def _fit(self) -> dict[str, FileRecord]:
        """The records of the files that are as they were when they were installed; reads all files."""
        fit = {}
        for name, origin in self.description.files.items():
            record = record_of(self._path(name), _origin_text(self.description, name))
            known = record == self.manifest.files.get(name) or isinstance(origin, Beside)
            if record and known and _pinned(origin) in (None, record.sha256):
                fit[name] = record
        return fit

    def insist_on_licence(self) -> None:
        """Refuse to go on where the licence wants to be accepted and never was."""
        licence = self.description.licence
        if licence.needs_acceptance and not self.manifest.licence_accepted:
            raise LicenceNotAccepted(
                f"pack {self.description.name} is under {licence.spdx} ({licence.url}): {licence.note}; "
                "read it and install with accept_licence (countenance models install --accept-licence)"
            )

    def insist_on(self, unfit: Iterable[str], *, but_recipes: bool = False) -> None:
        """Refuse to go on where one of these files is unfit."""
        for name in unfit:
            origin = self.description.files[name]
            if isinstance(origin, Recipe) and but_recipes:
                continue
            command = "prepare" if isinstance(origin, Recipe) else "install"
            way_out = f"run: countenance models {command} {self.description.name}"
            if isinstance(origin, Beside):
                way_out = "put the described file there"
            path = self._path(name)
            if path.exists():
                raise PackBroken(
                    f"{path} is not the file that pack {self.description.name} should have; {way_out}"
                )
            raise PackNotInstalled(f"pack {self.description.name} has no {path}; {way_out}")

    def baked(self, names: Iterable[str]) -> Files:
        """Make those of the files that have recipes."""
        for name in names:
            origin = self.description.files[name]
            if isinstance(origin, Recipe):
                yield name, io.BytesIO(bake(origin.recipe))

    def keep(self, files: Files, *, licence_accepted: bool = False) -> None:
        """Store files and make them the pack's."""
        records = {}
        for name, stream in files:
            origin = self.description.files[name]
            limit = origin.most_bytes if isinstance(origin, Download | Member) else None
            text = _origin_text(self.description, name)
            records[name] = self._folder.store(
                name, stream, origin=text, most_bytes=limit, sha256=_pinned(origin)
            )
        if records:
            self._fit.update(records)
            accepted = licence_accepted or self.manifest.licence_accepted
            self.manifest = Manifest(files={**self.manifest.files, **records}, licence_accepted=accepted)
            self._folder.write_manifest(self.manifest)

    def installed(self) -> InstalledPack:
        """Return the pack; every file must be fit."""
        paths = {name: self._path(name) for name in self.description.files}
        return InstalledPack(self.description, paths, {name: self._fit[name].sha256 for name in paths})

    def _path(self, name: str) -> Path:
        if isinstance(self.description.files[name], Beside) and self._beside is not None:
            return self._beside / name
        return self._folder.path / name


def _origin_text(description: PackDescription, name: str) -> str:
    """Return the origin as the manifest notes it; another text means that the file must be had anew."""
    origin = description.files[name]
    match origin:
        case Recipe():
            return f"recipe {origin.recipe}, revision {REVISION}"
        case Download():
            return origin.url
        case Member():
            return f"{name} in {description.archive.url if description.archive else ''}"
        case Beside():
            return "beside the description"


def _pinned(origin: Origin) -> str | None:
    return None if isinstance(origin, Recipe) else origin.sha256
