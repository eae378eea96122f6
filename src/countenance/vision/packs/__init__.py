"""Packs of models: what they are, how they come onto this machine, whether they are whole."""

from countenance.vision.packs.cards import card
from countenance.vision.packs.description import PackDescription, find_pack
from countenance.vision.packs.installation import (
    InstalledPack,
    ListedPack,
    install,
    list_packs,
    load_pack,
    prepare,
    verify,
)
from countenance.vision.packs.measured import measured_report

__all__ = [
    "InstalledPack",
    "ListedPack",
    "PackDescription",
    "card",
    "find_pack",
    "install",
    "list_packs",
    "load_pack",
    "measured_report",
    "prepare",
    "verify",
]
