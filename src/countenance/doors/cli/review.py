"""``countenance review …``: answers that people must look at before they count."""

from datetime import date
from pathlib import Path
from typing import Annotated, Literal

import typer

from countenance.doors.cli.options import AsJson, DataDir, Debug, Id, SettingsFile, day, utf8
from countenance.doors.cli.outcomes import told_in_one_line

review = typer.Typer(name="review", help="List, show and decide answers that wait for people.")

State = Literal["open", "confirmed", "rejected", "disagreed", "void"]
Verdict = Literal["confirm", "reject"]


@review.command("list")
def list_reviews(
    state: Annotated[State | None, typer.Option(help="Only those in this state.", show_default=False)] = None,
    data_dir: DataDir = None,
    settings: SettingsFile = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """List reviews, oldest first."""
    with told_in_one_line(debug=debug):
        from countenance.doors.cli import reviewing  # noqa: PLC0415 - loads the database's libraries

        reviewing.show_list(settings, data_dir, state, as_json=as_json)


@review.command()
def show(
    review_id: Id,
    probe_out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Write the picture of who was searched for into this file.",
            show_default=False,
        ),
    ] = None,
    portraits_out: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Write the pictures of who was found into this folder.",
            show_default=False,
        ),
    ] = None,
    data_dir: DataDir = None,
    settings: SettingsFile = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Show a review and its candidates."""
    with told_in_one_line(debug=debug):
        from countenance.doors.cli import reviewing  # noqa: PLC0415 - loads the database's libraries

        reviewing.show(settings, data_dir, review_id, probe_out, portraits_out, as_json=as_json)


@review.command()
def vote(
    review_id: Id,
    verdict: Annotated[
        Verdict, typer.Argument(metavar="VERDICT", help="confirm or reject.", show_default=False)
    ],
    key: Annotated[
        str,
        typer.Option(metavar="ID", help="The access key of who votes.", callback=utf8, show_default=False),
    ],
    candidate: Annotated[
        str | None,
        typer.Argument(metavar="CANDIDATE", help="Who it is, to confirm.", callback=utf8, show_default=False),
    ] = None,
    note: Annotated[str, typer.Option(metavar="TEXT", help="Why.", callback=utf8, show_default=False)] = "",
    data_dir: DataDir = None,
    settings: SettingsFile = None,
    debug: Debug = False,
) -> None:
    """Confirm a candidate, or reject all, with an access key of one's own.

    Its secret is read from COUNTENANCE_SECRET_ACCESS_KEY, or asked for.
    """
    with told_in_one_line(debug=debug):
        from countenance.doors.cli import reviewing  # noqa: PLC0415 - loads the database's libraries

        ballot = reviewing.Ballot(review_id, verdict, candidate, note)
        reviewing.vote(settings, data_dir, ballot, key)


@review.command()
def accuracy(
    since: Annotated[
        date | None,
        typer.Option(
            metavar="DAY", help="Only searches from this day on (UTC).", parser=day, show_default=False
        ),
    ] = None,
    until: Annotated[
        date | None,
        typer.Option(
            metavar="DAY", help="Only searches up to this day, and on it.", parser=day, show_default=False
        ),
    ] = None,
    data_dir: DataDir = None,
    settings: SettingsFile = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Tell how often answers were right, with intervals, from what people said of them."""
    with told_in_one_line(debug=debug):
        from countenance.doors.cli import judging  # noqa: PLC0415 - loads the database's libraries

        judging.show_accuracy(settings, data_dir, since, until, as_json=as_json)
