"""The first step of an import: what its sources name becomes the items of its job.

Killed meanwhile, it starts over and adds what is not there yet; no picture is opened before all are listed.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import chain, islice
from typing import TYPE_CHECKING

from countenance.archive.sources import read_source
from countenance.archive.values import PassedOver
from countenance.errors import PolicyInvalid
from countenance.governance import Source
from countenance.operations.imports.values import new_item, new_item_passed_over

if TYPE_CHECKING:
    from countenance.archive.values import Listed
    from countenance.jobs.run import JobRun
    from countenance.jobs.values import NewItem
    from countenance.operations.imports.rooms import ImportRooms
    from countenance.operations.imports.values import ImportAsked

_AT_ONCE = 1_000


def list_items(rooms: ImportRooms, run: JobRun, asked: ImportAsked) -> None:
    """Add what an import's sources name to its job, and note when that is all.

    Raises:
        NotPermitted: who asked may not do anything any more, or not read a bucket.
        ManifestInvalid: nothing can be imported from a source.
        ObjectNotReadable: a bucket cannot be listed.
        ExtraMissing: a manifest is Parquet, and pyarrow is not installed.
        JobStopped, JobLost: the job is to be left.
        StoreUnavailable: the database does not answer.
    """
    count = int(run.job.checkpoint.get("items", 0))
    listed = chain.from_iterable(
        read_source(rooms.pictures, source, asked.external_ids) for source in asked.sources
    )
    while some := list(islice(listed, _AT_ONCE)):
        run.check()
        run.caller()
        with run.store.writing() as writer:
            count += writer.add_items(run.job, run.claim, [_new_item(each) for each in some])
            writer.save_checkpoint(run.job, run.claim, {"items": count})
    with run.store.writing() as writer:
        writer.save_checkpoint(run.job, run.claim, {"items": count, "listed": True}, total=count)


def _new_item(listed: Listed) -> NewItem:
    if isinstance(listed, PassedOver):
        return new_item_passed_over(listed)
    if listed.source is not None:
        try:
            return new_item(replace(listed, source=Source.parse(listed.source).value))
        except PolicyInvalid as error:
            return new_item_passed_over(PassedOver(listed.name, f"source: {error}"))
    return new_item(listed)
