"""The domain's errors. Each message names the thing, the limit and the way out.

Nothing here knows about HTTP, exit codes or any wire format: doors map these classes to their own words.
"""


class CountenanceError(Exception):
    """Base of every error that Countenance raises on purpose."""


class ImageError(CountenanceError):
    """A picture could not be turned into pixels."""


class ImageNotReadable(ImageError):
    """The picture's file does not exist or may not be read."""


class ImageTooLarge(ImageError):
    """The picture exceeds a limit on encoded bytes, pixels or sides."""


class ImageTooSmall(ImageError):
    """A side of the picture is shorter than what is asked of pictures."""


class ImageFormatNotSupported(ImageError):
    """The bytes are not one of the picture formats that are read."""


class ImageBroken(ImageError):
    """The bytes claim a supported format but cannot be decoded."""


class PackError(CountenanceError):
    """A pack of models is missing, incomplete, altered or wrongly described."""


class PackUnknown(PackError):
    """No pack of that name is described."""


class PackNotInstalled(PackError):
    """The pack is described but its model files are not on this machine."""


class PackBroken(PackError):
    """A model file, a weights file or a pack description is damaged or not what its description says."""


class LicenceNotAccepted(PackError):
    """The pack's licence must be accepted before it is installed."""


class PackNotCalibrated(PackError):
    """The pack has no calibration, so a comparison score cannot be turned into a similarity."""


class VisionError(CountenanceError):
    """Faces could not be analysed."""


class ProviderUnavailable(VisionError):
    """The requested ONNX Runtime execution provider does not work on this machine."""


class NoFaceFound(VisionError):
    """A picture that must show a face shows none that can be found."""


class PacksDiffer(VisionError):
    """Two templates come from different packs; their comparison would mean nothing."""


class SettingsInvalid(CountenanceError):
    """A setting's value is not allowed."""


class GalleryError(CountenanceError):
    """A collection, face or user is not there, is there already, or may not be changed so."""


class CollectionExists(GalleryError):
    """A collection of that id exists already."""


class CollectionNotFound(GalleryError):
    """No collection has that id."""


class FaceNotFound(GalleryError):
    """The collection has no face of that id."""


class UserExists(GalleryError):
    """The collection has a user of that id already."""


class UserNotFound(GalleryError):
    """The collection has no user of that id."""


class GalleryFull(GalleryError):
    """A limit on how many tags, faces of a user or faces of a collection there may be is reached."""


class RequestTokenReused(GalleryError):
    """A client's request token came again with other parameters."""


class AccessError(CountenanceError):
    """A request is not permitted."""


class AuthenticationMissing(AccessError):
    """The request does not say who asks."""


class AccessKeyUnknown(AccessError):
    """No valid access key has that id."""


class SignatureInvalid(AccessError):
    """The request's signature is malformed, wrong, or made too long ago or ahead."""


class NotPermitted(AccessError):
    """The access key, or the rules that govern what is asked for, do not allow it."""


class MoratoriumInForce(NotPermitted):
    """A moratorium forbids this use of faces for now."""


class PolicyForbids(NotPermitted):
    """The policy of the collection, or the purposes of the access key, forbid it."""


class ConsentMissing(NotPermitted):
    """Whose face it is has not consented, or not any more."""


class HoldInForce(NotPermitted):
    """A legal hold forbids to erase it."""


class ReviewNotYours(NotPermitted):
    """Who asked, or has voted already, may not vote."""


class GovernanceError(CountenanceError):
    """A record of governance is not there, or is not what it should be."""


class PolicyInvalid(GovernanceError):
    """A policy, a moratorium or a consent is not well-formed; the message says what would be."""


class ConsentNotFound(GovernanceError):
    """There is no such consent."""


class HoldNotFound(GovernanceError):
    """There is no such hold, or it is released already."""


class MoratoriumNotFound(GovernanceError):
    """There is no such moratorium, or it is lifted already."""


class ReviewNotFound(GovernanceError):
    """There is no such review."""


class ReviewClosed(GovernanceError):
    """The review is decided already."""


class SubjectNotFound(GovernanceError):
    """Nothing is held of a subject of that name."""


class StoreError(CountenanceError):
    """The database cannot be used."""


class StoreUnavailable(StoreError):
    """The database did not take a change or answer a question: nothing was changed."""


class StoreInUse(StoreError):
    """Another server uses the same database."""


class MasterKeyInvalid(StoreError):
    """The master key is missing, malformed, or is not the one that the database was filled with."""


class TemplateBroken(StoreError):
    """A stored template cannot be decrypted: it, its key or its row was altered."""


class ObjectNotReadable(ImageError):
    """A bucket or an object in it does not exist or may not be read."""


class BucketsUnavailable(ObjectNotReadable):
    """The store of a bucket does not answer, or cannot now; it may work later."""


class ServerBusy(CountenanceError):
    """Too many requests are waiting; the same request may be sent again in a moment."""


