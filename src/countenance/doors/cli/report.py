"""``countenance report …``: reports that laws ask for, from the system's own records."""

from pathlib import Path
from typing import Annotated

import typer

from countenance.doors.cli.options import DataDir, Debug, SettingsFile, utf8
from countenance.doors.cli.outcomes import told_in_one_line

report = typer.Typer(name="report", help="Make reports that laws ask for, as JSON or as a page.")

HtmlFile = Annotated[
    Path | None,
    typer.Option("--html", metavar="FILE", help="Write a page for people.", show_default=False),
]
JsonFile = Annotated[
    Path | None,
    typer.Option(
        "--json", metavar="FILE", help="Write JSON. [default: print it, unless --html]", show_default=False
    ),
]


@report.command()
def processing(
    html: HtmlFile = None,
    json: JsonFile = None,
    data_dir: DataDir = None,
    settings: SettingsFile = None,
    debug: Debug = False,
) -> None:
    """Make the record of processing activities (GDPR Art. 30), with facts for an impact assessment."""
    _make("processing", html, json, data_dir, settings, debug=debug)


@report.command()
def retention(
    html: HtmlFile = None,
    json: JsonFile = None,
    data_dir: DataDir = None,
    settings: SettingsFile = None,
    debug: Debug = False,
) -> None:
    """Make the public schedule of retention and destruction (BIPA 15(a)). It tells of nobody."""
    _make("retention", html, json, data_dir, settings, debug=debug)


@report.command()
def accountability(
    html: HtmlFile = None,
    json: JsonFile = None,
    data_dir: DataDir = None,
    settings: SettingsFile = None,
    debug: Debug = False,
) -> None:
    """Make the accountability report (RCW 43.386): use, users, error rates, refusals, reviews."""
    _make("accountability", html, json, data_dir, settings, debug=debug)


@report.command()
def subject(
    subject: Annotated[
        str,
        typer.Argument(
            metavar="SUBJECT",
            help="The ExternalImageId or UserId under which somebody is enrolled.",
            callback=utf8,
            show_default=False,
        ),
    ],
    html: HtmlFile = None,
    json: JsonFile = None,
    templates: Annotated[bool, typer.Option("--templates", help="With the templates themselves.")] = False,
    data_dir: DataDir = None,
    settings: SettingsFile = None,
    debug: Debug = False,
) -> None:
    """Tell everything that is held of somebody, and to whom it was disclosed (GDPR Art. 15 and 20)."""
    with told_in_one_line(debug=debug):
        from countenance.doors.cli import reporting  # noqa: PLC0415 - loads the database's libraries

        reporting.report_on(subject, html, json, data_dir, settings, templates=templates)


def _make(
    kind: str,
    html: Path | None,
    json: Path | None,
    data_dir: Path | None,
    settings: Path | None,
    *,
    debug: bool,
) -> None:
    with told_in_one_line(debug=debug):
        from countenance.doors.cli import reporting  # noqa: PLC0415 - loads the database's libraries

        reporting.make(kind, html, json, data_dir, settings)
