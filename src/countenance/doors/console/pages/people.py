"""People: found by name, and one of them with what is held, where they were found, and what can be done."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from countenance.doors.console.routing import page
from countenance.doors.console.visit import PAGE_SIZE
from countenance.errors import SubjectNotFound
from countenance.operations.list_subjects import MOST_TEXT, list_subjects
from countenance.operations.record_interaction import record_interaction
from countenance.operations.show_subject import show_subject, trace_subject

if TYPE_CHECKING:
    from starlette.responses import Response

    from countenance.doors.console.visit import Visit
    from countenance.operations.acts import Act
    from countenance.operations.show_subject import TracedSubject

MOST_SEARCHES = 200
"""How many of the searches that found somebody are shown; the report of a person has all."""


async def show_people(visit: Visit) -> Response:
    """Find people by a part of their name, or list them, those enrolled first first."""
    like = visit.query.get("name", "").strip()
    if not visit.may("list_subjects"):
        return visit.page("people/people.html", like=like, people=[], next=None, problem="")
    if len(like) > MOST_TEXT or "\0" in like:
        return visit.page("people/people.html", 422, like="", people=[], next=None, problem="name")
    paging = visit.paging("people", like=like)
    found = await visit.do(
        lambda act: list_subjects(
            visit.desk.gallery, act, like=like, most=PAGE_SIZE, after_key=paging.position
        )
    )
    return visit.page(
        "people/people.html", like=like, people=found.items, next=paging.next_of(found), problem=""
    )


async def show_person(visit: Visit) -> Response:
    """Show what is held of somebody."""
    return await _person(visit, visit.query.get("subject", ""))


async def note_interaction(visit: Visit) -> Response:
    """Note that there was something to do with somebody, so that their retention counts from now on."""
    subject = visit.form.text("subject")
    await visit.do(lambda act: record_interaction(act, subject))
    return visit.go("/people/person", done="interaction", subject=subject)


async def show_where_found(visit: Visit) -> Response:
    """Show which searches found somebody, and who learned of it."""
    subject = visit.query.get("subject", "")

    def trace(act: Act) -> TracedSubject:
        with visit.desk.records.reading_ledger() as ledger:
            return trace_subject(visit.desk.gallery, ledger, visit.desk.records, act, subject)

    try:
        traced = await visit.do(trace)
    except SubjectNotFound:
        return _nothing_held(visit, subject)
    return visit.page(
        "people/found.html",
        subject=subject,
        traced=traced,
        searches=traced.found[: -MOST_SEARCHES - 1 : -1],
        more=len(traced.found) > MOST_SEARCHES,
        me=visit.key.key_id,
    )


async def _person(visit: Visit, subject: str) -> Response:
    try:
        shown = await visit.do(lambda act: show_subject(visit.desk.gallery, act, subject))
    except SubjectNotFound:
        return _nothing_held(visit, subject)
    return visit.page("people/person.html", shown=shown, subject=subject, now=datetime.now(UTC))


def _nothing_held(visit: Visit, subject: str) -> Response:
    return visit.page("people/nobody.html", 404, subject=subject)


ROUTES = (
    page("/people", show_people, needs=("list_subjects", "list_consents", "show_subject")),
    page("/people/person", show_person, needs=("show_subject",)),
    page("/people/found", show_where_found, needs=("show_subject",)),
    page("/people/interaction", note_interaction, methods=("POST",), needs=("record_interaction",)),
)
