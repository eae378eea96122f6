"""The work of ``countenance worker``.

1. Read the settings, and take signals: the first one ends the worker when its jobs are put back.
2. Open the store, beside a server and other workers.
3. Load the models and put the rooms together.
4. Follow what other processes change, and do jobs, until stopped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from countenance.doors.cli.composition import loading
from countenance.doors.cli.outcomes import tell
from countenance.doors.cli.stopping import when_stopped
from countenance.doors.cli.words import count
from countenance.doors.logs import set_up_logs
from countenance.settings import read_settings
from countenance.wiring import furnish, open_office

if TYPE_CHECKING:
    from pathlib import Path


def answer(file: Path | None, given: dict[str, Any], jobs_at_once: int) -> None:
    """Do jobs until stopped.

    Raises:
        CountenanceError: a setting is not allowed, or the database or the models cannot be used.
    """
    # 1
    settings = read_settings(file, **given)
    set_up_logs(settings.log_level, settings.log_format)
    stopped = when_stopped()
    # 2
    with open_office(settings) as office:
        # 3
        with loading(settings):
            rooms = furnish(settings, office)
        # 4
        with rooms.upkeep.following(), rooms.worker.going_on(jobs_at_once), rooms.messenger.going_on(1):
            tell(f"doing jobs, {count(jobs_at_once, 'job')} at a time")
            stopped.wait()
            tell("stopping: what is being done is put back")
