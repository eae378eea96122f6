"""``countenance monitors …``: cameras that the server watches by itself."""

from typing import Annotated

import typer

from countenance.doors.cli.options import AsJson, DataDir, Debug, Id, SettingsFile, utf8
from countenance.doors.cli.outcomes import told_in_one_line

monitors = typer.Typer(name="monitors", help="Make, list, start, stop and delete what the server watches.")


@monitors.command()
def create(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="What to call it.", callback=utf8, show_default=False)
    ],
    source: Annotated[
        str,
        typer.Argument(
            metavar="SOURCE",
            help="rtsp://…, rtsps://…, /dev/video0 or a file; - reads it from the standard input.",
            callback=utf8,
            show_default=False,
        ),
    ],
    collection: Annotated[
        str,
        typer.Option(
            metavar="ID", help="Compare faces with this collection.", callback=utf8, show_default=False
        ),
    ],
    threshold: Annotated[
        float,
        typer.Option(metavar="PERCENT", min=0, max=100, help="Recognise from this similarity on."),
    ] = 99.0,
    webhook: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Post events to this webhook.", callback=utf8, show_default=False),
    ] = None,
    preview: Annotated[bool, typer.Option("--preview", help="Let people look at the picture.")] = False,
    data_dir: DataDir = None,
    settings: SettingsFile = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Let the server watch a camera from now on, also when it is started again."""
    with told_in_one_line(debug=debug):
        from countenance.doors.cli import monitoring  # noqa: PLC0415 - loads the database's libraries

        wanted = monitoring.Wanted(name, source, collection, threshold, webhook, preview=preview)
        monitoring.create(settings, data_dir, wanted, as_json=as_json)


@monitors.command("list")
def list_monitors(
    data_dir: DataDir = None, settings: SettingsFile = None, as_json: AsJson = False, debug: Debug = False
) -> None:
    """List monitors, oldest first."""
    with told_in_one_line(debug=debug):
        from countenance.doors.cli import monitoring  # noqa: PLC0415 - loads the database's libraries

        monitoring.show_list(settings, data_dir, as_json=as_json)


@monitors.command()
def start(
    monitor_id: Id, data_dir: DataDir = None, settings: SettingsFile = None, debug: Debug = False
) -> None:
    """Let the server run a monitor from the next second on."""
    with told_in_one_line(debug=debug):
        from countenance.doors.cli import monitoring  # noqa: PLC0415 - loads the database's libraries

        monitoring.start(settings, data_dir, monitor_id)


@monitors.command()
def stop(
    monitor_id: Id, data_dir: DataDir = None, settings: SettingsFile = None, debug: Debug = False
) -> None:
    """Stop a monitor from the next second on."""
    with told_in_one_line(debug=debug):
        from countenance.doors.cli import monitoring  # noqa: PLC0415 - loads the database's libraries

        monitoring.stop(settings, data_dir, monitor_id)


@monitors.command()
def delete(
    monitor_id: Id, data_dir: DataDir = None, settings: SettingsFile = None, debug: Debug = False
) -> None:
    """Stop a monitor and forget it."""
    with told_in_one_line(debug=debug):
        from countenance.doors.cli import monitoring  # noqa: PLC0415 - loads the database's libraries

        monitoring.delete(settings, data_dir, monitor_id)
