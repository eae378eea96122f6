"""``countenance keys …`` and ``countenance env``: who may use the server, and how."""

from typing import Annotated, Literal

import typer

from countenance.doors.cli.options import AsJson, DataDir, Debug, SettingsFile
from countenance.doors.cli.outcomes import told_in_one_line

keys = typer.Typer(name="keys", help="Create, list and revoke access keys.")

KeyId = Annotated[str, typer.Argument(metavar="ID", help="The access key's id.", show_default=False)]


@keys.command()
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What the key is for.", show_default=False)],
    operations: Annotated[
        str,
        typer.Option(metavar="NAMES", help="What it may do: IndexFaces,Search* …"),
    ] = "*",
    collections: Annotated[
        str, typer.Option(metavar="IDS", help="Which collections it may use: staff,event-* …")
    ] = "*",
    purposes: Annotated[
        str, typer.Option(metavar="NAMES", help="Which purposes it may be used for: building-access …")
    ] = "*",
    buckets: Annotated[
        str, typer.Option(metavar="NAMES", help="Which buckets it may have pictures read from: visitors …")
    ] = "*",
    administrator: Annotated[
        bool, typer.Option("--administrator", help="It may manage keys, and govern.")
    ] = False,
    role: Annotated[
        Literal["tester"] | None,
        typer.Option(
            help="Limit it to what this role needs: a tester measures the server and sees no gallery.",
            show_default=False,
        ),
    ] = None,
    data_dir: DataDir = None,
    settings: SettingsFile = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Make a key and print its secret, this once."""
    with told_in_one_line(debug=debug):
        from countenance.doors.cli import key_management  # noqa: PLC0415 - loads the database's libraries

        limits = key_management.Limits(operations, collections, purposes, buckets, administrator)
        key_management.create(settings, data_dir, name, limits, role, as_json=as_json)


@keys.command("list")
def list_keys(
    data_dir: DataDir = None, settings: SettingsFile = None, as_json: AsJson = False, debug: Debug = False
) -> None:
    """List all keys, without their secrets."""
    with told_in_one_line(debug=debug):
        from countenance.doors.cli import key_management  # noqa: PLC0415 - loads the database's libraries

        key_management.show_list(settings, data_dir, as_json=as_json)


@keys.command()
def revoke(
    key_id: KeyId, data_dir: DataDir = None, settings: SettingsFile = None, debug: Debug = False
) -> None:
    """Make a key worthless, from the next request on."""
    with told_in_one_line(debug=debug):
        from countenance.doors.cli import key_management  # noqa: PLC0415 - loads the database's libraries

        key_management.revoke(settings, data_dir, key_id)


def env(
    key: Annotated[
        str | None,
        typer.Option(metavar="ID", help="Use this key. [default: an administrator's]", show_default=False),
    ] = None,
    data_dir: DataDir = None,
    settings: SettingsFile = None,
    debug: Debug = False,
) -> None:
    """Print the shell exports that point any AWS SDK at this server: eval "$(countenance env)"."""
    with told_in_one_line(debug=debug):
        from countenance.doors.cli import key_management  # noqa: PLC0415 - loads the database's libraries

        key_management.print_exports(settings, data_dir, key)
