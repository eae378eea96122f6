"""What a search notes of its answer, and the review that the answer waits for where a policy wants one."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from countenance.governance import Review, ReviewMode, ReviewState
from countenance.ledger import in_hundredths
from countenance.vision.calibration import false_match_rate_at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from countenance.faces import Similarity
    from countenance.gallery.values import Collection
    from countenance.governance import Candidate, CandidateKeys
    from countenance.operations.acts import Act


def note_answer(
    act: Act,
    collection: Collection,
    least_similarity: float,
    gallery_size: int,
    results: Sequence[tuple[str, Similarity]],
) -> None:
    """Note what is needed to judge an answer: threshold, its false match rate, gallery size and results."""
    act.gallery_size = gallery_size
    act.note(
        pack=collection.pack,
        threshold=in_hundredths(least_similarity),
        threshold_fmr=f"{false_match_rate_at(least_similarity):.3g}",
        gallery=gallery_size,
        results=[[subject, in_hundredths(similarity.percent)] for subject, similarity in results],
    )


def must_review(act: Act) -> bool:
    """Tell whether people must review an answer before it counts."""
    return act.policy is not None and act.policy.review is not ReviewMode.NONE


def open_review(
    act: Act,
    collection: Collection,
    candidates: Sequence[tuple[Candidate, CandidateKeys]],
    probe: bytes | None,
) -> None:
    """Keep an answer for people to review; the act names the review, and its entry is written with it."""
    assert act.policy is not None  # noqa: S101 - `must_review` has looked
    review = Review(
        review_id=str(uuid.uuid4()),
        collection_id=collection.collection_id,
        request_id=act.request_id,
        asked_by=act.caller.key_id,
        operation=act.operation,
        mode=act.policy.review,
        state=ReviewState.OPEN,
        created_at=datetime.now(UTC),
        decided_at=None,
        candidates=tuple(candidate for candidate, _ in candidates),
        votes=(),
    )
    act.note(review=review.review_id)
    with act.recording() as writer:
        writer.add_review(review, collection.key, probe, [keys for _, keys in candidates])
    act.review_id = review.review_id
