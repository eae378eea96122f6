"""``countenance sweep``: erase what is due, now."""

from countenance.doors.cli.options import AsJson, DataDir, Debug, SettingsFile
from countenance.doors.cli.outcomes import told_in_one_line


def sweep(
    data_dir: DataDir = None, settings: SettingsFile = None, as_json: AsJson = False, debug: Debug = False
) -> None:
    """Erase all faces whose time, purpose or consent has ended; a running server does so by itself."""
    with told_in_one_line(debug=debug):
        from countenance.doors.cli import retaining  # noqa: PLC0415 - loads the database's libraries

        retaining.sweep_now(settings, data_dir, as_json=as_json)
