"""`/v1/collections/{collection_id}/imports`: many pictures from buckets, enrolled by a job."""

from typing import TYPE_CHECKING

from countenance.doors.rest.calls import TheCall, new_router
from countenance.doors.rest.collections import Named
from countenance.doors.rest.description import problems
from countenance.doors.rest.jobs import job_shown
from countenance.doors.rest.models.imports import NewImport
from countenance.doors.rest.models.jobs import Job
from countenance.operations.imports.start_import import Runner, start_import
from countenance.operations.imports.values import ExternalIds, ImportAsked, QualityLevel

if TYPE_CHECKING:
    from countenance.operations.acts import Act

router = new_router("imports")


@router.post(
    "/collections/{collection_id}/imports",
    status_code=201,
    responses=problems(_404="There is no such collection.", _409="Another pack of models filled it."),
)
async def import_faces(call: TheCall, collection_id: Named, new: NewImport) -> Job:
    """Queue a job that enrols the faces of all pictures in buckets; one that is unfinished goes on."""
    asked = ImportAsked(
        sources=new.sources,
        external_ids=ExternalIds(new.external_ids),
        source=new.source,
        level=QualityLevel(new.quality),
        most=new.max_faces,
    )

    def start(act: "Act") -> Job:
        started = start_import(call.desk.imports, act, collection_id, asked, Runner.WORKERS)
        return job_shown(started.job)

    return await call.do(start)
