"""``countenance decision …``: an answer that was given, explained."""

import typer

from countenance.doors.cli.options import AsJson, DataDir, Debug, RequestId, SettingsFile
from countenance.doors.cli.outcomes import told_in_one_line

decision = typer.Typer(name="decision", help="Explain an answer that was given.")


@decision.callback()
def _group() -> None:
    """Explain an answer that was given."""


@decision.command()
def show(
    request_id: RequestId,
    data_dir: DataDir = None,
    settings: SettingsFile = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Show what was asked and found, how sure that is, why it was permitted, and that it is recorded."""
    with told_in_one_line(debug=debug):
        from countenance.doors.cli import explaining  # noqa: PLC0415 - loads the database's libraries

        explaining.show(settings, data_dir, request_id, as_json=as_json)
