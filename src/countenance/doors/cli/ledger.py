"""``countenance ledger …``: what was done, and the proof that nothing of it was altered."""

from pathlib import Path
from typing import Annotated

import typer

from countenance.doors.cli.options import DataDir, Debug, SettingsFile
from countenance.doors.cli.outcomes import told_in_one_line

ledger = typer.Typer(name="ledger", help="Verify the record of what was done.")


@ledger.command()
def verify(
    key: Annotated[
        str | None,
        typer.Option(
            metavar="KEY",
            help="Trust this public key, and need no master key. [default: the database's own]",
            show_default=False,
        ),
    ] = None,
    from_checkpoint: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="It must have grown from this checkpoint kept elsewhere.",
            show_default=False,
        ),
    ] = None,
    data_dir: DataDir = None,
    settings: SettingsFile = None,
    debug: Debug = False,
) -> None:
    """Look at every entry: was one altered, dropped, moved, back-dated, or the database rolled back?"""
    with told_in_one_line(debug=debug):
        from countenance.doors.cli import ledger_looks  # noqa: PLC0415 - loads the database's libraries

        ledger_looks.verify_all(settings, data_dir, key, from_checkpoint)


@ledger.command("key")
def show_key(data_dir: DataDir = None, settings: SettingsFile = None, debug: Debug = False) -> None:
    """Print the public key that checkpoints are signed with."""
    with told_in_one_line(debug=debug):
        from countenance.doors.cli import ledger_looks  # noqa: PLC0415 - loads the database's libraries

        ledger_looks.show_key(settings, data_dir)


@ledger.command()
def checkpoint(data_dir: DataDir = None, settings: SettingsFile = None, debug: Debug = False) -> None:
    """Print the signed checkpoint of all entries, to be kept elsewhere."""
    with told_in_one_line(debug=debug):
        from countenance.doors.cli import ledger_looks  # noqa: PLC0415 - loads the database's libraries

        ledger_looks.show_checkpoint(settings, data_dir)


@ledger.command()
def show(
    request_id: Annotated[
        str, typer.Argument(metavar="REQUEST", help="The request's id.", show_default=False)
    ],
    data_dir: DataDir = None,
    settings: SettingsFile = None,
    debug: Debug = False,
) -> None:
    """Print what is recorded of a request, with the proof, as JSON."""
    with told_in_one_line(debug=debug):
        from countenance.doors.cli import ledger_looks  # noqa: PLC0415 - loads the database's libraries

        ledger_looks.show_request(settings, data_dir, request_id)
