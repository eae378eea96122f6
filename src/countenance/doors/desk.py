"""What routes of our own API and pages work with: the rooms behind the door, and the call they answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from countenance.access import KeyStore

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from countenance.access import AccessKey
    from countenance.doors.admission import Admission
    from countenance.doors.tokens import PaginationTokens
    from countenance.gallery import Gallery
    from countenance.images import ImageLimits
    from countenance.images.sources import PictureSources
    from countenance.ledger import LedgerReader, VerifierKey
    from countenance.operations.acts import Act, Register
    from countenance.operations.evaluations.rooms import EvaluationRooms
    from countenance.operations.follow_job import JobFollowers
    from countenance.operations.identifiers import Identifiers
    from countenance.operations.imports.rooms import ImportRooms
    from countenance.operations.monitors.supervisor import Monitors
    from countenance.operations.reports.service import ServiceFacts
    from countenance.operations.videos.rooms import VideoRooms
    from countenance.vision import FaceAnalyzer

Answer = TypeVar("Answer")


class Records(KeyStore, Protocol):
    """What routes need of the database besides what operations ask for."""

    @property
    def verifier_key(self) -> VerifierKey:
        """The public key of what signs the ledger."""

    def reading_ledger(self) -> AbstractContextManager[LedgerReader]:
        """Open the ledger as of one moment."""


@dataclass(frozen=True, slots=True)
class Desk:
    """The rooms that routes hand to operations, and what they need besides.

    ``limits`` bound a picture's bytes, pixels and sides; ``service`` is what reports say of the service.
    """

    vision: FaceAnalyzer
    gallery: Gallery
    pictures: PictureSources
    identifiers: Identifiers
    limits: ImageLimits
    records: Records
    register: Register
    tokens: PaginationTokens
    admission: Admission
    monitors: Monitors
    imports: ImportRooms
    videos: VideoRooms
    evaluations: EvaluationRooms
    followers: JobFollowers
    service: ServiceFacts


@dataclass(frozen=True, slots=True)
class Call:
    """One request whose sender is known."""

    desk: Desk
    key: AccessKey
    request_id: str

    async def do(self, operation: Callable[[Act], Answer]) -> Answer:
        """Run an operation as soon as a worker is free; its entry is in the ledger before this returns.

        Raises:
            ServerBusy: too many requests wait already.
            CountenanceError: what the operation raises.
        """
        return await self.desk.admission.run(self._recorded, operation)

    def _recorded(self, operation: Callable[[Act], Answer]) -> Answer:
        with self.desk.register.act(self.key, self.request_id) as act:
            return operation(act)
