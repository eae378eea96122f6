"""What clients are told when something is wrong: Amazon's names and statuses, and words that programs match.

Most names are in botocore's service model; those that are answered before a request reaches the service
(signature, JSON, operation) are not, and are named here as the SDKs know them.
"""

from __future__ import annotations

from countenance import errors

NO_FACES = "There are no faces in the image. Should be at least 1."
INVALID_PARAMETERS = "Request has invalid parameters."
INVALID_IMAGE_FORMAT = "Request has invalid image format."
IMAGE_TOO_LARGE = "Image size is too large."
FAILED = "The server failed and changed nothing. Its log says why."


class Fault(Exception):
    """An error as it goes over the wire: Amazon's name for it, a message, and the HTTP status."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


# The first class that fits counts, so what is special comes before what is general.
_CODES: tuple[tuple[type[errors.CountenanceError], str], ...] = (
    (errors.AuthenticationMissing, "MissingAuthenticationTokenException"),
    (errors.AccessKeyUnknown, "UnrecognizedClientException"),
    (errors.SignatureInvalid, "InvalidSignatureException"),
    (errors.NotPermitted, "AccessDeniedException"),
    (errors.HoldInForce, "AccessDeniedException"),
    (errors.PolicyInvalid, "InvalidParameterException"),
    (errors.CollectionExists, "ResourceAlreadyExistsException"),
    (errors.CollectionNotFound, "ResourceNotFoundException"),
    (errors.UserExists, "ConflictException"),
    (errors.UserNotFound, "ResourceNotFoundException"),
    # Rekognition says InvalidParameterException here; its API reference names no ResourceNotFound for faces.
    (errors.FaceNotFound, "InvalidParameterException"),
    (errors.GalleryFull, "ServiceQuotaExceededException"),
    (errors.PaginationTokenInvalid, "InvalidPaginationTokenException"),
    (errors.RequestTokenReused, "IdempotentParameterMismatchException"),
    (errors.NoFaceFound, "InvalidParameterException"),
    (errors.PacksDiffer, "InvalidParameterException"),
    (errors.ObjectNotReadable, "InvalidS3ObjectException"),
    (errors.VideoTooLarge, "VideoTooLargeException"),
    (errors.TooManyJobs, "LimitExceededException"),
    (errors.JobNotFound, "ResourceNotFoundException"),
    (errors.NotificationRefused, "InvalidParameterException"),
    (errors.ImageTooLarge, "ImageTooLargeException"),
    (errors.ImageTooSmall, "InvalidParameterException"),
    (errors.ImageError, "InvalidImageFormatException"),
    (errors.RequestTooLarge, "RequestEntityTooLargeException"),
    (errors.RequestTooSlow, "RequestTimeoutException"),
    (errors.ServerBusy, "ProvisionedThroughputExceededException"),
)
# Sentences that client programs compare with; the explanation of ours follows them.
_SENTENCES: tuple[tuple[type[errors.CountenanceError], str], ...] = (
    (errors.NoFaceFound, NO_FACES),
    (errors.PacksDiffer, INVALID_PARAMETERS),
    (errors.NotificationRefused, INVALID_PARAMETERS),
    (
        errors.ObjectNotReadable,
        "Unable to get object metadata from S3. Check object key, region and/or access permissions.",
    ),
    (errors.ImageTooLarge, IMAGE_TOO_LARGE),
    (errors.ImageTooSmall, INVALID_PARAMETERS),
    (errors.ImageError, INVALID_IMAGE_FORMAT),
)
_STATUSES = {
    "InternalServerError": 500,
    "RequestEntityTooLargeException": 413,
    "RequestTimeoutException": 408,
}


def fault_of(error: errors.CountenanceError) -> Fault:
    """Return how a domain error is told to a client of Amazon's API."""
    code = next((code for kind, code in _CODES if isinstance(error, kind)), "InternalServerError")
    sentence = next((words for kind, words in _SENTENCES if isinstance(error, kind)), None)
    message = f"{sentence} ({error})" if sentence else str(error)
    if code == "InternalServerError":  # the reason is for the operator: it may name machines and files
        message = FAILED
    return Fault(code, message, _STATUSES.get(code, 400))
