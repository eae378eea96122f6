"""From settings to an analyzer, with a word about what takes time; imported only when a command runs."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING

from countenance.doors.cli.outcomes import tell
from countenance.doors.cli.tables import stderr_console
from countenance.operations.manage_packs import list_packs
from countenance.settings import Settings, read_settings
from countenance.wiring import build_analyzer, image_limits

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

__all__ = ["build_analyzer", "image_limits", "loading", "settings_with", "waiting"]


def settings_with(pack: str | None) -> Settings:
    """Return the settings of the environment, with another pack where one is named.

    Raises:
        SettingsInvalid: a variable's value is not allowed.
    """
    settings = read_settings()
    return settings if pack is None else settings.model_copy(update={"pack": pack})


@contextlib.contextmanager
def waiting(message: str) -> Iterator[None]:
    """Say on stderr what takes its time: on a terminal for as long as it does, elsewhere in a line."""
    if sys.stderr.isatty():
        with stderr_console().status(message):
            yield
    else:
        tell(message)
        yield


def loading(settings: Settings) -> AbstractContextManager[None]:
    """Say that models are loaded or, the first time, prepared; only the latter where there is no terminal."""
    absent = [pack.name for pack in list_packs(settings.cache_dir) if not pack.installed]
    if settings.pack in absent:
        return waiting(f"preparing the models of {settings.pack}, this once; it takes some seconds …")
    if sys.stderr.isatty():
        return waiting(f"loading the models of {settings.pack} …")
    return contextlib.nullcontext()
