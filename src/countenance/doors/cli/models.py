"""``countenance models …``: packs of models on this machine."""

from pathlib import Path
from typing import Annotated

import typer

from countenance.doors.cli.options import Debug
from countenance.doors.cli.outcomes import told_in_one_line

Name = Annotated[
    str,
    typer.Argument(metavar="NAME", help="The pack: a name or the path of a pack.toml.", show_default=False),
]
NameIfAny = Annotated[
    str | None,
    typer.Argument(metavar="NAME", help="The pack: a name or the path of a pack.toml.", show_default=False),
]

models = typer.Typer(name="models", help="List, prepare, install, verify and describe packs of models.")


@models.command("list")
def list_models(debug: Debug = False) -> None:
    """List the packs that are known, and which are on this machine."""
    with told_in_one_line(debug=debug):
        from countenance.doors.cli import managing  # noqa: PLC0415 - loads the networks' libraries

        managing.show_list()


@models.command()
def prepare(name: NameIfAny = None, debug: Debug = False) -> None:
    """Make the models that are made on this machine, also those that are there already.

    Without a name, those of the pack that is used by default.
    """
    with told_in_one_line(debug=debug):
        from countenance.doors.cli import managing  # noqa: PLC0415 - loads the networks' libraries

        managing.prepare(name)


@models.command()
def install(
    name: Name,
    from_file: Annotated[
        Path | None,
        typer.Option(
            "--from",
            metavar="FILE",
            help="Take the files from this model file, zip file or folder, not from the network.",
            show_default=False,
        ),
    ] = None,
    accept_licence: Annotated[
        bool, typer.Option("--accept-licence", help="I have read the pack's licence and accept it.")
    ] = False,
    debug: Debug = False,
) -> None:
    """Fetch the models of a pack."""
    with told_in_one_line(debug=debug):
        from countenance.doors.cli import managing  # noqa: PLC0415 - loads the networks' libraries

        managing.install(name, from_file, accept_licence=accept_licence)


@models.command()
def verify(name: NameIfAny = None, debug: Debug = False) -> None:
    """Check every file of an installed pack against its checksum.

    Without a name, those of every installed pack.
    """
    with told_in_one_line(debug=debug):
        from countenance.doors.cli import managing  # noqa: PLC0415 - loads the networks' libraries

        managing.verify(name)


@models.command()
def card(name: Name, debug: Debug = False) -> None:
    """Print a pack's model card: its licence, parts, origins, checksums and measured error."""
    with told_in_one_line(debug=debug):
        from countenance.doors.cli import managing  # noqa: PLC0415 - loads the networks' libraries

        managing.show_card(name)
