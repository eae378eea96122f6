"""List, prepare, install, verify and describe packs of models."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from countenance.vision import packs

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class PackSummary:
    """A pack of the catalogue; ``installed`` says that its files are there, not yet that they are whole."""

    name: str
    version: str
    summary: str
    licence: str
    needs_acceptance: bool
    installed: bool


@dataclass(frozen=True, slots=True)
class CheckedPack:
    """A pack whose files are on this machine and are what they should be; ``sha256`` is by file name."""

    name: str
    version: str
    folder: Path
    sha256: dict[str, str]


def list_packs(cache_dir: Path | None) -> list[PackSummary]:
    """Return the packs of the catalogue, by name."""
    return [
        PackSummary(
            name=listed.description.name,
            version=listed.description.version,
            summary=listed.description.summary,
            licence=listed.description.licence.spdx,
            needs_acceptance=listed.description.licence.needs_acceptance,
            installed=listed.installed,
        )
        for listed in packs.list_packs(cache_dir=cache_dir)
    ]


def prepare_pack(name: str, cache_dir: Path | None) -> CheckedPack:
    """Make anew all files of a pack that are made on this machine.

    Raises:
        PackError: the pack is unknown, or files of it must be fetched first.
    """
    return _checked(packs.prepare(name, cache_dir=cache_dir))


def install_pack(
    name: str, cache_dir: Path | None, *, from_file: Path | None = None, accept_licence: bool = False
) -> CheckedPack:
    """Fetch the files of a pack, or take them from a file or folder, and make the others.

    Raises:
        LicenceNotAccepted: the licence wants to be accepted first.
        PackError: the pack is unknown, or a file cannot be had or is not the described one.
    """
    pack = packs.install(name, from_file=from_file, accept_licence=accept_licence, cache_dir=cache_dir)
    return _checked(pack)


def verify_pack(name: str, cache_dir: Path | None) -> CheckedPack:
    """Check every file of an installed pack and change nothing.

    Raises:
        PackError: the pack is unknown, a file of it is missing or is not what it was when it was installed.
    """
    return _checked(packs.verify(name, cache_dir=cache_dir))


def pack_card(name: str, cache_dir: Path | None) -> str:
    """Return a pack's model card in Markdown.

    Raises:
        PackError: the pack is unknown or wrongly described.
    """
    return packs.card(name, cache_dir=cache_dir)


def _checked(pack: packs.InstalledPack) -> CheckedPack:
    folder = next(iter(pack.paths.values())).parent
    return CheckedPack(pack.description.name, pack.description.version, folder, dict(pack.sha256))
