"""The work of ``countenance models …``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.markdown import Markdown
from rich.text import Text

from countenance.doors.cli.composition import settings_with, waiting
from countenance.doors.cli.tables import stdout_console
from countenance.doors.cli.words import count, printable
from countenance.operations.manage_packs import (
    install_pack,
    list_packs,
    pack_card,
    prepare_pack,
    verify_pack,
)

if TYPE_CHECKING:
    from pathlib import Path

    from countenance.operations.manage_packs import CheckedPack


def show_list() -> None:
    """Print the packs of the catalogue."""
    settings, console = settings_with(None), stdout_console()
    for pack in list_packs(settings.cache_dir):
        state = "on this machine" if pack.installed else "not on this machine"
        default = ", used by default" if pack.name == settings.pack else ""
        console.print(Text(f"{pack.name} {pack.version}, {state}{default}", style="bold"), soft_wrap=True)
        console.print(Text(f"  {pack.summary}"), soft_wrap=True)
        accepted = "; it must be accepted" if pack.needs_acceptance else ""
        console.print(Text(f"  licence: {pack.licence}{accepted}"), soft_wrap=True)


def prepare(name: str | None) -> None:
    """Make a pack's files."""
    settings = settings_with(name)
    with waiting(f"preparing the models of {settings.pack} …"):
        pack = prepare_pack(settings.pack, settings.cache_dir)
    _show("prepared", pack)


def install(name: str, from_file: Path | None, *, accept_licence: bool) -> None:
    """Fetch a pack's files."""
    settings = settings_with(name)
    with waiting(f"installing {name} …"):
        pack = install_pack(name, settings.cache_dir, from_file=from_file, accept_licence=accept_licence)
    _show("installed", pack)


def verify(name: str | None) -> None:
    """Check a pack's files, or those of all installed packs."""
    settings = settings_with(name)
    installed = [pack.name for pack in list_packs(settings.cache_dir) if pack.installed]
    for each in [name] if name is not None else installed or [settings.pack]:
        _show("whole", verify_pack(each, settings.cache_dir))


def show_card(name: str) -> None:
    """Print a pack's card, as Markdown where the output is no terminal."""
    text, console = pack_card(name, settings_with(None).cache_dir), stdout_console()
    if console.is_terminal:
        console.print(Markdown(text))
    else:
        console.out(text.rstrip())


def _show(done: str, pack: CheckedPack) -> None:
    console = stdout_console()
    heading = f"{pack.name} {pack.version}: {done}, {count(len(pack.sha256), 'file')} in {pack.folder}"
    console.print(Text(printable(heading)), soft_wrap=True)
    for name, sha256 in sorted(pack.sha256.items()):
        console.print(f"{sha256}  {name}", soft_wrap=True)
