"""``countenance settings`` and ``countenance master-key …``."""

import typer

from countenance.doors.cli.options import AsJson, DataDir, Debug, SettingsFile
from countenance.doors.cli.outcomes import told_in_one_line

master_key = typer.Typer(name="master-key", help="Look after the key that seals all other keys.")


def settings(settings: SettingsFile = None, as_json: AsJson = False, debug: Debug = False) -> None:
    """List every setting: its value, where that comes from, and what it means."""
    with told_in_one_line(debug=debug):
        from countenance.doors.cli import settings_table  # noqa: PLC0415 - imports what it prints

        settings_table.show(settings, as_json=as_json)


@master_key.command()
def rotate(data_dir: DataDir = None, settings: SettingsFile = None, debug: Debug = False) -> None:
    """Seal all keys and secrets anew with a new master key; servers go on meanwhile."""
    with told_in_one_line(debug=debug):
        from countenance.doors.cli import settings_table  # noqa: PLC0415 - loads the database's libraries

        settings_table.rotate(settings, data_dir)


@master_key.callback()
def _group() -> None:
    """Look after the key that seals all other keys."""
