"""What becomes of a job when its work ended, and when what failed is tried again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from countenance.errors import (
    CountenanceError,
    FetchFailed,
    JobItemsGone,
    MoratoriumInForce,
    ServerBusy,
    StoreUnavailable,
)
from countenance.jobs.run import JobStopped, JobWaits
from countenance.jobs.values import JobState

MOST_TRANSIENT_FAILURES = 5
MOST_UNEXPECTED_FAILURES = 3
# A worker that dies may be killed for reasons that are not the job's; a job that kills workers must end.
MOST_FAILURES = 10

_TRANSIENT = (StoreUnavailable, ServerBusy, FetchFailed)
_FIRST_SECONDS, _MOST_SECONDS = 2.0, 600.0
_MORATORIUM_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a job.

    Attributes:
        state: how it ended; None where it is put back.
        message: why, for people.
        after: when it may be gone on with, from now.
        failed: whether it is put back because it failed.
    """

    state: JobState | None
    message: str = ""
    after: timedelta = timedelta(0)
    failed: bool = False


def back_off(failures: int, chance: float) -> timedelta:
    """Return how long to wait after failures in a row, before what failed is tried again.

    It doubles from two seconds to ten minutes; the second half of each is left to chance, so that what
    failed together is not tried together ("equal jitter", M. Brooker, *Exponential Backoff and Jitter*,
    AWS Architecture Blog, 2015).

    Args:
        failures: how often it failed, at least once.
        chance: a random number from 0 to 1.
    """
    doublings = min(failures - 1, 20)
    seconds = min(_FIRST_SECONDS * 2**doublings, _MOST_SECONDS)
    return timedelta(seconds=seconds * (1 + chance) / 2)


def verdict_of(error: BaseException | None, failures: int, chance: float) -> Verdict:
    """Return what becomes of a job whose work ended so; ``failures`` were there before.

    A moratorium, and whatever stops a worker, is no failure: the job waits. What may work later is tried
    again, and what nobody expected, too, but not for ever. All else is for people to mend.
    """
    if error is None:
        return Verdict(JobState.SUCCEEDED)
    if isinstance(error, MoratoriumInForce):
        return Verdict(None, str(error), timedelta(seconds=_MORATORIUM_SECONDS))
    if isinstance(error, JobWaits):
        return Verdict(None, str(error), error.after)
    if isinstance(error, (JobStopped, JobItemsGone)):
        return Verdict(None)
    if isinstance(error, CountenanceError):
        message, most = str(error), MOST_TRANSIENT_FAILURES if isinstance(error, _TRANSIENT) else 1
    elif isinstance(error, Exception):
        message = f"the worker failed unexpectedly ({type(error).__name__}); its log says where"
        most = MOST_UNEXPECTED_FAILURES
    else:
        return Verdict(None)  # the process is told to end
    if failures + 1 >= most:
        return Verdict(JobState.FAILED, message if most == 1 else f"{message} (tried {failures + 1} times)")
    return Verdict(None, message, back_off(failures + 1, chance), failed=True)
