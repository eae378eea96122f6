"""``countenance hold …``: keep what a court or an authority demands from being erased."""

from typing import Annotated

import typer

from countenance.doors.cli.options import AsJson, DataDir, Debug, Id, SettingsFile, Subject, utf8
from countenance.doors.cli.outcomes import told_in_one_line

hold = typer.Typer(name="hold", help="Place, list and release legal holds.")


@hold.command()
def place(
    subject: Subject,
    reference: Annotated[
        str,
        typer.Option(
            metavar="TEXT",
            help="The warrant, subpoena or case that demands it.",
            callback=utf8,
            show_default=False,
        ),
    ],
    data_dir: DataDir = None,
    settings: SettingsFile = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Keep everything of a subject from being erased."""
    with told_in_one_line(debug=debug):
        from countenance.doors.cli import holding  # noqa: PLC0415 - loads the database's libraries

        holding.place(settings, data_dir, subject, reference, as_json=as_json)


@hold.command("list")
def list_holds(
    released: Annotated[bool, typer.Option("--released", help="Those that were released, too.")] = False,
    data_dir: DataDir = None,
    settings: SettingsFile = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """List the legal holds that are in force."""
    with told_in_one_line(debug=debug):
        from countenance.doors.cli import holding  # noqa: PLC0415 - loads the database's libraries

        holding.show_list(settings, data_dir, released=released, as_json=as_json)


@hold.command()
def release(
    hold_id: Id, data_dir: DataDir = None, settings: SettingsFile = None, debug: Debug = False
) -> None:
    """End a legal hold: what is due is erased from now on."""
    with told_in_one_line(debug=debug):
        from countenance.doors.cli import holding  # noqa: PLC0415 - loads the database's libraries

        holding.release(settings, data_dir, hold_id)
