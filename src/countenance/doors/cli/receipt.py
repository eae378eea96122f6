"""``countenance receipt …``: the proof that something was erased, for whoever wants to see it."""

from pathlib import Path
from typing import Annotated

import typer

from countenance.doors.cli.options import AsJson, DataDir, Debug, RequestId, SettingsFile
from countenance.doors.cli.outcomes import told_in_one_line

receipt = typer.Typer(name="receipt", help="Show and verify receipts of erasures.")


@receipt.command()
def show(
    request_id: RequestId,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write it into this file. [default: print it]", show_default=False),
    ] = None,
    data_dir: DataDir = None,
    settings: SettingsFile = None,
    debug: Debug = False,
) -> None:
    """Print the signed receipt of a request, as JSON."""
    with told_in_one_line(debug=debug):
        from countenance.doors.cli import proving  # noqa: PLC0415 - loads the database's libraries

        proving.show(settings, data_dir, request_id, out)


@receipt.command()
def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The receipt.", show_default=False)],
    key: Annotated[
        str | None,
        typer.Option(metavar="KEY", help="The ledger's public key, name+id+key.", show_default=False),
    ] = None,
    key_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A file that holds it.", show_default=False)
    ] = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Say what a receipt proves, with nothing but the ledger's public key; needs no database."""
    with told_in_one_line(debug=debug):
        from countenance.doors.cli import receipt_checks  # noqa: PLC0415 - loads the ledger's libraries

        receipt_checks.verify(file, key, key_file, as_json=as_json)
