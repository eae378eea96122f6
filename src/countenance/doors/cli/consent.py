"""``countenance consent …``: who agreed to be enrolled, for what, and having been told what."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from countenance.doors.cli.options import AsJson, DataDir, Debug, Id, SettingsFile, Subject, moment, utf8
from countenance.doors.cli.outcomes import told_in_one_line

consent = typer.Typer(name="consent", help="Record, list, show and withdraw consents.")

Method = Literal["written-release", "electronic-signature", "guardian"]


@consent.command()
def record(
    subject: Subject,
    purpose: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="What they agreed to: the collection's purpose.",
            callback=utf8,
            show_default=False,
        ),
    ],
    notice_version: Annotated[
        str,
        typer.Option(
            metavar="VERSION",
            help="The version of the notice they were shown.",
            callback=utf8,
            show_default=False,
        ),
    ],
    method: Annotated[Method, typer.Option(help="How they consented.", show_default=False)],
    notice: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The notice they were shown.", show_default=False)
    ] = None,
    notice_sha256: Annotated[
        str | None,
        typer.Option(
            "--notice-sha256",
            metavar="HEX",
            help="The notice's SHA-256, where the notice is kept elsewhere.",
            show_default=False,
        ),
    ] = None,
    signer: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Who signed, where it was somebody else: a guardian.",
            callback=utf8,
            show_default=False,
        ),
    ] = None,
    given_at: Annotated[
        datetime | None,
        typer.Option(
            metavar="TIME", help="When they consented. [default: now]", parser=moment, show_default=False
        ),
    ] = None,
    expires_at: Annotated[
        datetime | None,
        typer.Option(
            metavar="TIME", help="When it ends. [default: never]", parser=moment, show_default=False
        ),
    ] = None,
    evidence: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="What shows it, such as a scan; kept encrypted.", show_default=False
        ),
    ] = None,
    data_dir: DataDir = None,
    settings: SettingsFile = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Keep a consent: from now on who gave it may be enrolled for its purpose."""
    with told_in_one_line(debug=debug):
        from countenance.doors.cli import consenting  # noqa: PLC0415 - loads the database's libraries

        given = consenting.Given(
            subject,
            purpose,
            notice,
            notice_sha256,
            notice_version,
            method,
            signer,
            given_at,
            expires_at,
            evidence,
        )
        consenting.record(settings, data_dir, given, as_json=as_json)


@consent.command("list")
def list_consents(
    subject: Annotated[
        str | None,
        typer.Option(
            metavar="SUBJECT", help="Only those of this subject.", callback=utf8, show_default=False
        ),
    ] = None,
    data_dir: DataDir = None,
    settings: SettingsFile = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """List consents, ended ones too."""
    with told_in_one_line(debug=debug):
        from countenance.doors.cli import consenting  # noqa: PLC0415 - loads the database's libraries

        consenting.show_list(settings, data_dir, subject, as_json=as_json)


@consent.command()
def show(
    consent_id: Id,
    evidence_out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write what was attached into this file.", show_default=False),
    ] = None,
    data_dir: DataDir = None,
    settings: SettingsFile = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Show a consent."""
    with told_in_one_line(debug=debug):
        from countenance.doors.cli import consenting  # noqa: PLC0415 - loads the database's libraries

        consenting.show(settings, data_dir, consent_id, evidence_out, as_json=as_json)


@consent.command()
def withdraw(
    consent_id: Id,
    data_dir: DataDir = None,
    settings: SettingsFile = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """End a consent: use stops at once, and the faces that rested on it are erased."""
    with told_in_one_line(debug=debug):
        from countenance.doors.cli import consenting  # noqa: PLC0415 - loads the database's libraries

        consenting.withdraw(settings, data_dir, consent_id, as_json=as_json)
