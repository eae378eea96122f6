"""What does an import job."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countenance.operations.imports.import_export import import_export
from countenance.operations.imports.import_pictures import import_pictures
from countenance.operations.imports.listing import list_items
from countenance.operations.imports.values import ImportAsked, export_in
from countenance.operations.probes import require_pack

if TYPE_CHECKING:
    from countenance.jobs.run import JobRun
    from countenance.operations.imports.rooms import ImportRooms


def import_faces(rooms: ImportRooms, run: JobRun) -> None:
    """Do an import job, or go on with it; returning means that it is done.

    Raises:
        NotPermitted: it is not allowed, or not any more.
        CollectionNotFound: there is no such collection, or not any more.
        PacksDiffer: the collection was filled by another pack.
        CountenanceError: nothing can be imported from a source, or the database does not answer.
        JobStopped: it is to be left as it is.
    """
    asked = ImportAsked.from_json(run.job.asked.parameters)
    with rooms.gallery.reading() as reader:
        require_pack(rooms.vision, reader.collection(str(run.job.asked.collection_id)))
    export = export_in(asked)
    if export is not None:
        import_export(rooms, run, export)
        return
    if not run.job.checkpoint.get("listed"):
        list_items(rooms, run, asked)
    import_pictures(rooms, run, asked)
