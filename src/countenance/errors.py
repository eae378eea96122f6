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
