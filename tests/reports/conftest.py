"""Stores of both kinds, as the contract has them, and an office in which all sorts of things were done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from contract.conftest import database, postgresql, store
from contract.databases import Database
from reports.world import World, furnished

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["database", "postgresql", "store", "world"]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The office of `furnished`, which tests of a file share; they only make reports of it."""
    folder = tmp_path_factory.mktemp("world")
    kept = Database(f"sqlite:///{folder / 'files' / 'gallery.sqlite'}", folder / "master.key", folder)
    with kept.opened() as opened:
        yield furnished(opened)
