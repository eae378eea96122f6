"""``countenance worker``: does queued jobs, beside a server or without one."""

from typing import Annotated

import typer

from countenance.doors.cli.options import DataDir, Debug, Pack, SettingsFile
from countenance.doors.cli.outcomes import told_in_one_line


def worker(
    jobs: Annotated[
        int, typer.Option(metavar="NUMBER", min=1, max=64, help="Do so many jobs at the same time.")
    ] = 1,
    pack: Pack = None,
    data_dir: DataDir = None,
    settings: SettingsFile = None,
    debug: Debug = False,
) -> None:
    """Do queued jobs until stopped; any number of workers may share a database with a server.

    When it is stopped, what it was doing is put back, and another worker goes on with it.
    """
    with told_in_one_line(debug=debug):
        from countenance.doors.cli import working  # noqa: PLC0415 - loads the models' libraries

        working.answer(settings, {"pack": pack, "data_dir": data_dir}, jobs)
