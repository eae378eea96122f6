"""What readers are told when something is wrong, in their language."""

from __future__ import annotations

from countenance import errors
from countenance.doors.console.marking import N_
from countenance.doors.statuses import is_the_servers

# The first class that fits counts, so what is special comes before what is general.
_TITLES: tuple[tuple[type[errors.CountenanceError], str], ...] = (
    (errors.MoratoriumInForce, N_("A moratorium forbids this")),
    (errors.ConsentMissing, N_("This person has not consented")),
    (errors.PolicyForbids, N_("The policy forbids this")),
    (errors.ReviewNotYours, N_("Another person has to decide this")),
    (errors.HoldInForce, N_("A legal hold keeps this from being erased")),
    (errors.NotPermitted, N_("Your access key does not allow this")),
    (errors.FormNotOurs, N_("This form is not valid any more")),
    (errors.FormInvalid, N_("The form could not be read")),
    (errors.AccessKeyUnknown, N_("There is no such access key")),
    (errors.PolicyInvalid, N_("This cannot be so")),
    (errors.PaginationTokenInvalid, N_("This page of the list is not there any more")),
    (errors.CollectionExists, N_("There is a collection of this name already")),
    (errors.UserExists, N_("There is a user of this name already")),
    (errors.GalleryFull, N_("The collection is full")),
    (errors.ReviewClosed, N_("This review is decided already")),
    (errors.GroupEditInvalid, N_("The groups cannot be changed like this")),
    (errors.CollectionNotFound, N_("There is no such collection")),
    (errors.FaceNotFound, N_("There is no such face")),
    (errors.UserNotFound, N_("There is no such user")),
    (errors.ConsentNotFound, N_("There is no such consent")),
    (errors.HoldNotFound, N_("There is no such hold")),
    (errors.MoratoriumNotFound, N_("There is no such moratorium")),
    (errors.ReviewNotFound, N_("There is no such review")),
    (errors.SubjectNotFound, N_("Nothing is held of such a person")),
    (errors.LedgerEntryNotFound, N_("The ledger has no such entry")),
    (errors.JobNotFound, N_("There is no such job")),
    (errors.JobEnded, N_("This job has ended already")),
    (errors.EvaluationNotFound, N_("There is no such evaluation")),
    (errors.DataSetInvalid, N_("The data set cannot be used")),
    (errors.TooManyFollowers, N_("Too many people follow jobs just now")),
    (errors.MonitorNotFound, N_("There is no such monitor")),
    (errors.SourceRefused, N_("This source may not be used")),
    (errors.PacksDiffer, N_("The collection was filled by another pack")),
    (errors.NoFaceFound, N_("There is no face in the picture")),
    (errors.ManifestInvalid, N_("The list of pictures cannot be read")),
    (errors.BucketsUnavailable, N_("The pictures' store does not answer")),
    (errors.VideoError, N_("The video cannot be read")),
    (errors.PackNotCalibrated, N_("The pack cannot say what a score means")),
    (errors.ImageTooLarge, N_("The picture is too large")),
    (errors.ImageTooSmall, N_("The picture is too small")),
    (errors.ImageError, N_("This is no picture that can be read")),
    (errors.ExtraMissing, N_("A part of the program is not installed")),
    (errors.RequestTooLarge, N_("What was sent is too large")),
    (errors.RequestTooSlow, N_("What was sent did not arrive in time")),
    (errors.ServerBusy, N_("The server is busy; try again in a moment")),
    (errors.TooManyJobs, N_("Too many jobs wait already")),
    (errors.StoreUnavailable, N_("The database does not answer; try again in a moment")),
)
_FAILED = N_("The server failed, and its log says why")
NOT_FOUND = N_("There is no such page")
NOT_ALLOWED = N_("This cannot be done on this page")


def title_of(error: Exception) -> str:
    """Return the message that says what kind of error it is; `Language.say` tells it."""
    return next((title for kind, title in _TITLES if isinstance(error, kind)), _FAILED)


def belongs_in_form(error: errors.CountenanceError) -> bool:
    """Tell whether an error is told beside what somebody typed, rather than on a page of its own."""
    return not isinstance(error, errors.MoratoriumInForce) and not is_the_servers(error)
