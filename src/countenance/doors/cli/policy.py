"""``countenance policy …``: what may be done in a collection, and why."""

from typing import Annotated

import typer

from countenance.doors.cli.options import AsJson, DataDir, Debug, SettingsFile, utf8
from countenance.doors.cli.outcomes import told_in_one_line

policy = typer.Typer(name="policy", help="Show what may be done in a collection, and why.")


@policy.callback()
def _group() -> None:
    """Show what may be done in a collection, and why."""


@policy.command()
def show(
    collection: Annotated[
        str,
        typer.Argument(metavar="COLLECTION", help="The collection's id.", callback=utf8, show_default=False),
    ],
    data_dir: DataDir = None,
    settings: SettingsFile = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Show each line of a collection's policy: its value, who set it, and the law that it comes from."""
    with told_in_one_line(debug=debug):
        from countenance.doors.cli import policy_shown  # noqa: PLC0415 - loads the database's libraries

        policy_shown.show(settings, data_dir, collection, as_json=as_json)
