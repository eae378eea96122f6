"""``countenance serve``: the server."""

from pathlib import Path
from typing import Annotated

import typer

from countenance.doors.cli.options import DataDir, Debug, Pack, SettingsFile
from countenance.doors.cli.outcomes import told_in_one_line


def serve(
    host: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Listen here. [default: 127.0.0.1]", show_default=False),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(metavar="PORT", help="Listen on this port. [default: 8080]", show_default=False),
    ] = None,
    pack: Pack = None,
    data_dir: DataDir = None,
    tls_certificate: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Speak TLS with this certificate.", show_default=False)
    ] = None,
    tls_private_key: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The certificate's key.", show_default=False)
    ] = None,
    settings: SettingsFile = None,
    debug: Debug = False,
) -> None:
    """Answer Amazon Rekognition's face API until stopped.

    Everything that can be set is listed by `countenance settings`.
    """
    with told_in_one_line(debug=debug):
        from countenance.doors.cli import serving  # noqa: PLC0415 - loads the server's libraries

        given = {
            "host": host,
            "port": port,
            "pack": pack,
            "data_dir": data_dir,
            "tls_certificate": tls_certificate,
            "tls_private_key": tls_private_key,
        }
        serving.answer(settings, given)
