"""``countenance moratorium …``: stop a use of faces everywhere, from the next request on."""

from datetime import datetime
from typing import Annotated

import typer

from countenance.doors.cli.options import AsJson, DataDir, Debug, Id, SettingsFile, moment, utf8
from countenance.doors.cli.outcomes import told_in_one_line

moratorium = typer.Typer(name="moratorium", help="Begin, end and list moratoria.")


@moratorium.command()
def on(
    scope: Annotated[
        str,
        typer.Option(
            metavar="SCOPE",
            help="What is refused: search, enrol, all or purpose:NAME.",
            callback=utf8,
            show_default=False,
        ),
    ],
    reason: Annotated[
        str,
        typer.Option(metavar="TEXT", help="Why; who is refused is told.", callback=utf8, show_default=False),
    ],
    until: Annotated[
        datetime | None,
        typer.Option(
            metavar="TIME",
            help="When it ends. [default: when it is lifted]",
            parser=moment,
            show_default=False,
        ),
    ] = None,
    data_dir: DataDir = None,
    settings: SettingsFile = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Refuse a use of faces to everybody, from the next request on."""
    with told_in_one_line(debug=debug):
        from countenance.doors.cli import pausing  # noqa: PLC0415 - loads the database's libraries

        pausing.begin(settings, data_dir, scope, reason, until, as_json=as_json)


@moratorium.command()
def off(
    moratorium_id: Id, data_dir: DataDir = None, settings: SettingsFile = None, debug: Debug = False
) -> None:
    """Lift a moratorium."""
    with told_in_one_line(debug=debug):
        from countenance.doors.cli import pausing  # noqa: PLC0415 - loads the database's libraries

        pausing.lift(settings, data_dir, moratorium_id)


@moratorium.command("list")
def list_moratoria(
    ended: Annotated[bool, typer.Option("--ended", help="Those that have ended, too.")] = False,
    data_dir: DataDir = None,
    settings: SettingsFile = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """List the moratoria that are in force."""
    with told_in_one_line(debug=debug):
        from countenance.doors.cli import pausing  # noqa: PLC0415 - loads the database's libraries

        pausing.show_list(settings, data_dir, ended=ended, as_json=as_json)
