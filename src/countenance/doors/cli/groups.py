"""``countenance groups …``: what a grouping suggested, and what people say of it."""

from typing import Annotated, Literal

import typer

from countenance.doors.cli.options import AsJson, DataDir, Debug, SettingsFile, utf8
from countenance.doors.cli.outcomes import told_in_one_line

groups = typer.Typer(name="groups", help="List, show, correct, confirm and name groups of faces.")

State = Literal["suggested", "confirmed"]
Collection = Annotated[
    str, typer.Option(metavar="ID", help="The collection.", callback=utf8, show_default=False)
]
GroupId = Annotated[str, typer.Argument(metavar="GROUP", help="Its id.", callback=utf8, show_default=False)]
Faces = Annotated[
    list[str],
    typer.Argument(
        metavar="FACE…",
        help="The faces' ids.",
        callback=lambda faces: [utf8(face) for face in faces],
        show_default=False,
    ),
]


@groups.command("list")
def list_groups(
    collection: Collection,
    state: Annotated[State | None, typer.Option(help="Only those of this state.", show_default=False)] = None,
    data_dir: DataDir = None,
    settings: SettingsFile = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """List groups, the largest first."""
    with told_in_one_line(debug=debug):
        from countenance.doors.cli import looking_at_groups  # noqa: PLC0415 - loads the database's libraries

        looking_at_groups.show_list(settings, data_dir, collection, state, as_json=as_json)


@groups.command()
def show(
    group_id: GroupId,
    collection: Collection,
    data_dir: DataDir = None,
    settings: SettingsFile = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Show a group and its faces."""
    with told_in_one_line(debug=debug):
        from countenance.doors.cli import looking_at_groups  # noqa: PLC0415 - loads the database's libraries

        looking_at_groups.show(settings, data_dir, collection, group_id, as_json=as_json)


@groups.command()
def merge(
    group_id: GroupId,
    others: Annotated[
        list[str],
        typer.Argument(
            metavar="OTHER…",
            help="The groups whose faces come to it.",
            callback=lambda others: [utf8(other) for other in others],
            show_default=False,
        ),
    ],
    collection: Collection,
    data_dir: DataDir = None,
    settings: SettingsFile = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Say that other groups are the same person as this one."""
    with told_in_one_line(debug=debug):
        from countenance.doors.cli import changing_groups  # noqa: PLC0415 - loads the database's libraries

        changing_groups.change(settings, data_dir, "merge", collection, group_id, others, as_json=as_json)


@groups.command()
def split(
    group_id: GroupId,
    faces: Faces,
    collection: Collection,
    data_dir: DataDir = None,
    settings: SettingsFile = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Say that some faces of a group are one person and the rest is another."""
    with told_in_one_line(debug=debug):
        from countenance.doors.cli import changing_groups  # noqa: PLC0415 - loads the database's libraries

        changing_groups.change(settings, data_dir, "split", collection, group_id, faces, as_json=as_json)


@groups.command()
def move(
    group_id: GroupId,
    faces: Faces,
    collection: Collection,
    data_dir: DataDir = None,
    settings: SettingsFile = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Put faces into a group, from another one or from none."""
    with told_in_one_line(debug=debug):
        from countenance.doors.cli import changing_groups  # noqa: PLC0415 - loads the database's libraries

        changing_groups.change(settings, data_dir, "move", collection, group_id, faces, as_json=as_json)


@groups.command()
def reject(
    group_id: GroupId,
    faces: Faces,
    collection: Collection,
    data_dir: DataDir = None,
    settings: SettingsFile = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Say that faces are not this person; no grouping puts them there again."""
    with told_in_one_line(debug=debug):
        from countenance.doors.cli import changing_groups  # noqa: PLC0415 - loads the database's libraries

        changing_groups.change(settings, data_dir, "reject", collection, group_id, faces, as_json=as_json)


@groups.command()
def confirm(
    group_id: GroupId,
    collection: Collection,
    data_dir: DataDir = None,
    settings: SettingsFile = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Say that all faces of a group are one person's."""
    with told_in_one_line(debug=debug):
        from countenance.doors.cli import changing_groups  # noqa: PLC0415 - loads the database's libraries

        changing_groups.change(settings, data_dir, "confirm", collection, group_id, as_json=as_json)


@groups.command()
def name(
    group_id: GroupId,
    user: Annotated[
        str,
        typer.Argument(
            metavar="USER", help="The user whose faces they become.", callback=utf8, show_default=False
        ),
    ],
    collection: Collection,
    data_dir: DataDir = None,
    settings: SettingsFile = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Say who a group is; it takes that person's consent."""
    with told_in_one_line(debug=debug):
        from countenance.doors.cli import changing_groups  # noqa: PLC0415 - loads the database's libraries

        changing_groups.change(settings, data_dir, "name", collection, group_id, user, as_json=as_json)


@groups.command()
def undo(
    collection: Collection,
    edit: Annotated[
        str | None,
        typer.Argument(
            metavar="EDIT",
            help="Which edit, by its id. [default: the newest that can be undone and is not]",
            callback=utf8,
            show_default=False,
        ),
    ] = None,
    data_dir: DataDir = None,
    settings: SettingsFile = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Take an edit back, or the last one, and with the same command the one before."""
    with told_in_one_line(debug=debug):
        from countenance.doors.cli import changing_groups  # noqa: PLC0415 - loads the database's libraries

        changing_groups.change(settings, data_dir, "undo", collection, edit, as_json=as_json)


@groups.command()
def history(
    collection: Collection,
    data_dir: DataDir = None,
    settings: SettingsFile = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """List all edits, the newest first."""
    with told_in_one_line(debug=debug):
        from countenance.doors.cli import looking_at_groups  # noqa: PLC0415 - loads the database's libraries

        looking_at_groups.show_history(settings, data_dir, collection, as_json=as_json)
