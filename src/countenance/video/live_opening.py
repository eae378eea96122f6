"""Opens what is watched, and decodes it: a file as any video, a camera by RTSP over TCP and nothing else.

What a camera says is never trusted: sizes are checked before anything is decoded, and what cannot be decoded
is passed over. Messages name a source without its password; PyAV's, which do not, go no further.
"""

from __future__ import annotations

import ssl
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from countenance.errors import ExtraMissing, SourceLost, VideoTooLarge
from countenance.video.live_sources import SourceKind, require_file
from countenance.video.reading import DecodedFrame, VideoLimits, open_video

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from countenance.video.live_sources import LiveSource

_MICROSECONDS = 1_000_000
# Pictures in a row that cannot be decoded until a camera is opened again.
_MOST_BROKEN = 250
_CAMERA_OPTIONS = {
    "protocol_whitelist": "rtsp,rtsps,rtp,srtp,tcp,tls",
    "rtsp_transport": "tcp",
    "allowed_media_types": "video",
    "fflags": "nobuffer",
    "analyzeduration": str(2 * _MICROSECONDS),
}
_CERTIFICATE = "a certificate that no authority has signed is trusted when SSL_CERT_FILE names its file"
_HOW: dict[SourceKind, tuple[str, dict[str, str]]] = {
    SourceKind.CAMERA: ("rtsp", _CAMERA_OPTIONS),
    SourceKind.DEVICE: ("v4l2", {"protocol_whitelist": "file"}),
}


@dataclass(frozen=True, slots=True, eq=False)
class OpenSource:
    """An opened source: its pictures, and what could not be read of it so far, in sentences."""

    frames: Iterator[DecodedFrame]
    lost: Callable[[], list[str]]


@contextmanager
def opened_source(source: LiveSource, max_pixels: int, silence_seconds: float) -> Iterator[OpenSource]:
    """Open a source for as long as the block runs; its pictures raise what this raises, too.

    Args:
        source: what is opened.
        max_pixels: the largest picture.
        silence_seconds: a camera that sends nothing for so long is lost.

    Raises:
        ExtraMissing: PyAV is not installed.
        SourceRefused: the file is not there, or is no plain one; it may be later.
        SourceLost: the camera does not answer or sends nothing that can be decoded; it may later.
        VideoUnreadable: the file holds no video that can be decoded.
        VideoTooLarge: its pictures are larger than that.
    """
    if source.kind is SourceKind.FILE:
        require_file(source)
        with open_video(Path(source.address), VideoLimits(max_pixels=max_pixels)) as video:
            yield OpenSource(video.frames(), video.damage.sentences)
        return
    with _opened(source, silence_seconds) as container:
        if not container.streams.video:
            raise SourceLost(f"{source.shown} sends no video")
        codec = container.streams.video[0].codec_context
        _check_size(codec.width, codec.height, max_pixels, source)
        yield OpenSource(_decoded(container, source, max_pixels), list)


def _opened(source: LiveSource, silence_seconds: float) -> Any:
    av, (format_name, options) = _library(), _HOW[source.kind]
    if source.kind is SourceKind.CAMERA:
        options = options | {"timeout": str(int(silence_seconds * _MICROSECONDS))}
    is_secure = source.address.startswith("rtsps:")
    if is_secure:
        # FFmpeg looks at no certificate unless it is told to.
        authorities = ssl.get_default_verify_paths().cafile
        options = options | {"tls_verify": "1"} | ({"ca_file": authorities} if authorities else {})
    try:
        return av.open(
            source.address, format=format_name, options=options, timeout=(silence_seconds, silence_seconds)
        )
    except (av.error.FFmpegError, OSError, ValueError) as error:
        hint = f" ({_CERTIFICATE})" if is_secure else ""
        raise SourceLost(f"{source.shown} cannot be opened: {_reason(error)}{hint}") from None


def _decoded(container: Any, source: LiveSource, max_pixels: int) -> Iterator[DecodedFrame]:
    errors, broken = _library().error, 0
    try:
        for packet in container.demux(container.streams.video[0]):
            try:
                frames = packet.decode()
            except errors.InvalidDataError:
                broken += 1
                if broken > _MOST_BROKEN:
                    raise SourceLost(f"{source.shown} sends pictures that cannot be decoded") from None
                continue
            for frame in frames:
                broken = 0
                _check_size(frame.width, frame.height, max_pixels, source)
                yield DecodedFrame(0, frame, round(frame.rotation / 90) % 4)
    except (errors.FFmpegError, OSError) as error:
        raise SourceLost(f"{source.shown} was lost: {_reason(error)}") from None


def _library() -> Any:
    try:
        import av  # noqa: PLC0415 - belongs to an extra, and takes a tenth of a second
    except ImportError:
        raise ExtraMissing(
            "to watch a camera install the extra video: pip install 'countenance[video]'"
        ) from None
    return av


def _check_size(width: int, height: int, max_pixels: int, source: LiveSource) -> None:
    if width * height > max_pixels:
        raise VideoTooLarge(
            f"{source.shown} has pictures of {width}×{height} px; the limit is {max_pixels:,} pixels"
        )


def _reason(error: Exception) -> str:
    """Return why something failed, without the address, which PyAV puts into its messages."""
    reason = str(getattr(error, "strerror", None) or type(error).__name__)
    return "no answer in time" if reason == "Immediate exit requested" else reason