class RequestTooLarge(CountenanceError):
    """A request's body is larger than a server takes."""


class RequestTooSlow(CountenanceError):
    """A request's body did not arrive in time."""


class FormInvalid(CountenanceError):
    """What a browser sent is no form, or one that cannot be read."""


class FormNotOurs(CountenanceError):
    """A form was sent that no page of this session has shown: another site may have made it."""


class PaginationTokenInvalid(CountenanceError):
    """A token that a list was to be continued with is not one of that list."""


class LedgerError(CountenanceError):
    """Something is wrong with the ledger."""


class LedgerBroken(LedgerError):
    """The ledger, a checkpoint or a proof is not what it should be: somebody altered it, or it is damaged."""


class LedgerEntryNotFound(LedgerError):
    """The ledger holds no such entry."""


class WitnessUnavailable(LedgerError):
    """A checkpoint could not be given to the witness."""


class ReceiptBroken(LedgerError):
    """A receipt is not what it should be, or proves nothing."""


class DataSetInvalid(CountenanceError):
    """A data set cannot be read."""


class EndpointUnusable(CountenanceError):
    """An endpoint that is to be measured cannot be asked, refuses, or gives no answer that can be used."""


class CollectionLeftBehind(EndpointUnusable):
    """An evaluation's collection, which holds templates, could not be deleted from an endpoint."""


class AnswerCacheUnusable(CountenanceError):
    """The file that keeps an endpoint's answers is another file, damaged, in use, or cannot be written."""


class TooFewSubjects(CountenanceError):
    """A data set has fewer subjects than a protocol needs."""


class ExtraMissing(CountenanceError):
    """Something needs a library that is not installed; it belongs to an extra of this package."""


class EvaluationNotFound(CountenanceError):
    """No evaluation of that id is kept, or it is somebody else's."""


class ReportTooLarge(CountenanceError):
    """A report is larger than what is kept."""


class ReportBroken(CountenanceError):
    """A kept report cannot be read any more."""


class TooFewComparisons(CountenanceError):
    """A data set has fewer comparisons than it takes to say what a score means."""


class JobError(CountenanceError):
    """Something is wrong with a job."""


class JobNotFound(JobError):
    """There is no such job."""


class JobEnded(JobError):
    """The job has ended, so it cannot be cancelled or gone on with."""


class JobLost(JobError):
    """Another worker has the job now; nothing that this one did since its last step was kept."""


class JobItemsGone(JobError):
    """Parts of the job were erased while they were worked on; nothing of the step was kept."""


class TooManyJobs(JobError):
    """As many jobs wait or run as there may be at a time."""


class TooManyFollowers(JobError):
    """As many follow jobs as may at a time."""


class VideoError(CountenanceError):
    """A video cannot be used."""


class VideoUnreadable(VideoError):
    """It is no video that can be decoded; the message says why."""


class VideoTooLarge(VideoError):
    """It has more bytes, pixels or hours than there may be."""


class VideoNotWritten(VideoError):
    """A copy of a video could not be encoded or written."""


class SourceRefused(VideoError):
    """A camera or file may not be watched: it is of a kind that is not, or the settings do not allow it."""


class SourceLost(VideoError):
    """A camera does not answer, or does not send pictures any more; it may later."""


class MonitorNotFound(CountenanceError):
    """There is no such monitor."""


class TooManyMonitors(CountenanceError):
    """As many monitors run, or are looked at, as there may be at a time."""


class ManifestInvalid(CountenanceError):
    """A list of what is to be imported cannot be read; the message says where."""


class ExportInvalid(CountenanceError):
    """A folder is no export of a collection that can be imported, or none can be written there."""


class FetchRefused(CountenanceError):
    """An address may not be fetched from: it is not in the allow-list, or leads to where nobody may look."""


class FetchFailed(CountenanceError):
    """What an address should give could not be had; it may work later."""


class GroupNotFound(CountenanceError):
    """There is no such group of faces."""


class GroupEditNotFound(CountenanceError):
    """There is no such edit in the history of a collection's groups."""


class GroupEditInvalid(CountenanceError):
    """Groups cannot be changed that way; the message says why."""


class NotificationRefused(CountenanceError):
    """A notification may not be sent to that address."""


class NotificationFailed(CountenanceError):
    """A notification was not taken by whom it was sent to; it may be later."""


class CredentialError(CountenanceError):
    """A face credential cannot be taken."""


class CredentialBroken(CredentialError):
    """What was shown is no credential, was altered, or was not signed by who it names."""


class CredentialUntrusted(CredentialError):
    """Nobody whom this gate trusts has issued the credential."""


class CredentialNotValidNow(CredentialError):
    """The credential is not valid yet, or not any more."""


class CredentialForOthers(CredentialError):
    """The credential is for other gates, another purpose or another pack of models."""


class CredentialRevoked(CredentialError):
    """The issuer has taken the credential back."""


class StatusUnknown(CredentialError):
    """It cannot be told whether the credential was taken back: the status list is missing, old or broken."""
