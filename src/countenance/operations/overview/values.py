"""Frozen values of the overview: what is held, what waits, and how the service stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from countenance.governance import Moratorium
    from countenance.jobs.values import JobState
    from countenance.operations.overview.forecasting import Due
    from countenance.operations.overview.ledger_watch import LedgerFinding


@dataclass(frozen=True, slots=True)
class Held:
    """How much there is: faces, users (people whose faces are searched for as one), and subjects of both."""

    faces: int = 0
    users: int = 0
    subjects: int = 0

    def __add__(self, other: Held) -> Held:
        """Return the sums."""
        return Held(self.faces + other.faces, self.users + other.users, self.subjects + other.subjects)


@dataclass(frozen=True, slots=True)
class CollectionHeld:
    """A collection, its purpose if it declares one, what is in it, and what of that is due for erasure.

    ``due`` is None where nothing ends the stay of its faces.
    """

    collection_id: str
    purpose: str | None
    held: Held
    due: Due | None


@dataclass(frozen=True, slots=True)
class CountedJobs:
    """How many jobs of one key, in one collection or none, are in one state."""

    state: JobState
    asked_by: str
    collection_id: str | None
    jobs: int


@dataclass(frozen=True, slots=True)
class MeasuredError:
    """How wrong a pack was at one threshold, on one data set.

    Attributes:
        data: the data set.
        similarity: the threshold, 0–100.
        false_match_rate: how often two different people reached it.
        false_match_range: the interval of 95 % of that.
        false_non_match_rate: how often two pictures of one person did not.
        false_non_match_range: the interval of 95 % of that.
    """

    data: str
    similarity: float
    false_match_rate: float
    false_match_range: tuple[float, float]
    false_non_match_rate: float
    false_non_match_range: tuple[float, float]


@dataclass(frozen=True, slots=True)
class GroupErrors:
    """A group of people, such as 0-2 by age, and how many times as many errors as the others it had."""

    attribute: str
    group: str
    times: float


@dataclass(frozen=True, slots=True)
class PackInUse:
    """The pack of models that finds and compares faces.

    Attributes:
        name: its name.
        version: its version.
        licence: the SPDX name of its licence.
        errors: what was measured of it, by threshold; empty where nothing is on record.
        groups_with_more_errors: how many groups of people were found to have more errors than others; None
            where groups were not compared.
        most_errors: the group with the most errors; None where there is none.
    """

    name: str
    version: str
    licence: str
    errors: tuple[MeasuredError, ...]
    groups_with_more_errors: int | None
    most_errors: GroupErrors | None


@dataclass(frozen=True, slots=True)
class SweepNote:
    """When a server last looked for what is due and erased it, and how many faces those were."""

    at: datetime
    faces: int


@dataclass(frozen=True, slots=True)
class LedgerStanding:
    """Where the ledger stands, and what is known of whether it verifies.

    Attributes:
        size: how many entries it has.
        last_at: when the last one was added; None where there is none.
        signature_holds: whether the checkpoint of all entries is signed with the ledger's key and is of them,
            looked at now.
        found: what verifying the entries themselves has found, and when.
    """

    size: int
    last_at: datetime | None
    signature_holds: bool
    found: LedgerFinding


@dataclass(frozen=True, slots=True)
class Overview:
    """How things stand, as far as the key that asks may know; None is what it may not list either.

    Attributes:
        at: when.
        collections: how many the key may see.
        held: what is in them.
        largest: those with the most faces, the largest first.
        due: faces that are due for erasure.
        due_counted_at: when the oldest of these counts was made; None where nothing can become due.
        consents: how many there are by state: expired, future, valid and withdrawn.
        consents_due: records of consents that are due for erasure.
        open_reviews: how many answers wait for people.
        holds: how many legal holds are in force.
        moratoria: those in force, also those given when the server started.
        jobs: how many there are by state; of those that ended, the ones of the last day.
        running_monitors: how many monitors are to run.
        last_sweep: when what is due was last erased, since the server started.
        pack: the pack of models in use; None where it is not described on this machine.
        ledger: how the ledger stands.
    """

    at: datetime
    collections: int
    held: Held
    largest: tuple[CollectionHeld, ...]
    due: Due
    due_counted_at: datetime | None
    consents: Mapping[str, int] | None
    consents_due: Due | None
    open_reviews: int | None
    holds: int | None
    moratoria: tuple[Moratorium, ...]
    jobs: Mapping[JobState, int] | None
    running_monitors: int | None
    last_sweep: SweepNote | None
    pack: PackInUse | None
    ledger: LedgerStanding | None
