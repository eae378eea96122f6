"""What reports say of the service itself; `wiring` reads it from the settings."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import timedelta


class Transport(enum.StrEnum):
    """How requests are protected on their way."""

    BY_THE_SERVER = "TLS, by the server itself"
    BEFORE_THE_SERVER = "TLS, by what stands before the server: its address begins with https"
    NOT_KNOWN = "not by the server: it speaks plain HTTP, and knows of nothing before it that encrypts"


@dataclass(frozen=True, slots=True)
class ServiceFacts:
    """The service as its settings make it.

    Attributes:
        version: of this software.
        pack: the pack of models in use, a name or the path of a description.
        transport: how requests are protected on their way.
        database: SQLite or PostgreSQL.
        master_key: where the master key comes from.
        has_witness: whether somebody else gets the ledger's checkpoints.
        reads_s3: whether pictures are read from an S3-compatible store.
        sweep_every: how often what is due is erased.
        consents_kept: how long the record of a consent stays after it ended.
        backups_kept: how long the operator keeps backups, where that is set.
    """

    version: str
    pack: str
    transport: Transport
    database: str
    master_key: str
    has_witness: bool
    reads_s3: bool
    sweep_every: timedelta
    consents_kept: timedelta
    backups_kept: timedelta | None
