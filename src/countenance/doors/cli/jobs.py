"""``countenance jobs …``: long work that is queued, done or ended."""

from typing import Annotated, Literal

import typer

from countenance.doors.cli.options import AsJson, DataDir, Debug, Id, SettingsFile, utf8
from countenance.doors.cli.outcomes import told_in_one_line

jobs = typer.Typer(name="jobs", help="List, show and cancel long work.")

State = Literal["waiting", "running", "succeeded", "failed", "cancelled"]
ItemState = Literal["waiting", "skipped", "failed"]


@jobs.command("list")
def list_jobs(
    state: Annotated[State | None, typer.Option(help="Only those in this state.", show_default=False)] = None,
    kind: Annotated[
        str | None,
        typer.Option(metavar="OPERATION", help="Only those of this kind.", callback=utf8, show_default=False),
    ] = None,
    data_dir: DataDir = None,
    settings: SettingsFile = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """List jobs, oldest first; ended ones, too, for as long as they are kept."""
    with told_in_one_line(debug=debug):
        from countenance.doors.cli import following_jobs  # noqa: PLC0415 - loads the database's libraries

        following_jobs.show_list(settings, data_dir, state, kind, as_json=as_json)


@jobs.command()
def show(
    job_id: Id,
    data_dir: DataDir = None,
    settings: SettingsFile = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Show a job and how far it is."""
    with told_in_one_line(debug=debug):
        from countenance.doors.cli import following_jobs  # noqa: PLC0415 - loads the database's libraries

        following_jobs.show(settings, data_dir, job_id, as_json=as_json)


@jobs.command()
def items(
    job_id: Id,
    state: Annotated[
        ItemState | None, typer.Option(help="Only those in this state.", show_default=False)
    ] = None,
    data_dir: DataDir = None,
    settings: SettingsFile = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """List the parts of a job that are not done, and why."""
    with told_in_one_line(debug=debug):
        from countenance.doors.cli import following_jobs  # noqa: PLC0415 - loads the database's libraries

        following_jobs.show_items(settings, data_dir, job_id, state, as_json=as_json)


@jobs.command()
def cancel(job_id: Id, data_dir: DataDir = None, settings: SettingsFile = None, debug: Debug = False) -> None:
    """Cancel a job; what is done stays done."""
    with told_in_one_line(debug=debug):
        from countenance.doors.cli import following_jobs  # noqa: PLC0415 - loads the database's libraries

        following_jobs.cancel(settings, data_dir, job_id)
