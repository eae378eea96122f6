"""`/v1/subjects`: people, by the names under which they are enrolled, are erased or met."""

from typing import Annotated

from fastapi import Path

from countenance.doors.rest.calls import TheCall, new_router
from countenance.doors.rest.description import problems
from countenance.doors.rest.models.fields import Subject
from countenance.doors.rest.models.subjects import ErasedSubject, Interaction, NewInteraction
from countenance.operations import erase_subject as erasing
from countenance.operations import record_interaction as recording

Named = Annotated[Subject, Path(description="An ExternalImageId or a UserId.", examples=["eileen-collins"])]

router = new_router("subjects")
_NOW = NewInteraction()


@router.delete(
    "/subjects/{subject}",
    responses=problems(_404="Nothing is held of them.", _409="A legal hold forbids it."),
)
async def erase_subject(call: TheCall, subject: Named) -> ErasedSubject:
    """Erase everything that is held of somebody, in all collections, and end their consents."""
    erased = await call.do(lambda act: erasing.erase_subject(call.desk.gallery, act, subject))
    return ErasedSubject.model_validate(erased)


@router.post(
    "/subjects/{subject}/interactions",
    status_code=201,
    responses=problems(_404="No collection knows them."),
)
async def record_interaction(call: TheCall, subject: Named, new: NewInteraction = _NOW) -> Interaction:
    """Record that there was something to do with somebody: their retention counts from then on."""
    at = await call.do(lambda act: recording.record_interaction(act, subject, new.at))
    return Interaction(subject=subject, at=at)
