"""Empty the whole service: every collection, with one summary receipt."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

from countenance.operations.delete_collection import finish_deletions, hide
from countenance.operations.queueing import job_writer

if TYPE_CHECKING:
    from collections.abc import Callable

    from countenance.gallery import Gallery
    from countenance.operations.acts import Act
    from countenance.operations.evaluations.ports import EvaluationWriter
    from countenance.operations.videos.ports import VideoWriter

_BATCH = 1000


def erase_everything(
    gallery: Gallery,
    act: Act,
    begun: Callable[[int], None] = lambda _: None,
    progress: Callable[[int], None] = lambda _: None,
) -> int:
    """Delete all collections at once, and erase what was in them; returns how many faces that were.

    What was seen in videos that no collection was searched for is erased, too, and so are kept evaluations.

    Args:
        gallery: the collections.
        act: who asks; the receipt is that of its request.
        begun: is told how many faces there are, when none can be found any more.
        progress: is told how many faces were erased since it was told last.

    Raises:
        NotPermitted: the caller's key is no administrator's.
        HoldInForce: a legal hold is on somebody; nothing was erased.
    """
    act.permit("erase_everything")
    faces = 0
    with act.changing(gallery) as change:
        while batch := change.writer.collections(after_key=0, most=_BATCH):
            for collection in batch:
                faces += change.writer.count_faces(collection)
                hide(act, change.writer, collection)
                change.hide_collection(collection, act.request_id)
        videos = cast("VideoWriter", change.writer)
        act.note(tracks=videos.delete_videos(videos.unsearched_videos()))
        act.note(evaluations=cast("EvaluationWriter", change.writer).delete_all_evaluations())
        job_writer(change.writer).cancel_everything(datetime.now(UTC))
    begun(faces)
    return finish_deletions(gallery, act.register, progress)
