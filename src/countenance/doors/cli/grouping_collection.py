"""The work of ``countenance group --collection``: group the faces of a collection, and show the people.

1. Ask for the grouping, and do it here.
2. Print the groups.
3. Write the page that shows them, where the collection keeps pictures.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from countenance.access import machine_operator
from countenance.doors.cli.composition import loading, waiting
from countenance.doors.cli.files import check_target, write_content
from countenance.doors.cli.group_sheet import Sheet, SheetFace, SheetPerson, sheet_page
from countenance.doors.cli.looking_at_groups import print_groups
from countenance.doors.cli.outcomes import ExitCode, WrongUsage, tell
from countenance.doors.cli.words import count
from countenance.doors.cli.work import warn_in_lines
from countenance.errors import JobEnded
from countenance.operations.groups.look_at_groups import list_groups
from countenance.operations.groups.show_people import show_people
from countenance.operations.groups.start_grouping import Runner, start_grouping
from countenance.operations.manage_jobs import JobState, cancel_job
from countenance.settings import read_settings
from countenance.wiring import furnish, open_office, worker_of_command

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

    from countenance.operations.acts import Act
    from countenance.operations.groups.look_at_groups import Group
    from countenance.operations.groups.show_people import ShownPeople
    from countenance.operations.groups.start_grouping import Job
    from countenance.settings import Settings
    from countenance.wiring import Office

_PAGE = 1000


@dataclass(frozen=True, slots=True)
class CollectionRequest:
    """What the user asks for."""

    collection_id: str
    html: Path | None
    as_json: bool


def answer(
    file: Path | None, data_dir: Path | None, pack: str | None, request: CollectionRequest
) -> ExitCode:
    """Group a collection's faces, print the groups, and return the exit code.

    Raises:
        CountenanceError: it may not be grouped, or could not be.
    """
    if request.html is not None:
        check_target(request.html)
    settings = read_settings(file, data_dir=data_dir, pack=pack)
    warn_in_lines()
    with open_office(settings) as office:
        # 1
        ended = _grouped(settings, office, request.collection_id)
        if ended is not None:
            return ended
        # 2
        groups = _all_groups(office, request.collection_id)
        print_groups(groups, as_json=request.as_json)
        tell(_summary(groups))
        # 3
        if request.html is not None:
            _write_sheet(office, request.collection_id, request.html, _summary(groups))
    return ExitCode.DONE


def _grouped(settings: Settings, office: Office, collection_id: str) -> ExitCode | None:
    """Group the faces; returns how the command ends where that was not done."""
    with _acting(office) as act:
        job = start_grouping(office.gallery, act, collection_id, runner=Runner.TERMINAL)
    try:
        with loading(settings):
            rooms = furnish(settings, office)
        with waiting(f"grouping the faces of {collection_id} …"):
            job = worker_of_command(rooms).do_one(job.job_id)
    except BaseException as error:
        _give_up(office, job)
        if not isinstance(error, KeyboardInterrupt):
            raise
        tell("stopped; nothing was changed")
        return ExitCode.STOPPED
    if job.state is JobState.SUCCEEDED:
        return None
    tell(f"the faces were not grouped: {job.message or job.state}")
    _give_up(office, job)
    return ExitCode.FAILED


def _give_up(office: Office, job: Job) -> None:
    """Cancel a job that nobody else would go on with; the same command asks for a new one."""
    with suppress(JobEnded), _acting(office) as act:
        cancel_job(act, job.job_id)


def _acting(office: Office) -> AbstractContextManager[Act]:
    return office.register.act(machine_operator())


def _all_groups(office: Office, collection_id: str) -> list[Group]:
    found: list[Group] = []
    after: int | None = 0
    with _acting(office) as act:
        while after is not None:
            page = list_groups(office.gallery, act, collection_id, most=_PAGE, after_key=after)
            found += page.items
            after = page.next_after
    return found


def _summary(groups: list[Group]) -> str:
    faces = sum(group.face_count for group in groups)
    named = sum(group.user_id is not None for group in groups)
    return f"{count(len(groups), 'group')} of {count(faces, 'face')}, {named:,} with a name"


def _write_sheet(office: Office, collection_id: str, target: Path, summary: str) -> None:
    with _acting(office) as act:
        shown = show_people(office.gallery, act, collection_id)
    if not any(person.faces for person in shown.people):
        raise WrongUsage(
            f"the collection {collection_id} keeps no pictures of faces, so there is nothing to show; with "
            "the tag countenance:portraits=kept it keeps those that are enrolled from then on"
        )
    write_content(target, sheet_page(_sheet(collection_id, shown, summary)).encode(), private=True)
    tell(f"wrote {target}")


def _sheet(collection_id: str, shown: ShownPeople, summary: str) -> Sheet:
    words = [f"{summary}."]
    if shown.left_out:
        words.append(f"The {len(shown.people):,} largest groups are shown, and of each the first faces.")
    people = tuple(
        SheetPerson(
            person.group.user_id or f"Group {person.group.group_id}",
            f"{count(person.group.face_count, 'face')}, {person.group.confirmed_count:,} confirmed",
            tuple(
                SheetFace(
                    face.portrait,
                    face.grouped.face.external_image_id or face.grouped.face.face_id[:8],
                    face.grouped.face.face_id,
                )
                for face in person.faces
            ),
        )
        for person in shown.people
    )
    return Sheet(f"People in {collection_id}", tuple(words), people, ())
