"""What evaluations work with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from countenance.images import ImageLimits
    from countenance.images.sources import LocalBuckets
    from countenance.jobs.ports import JobStore
    from countenance.operations.acts import Register
    from countenance.vision import FaceAnalyzer


@dataclass(frozen=True, slots=True)
class EvaluationRooms:
    """The rooms that evaluations put to work; data sets lie in the ``buckets``."""

    vision: FaceAnalyzer
    register: Register
    store: JobStore
    buckets: LocalBuckets
    limits: ImageLimits
