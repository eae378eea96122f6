"""The HTTP status of each error, for our own API and pages: one table."""

from __future__ import annotations

from countenance import errors

# The first class that fits counts, so what is special comes before what is general.
_STATUSES: tuple[tuple[type[errors.CountenanceError], int], ...] = (
    (errors.HoldInForce, 409),
    (errors.NotPermitted, 403),
    # Who asks is found out before; here it is a key that somebody wants to revoke.
    (errors.AccessKeyUnknown, 404),
    (errors.FormNotOurs, 403),
    (errors.FormInvalid, 400),
    (errors.PolicyInvalid, 422),
    (errors.PaginationTokenInvalid, 422),
    (errors.CollectionExists, 409),
    (errors.UserExists, 409),
    (errors.GalleryFull, 409),
    (errors.ReviewClosed, 409),
    (errors.GroupEditInvalid, 409),
    (errors.CollectionNotFound, 404),
    (errors.FaceNotFound, 404),
    (errors.UserNotFound, 404),
    (errors.ConsentNotFound, 404),
    (errors.HoldNotFound, 404),
    (errors.MoratoriumNotFound, 404),
    (errors.ReviewNotFound, 404),
    (errors.GroupNotFound, 404),
    (errors.GroupEditNotFound, 404),
    (errors.SubjectNotFound, 404),
    (errors.LedgerEntryNotFound, 404),
    (errors.JobNotFound, 404),
    (errors.JobEnded, 409),
    (errors.EvaluationNotFound, 404),
    (errors.DataSetInvalid, 422),
    (errors.ExtraMissing, 501),
    (errors.TooManyFollowers, 503),
    (errors.MonitorNotFound, 404),
    (errors.TooManyMonitors, 409),
    (errors.SourceRefused, 422),
    (errors.NotificationRefused, 422),
    (errors.PacksDiffer, 409),
    (errors.NoFaceFound, 422),
    (errors.ManifestInvalid, 422),
    (errors.BucketsUnavailable, 503),
    (errors.VideoTooLarge, 413),
    (errors.VideoError, 422),
    (errors.PackNotCalibrated, 409),
    (errors.ImageTooLarge, 413),
    (errors.ImageError, 400),
    (errors.RequestTooLarge, 413),
    (errors.RequestTooSlow, 408),
    (errors.ServerBusy, 503),
    (errors.TooManyJobs, 503),
    (errors.StoreUnavailable, 503),
)


def status_of(error: errors.CountenanceError) -> int:
    """Return the status of an error; 500 where the server itself failed."""
    return next((status for kind, status in _STATUSES if isinstance(error, kind)), 500)


def is_the_servers(error: errors.CountenanceError) -> bool:
    """Tell whether an error is the server's own: its reason, which may name machines, is for the log."""
    return isinstance(error, errors.StoreError) or status_of(error) == 500
