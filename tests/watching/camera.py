"""A camera for tests: a small RTSP server that sends H.264 over the same TCP connection, in real time.

It does as much of RFC 2326 (RTSP), RFC 3550 (RTP) and RFC 6184 (H.264 in RTP) as a reader needs.
"""

from __future__ import annotations

import base64
import contextlib
import socket
import ssl
import struct
import threading
import time
from fractions import Fraction
from typing import TYPE_CHECKING

import av

from watching.films import HEIGHT, RATE, WIDTH, Scene, frames

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import TracebackType
    from typing import Self

_LARGEST_PAYLOAD = 1200
_SDP = (
    "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=camera\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\na=control:*\r\n"
    "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1\r\n"
    "a=control:track1\r\n"
)


class Camera:
    """Shows scenes over and over; with ``password`` only to the user ``viewer``.

    Args:
        scenes: what it shows.
        password: what it asks for.
        port: where it listens; 0 for any port.
        tls: the certificate that it shows, to speak RTSP over TLS.
    """

    def __init__(
        self,
        *scenes: Scene,
        password: str | None = None,
        port: int = 0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._tls = tls
        self._pictures = encoded(scenes)
        self._password = password
        self._listening = socket.create_server(("127.0.0.1", port))
        self.port: int = self._listening.getsockname()[1]
        self._open: list[socket.socket] = []
        self._stopping = threading.Event()
        self.is_silent = threading.Event()
        self.viewers = self.requests = 0

    @property
    def address(self) -> str:
        """The camera's URL, with the password."""
        who = f"viewer:{self._password}@" if self._password is not None else ""
        scheme = "rtsps" if self._tls is not None else "rtsp"
        return f"{scheme}://{who}127.0.0.1:{self.port}/door"

    def __enter__(self) -> Self:
        """Switch it on."""
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Pull the plug."""
        self._stopping.set()
        for each in (self._listening, *self._open):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            self._open.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            if self._tls is not None:
                connection = self._tls.wrap_socket(
                    connection, server_side=True, do_handshake_on_connect=False
                )
                self._open.append(connection)
                connection.do_handshake()
            with connection.makefile("rb") as reader:
                while request := _request(reader):
                    self.requests += 1
                    self._answer(connection, *request)
        except (OSError, ValueError):
            return

    def _answer(self, connection: socket.socket, method: str, headers: dict[str, str]) -> None:
        sequence = headers.get("cseq", "0")
        lines, body = [f"CSeq: {sequence}", "Session: 1"], ""
        status = "200 OK"
        if method == "OPTIONS":
            lines.append("Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN")
        elif not self._knows(headers.get("authorization", "")):
            status, lines = "401 Unauthorized", [*lines, 'WWW-Authenticate: Basic realm="camera"']
        elif method == "DESCRIBE":
            body = _SDP
            lines += ["Content-Type: application/sdp", f"Content-Length: {len(body)}"]
        elif method == "SETUP":
            lines.append(f"Transport: {headers['transport']}")
        connection.sendall("\r\n".join((f"RTSP/1.0 {status}", *lines, "", body)).encode())
        if method == "PLAY" and status == "200 OK":
            self.viewers += 1
            threading.Thread(target=self._play, args=(connection,), daemon=True).start()

    def _knows(self, authorization: str) -> bool:
        if self._password is None:
            return True
        wanted = base64.b64encode(f"viewer:{self._password}".encode()).decode()
        return authorization == f"Basic {wanted}"

    def _play(self, connection: socket.socket) -> None:
        began, sequence = time.monotonic(), 0
        number = 0
        try:
            while not self._stopping.is_set():
                picture = self._pictures[number % len(self._pictures)]
                if not self.is_silent.is_set():
                    for payload, is_last in _payloads(picture):
                        header = struct.pack(
                            ">BBHII", 0x80, 96 | (is_last << 7), sequence % 65536, number * 90000 // RATE, 1
                        )
                        packet = header + payload
                        connection.sendall(b"$\0" + struct.pack(">H", len(packet)) + packet)
                        sequence += 1
                number += 1
                time.sleep(max(0.0, began + number / RATE - time.monotonic()))
        except OSError:
            return
        finally:
            self.viewers -= 1


def encoded(scenes: Sequence[Scene]) -> list[bytes]:
    """Return pictures as H.264, each with start codes before its units, that can be shown over and over."""
    codec = av.CodecContext.create("libx264", "w")
    codec.width, codec.height, codec.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    codec.framerate = Fraction(RATE)
    codec.options = {"preset": "ultrafast", "tune": "zerolatency", "g": "10"}
    made = []
    for picture in [*frames(scenes), None]:
        frame = av.VideoFrame.from_ndarray(picture, "rgb24") if picture is not None else None
        made += [bytes(packet) for packet in codec.encode(frame)]
    return made


def _payloads(picture: bytes) -> Iterator[tuple[bytes, bool]]:
    """Yield the payloads of a picture's RTP packets, and whether each is the last."""
    units = [unit.rstrip(b"\0") for unit in picture.split(b"\0\0\1") if unit.rstrip(b"\0")]
    for place, unit in enumerate(units):
        is_last = place == len(units) - 1
        if len(unit) <= _LARGEST_PAYLOAD:
            yield unit, is_last
            continue
        parts = [unit[1:][at : at + _LARGEST_PAYLOAD] for at in range(0, len(unit) - 1, _LARGEST_PAYLOAD)]
        for number, part in enumerate(parts):
            first, final = number == 0, number == len(parts) - 1
            marks = (first << 7) | (final << 6) | (unit[0] & 0x1F)
            yield bytes(((unit[0] & 0xE0) | 28, marks)) + part, is_last and final


def _request(reader: object) -> tuple[str, dict[str, str]] | None:
    """Return the method and the headers of the next request; what a client sends of RTCP is passed over."""
    read, line_of = reader.read, reader.readline  # type: ignore[attr-defined]
    while (first := read(1)) == b"$":
        _, length = struct.unpack(">BH", read(3))
        read(length)
    if not first:
        return None
    method = (first + line_of()).decode().split(" ")[0]
    headers = {}
    while line := line_of().decode().strip():
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    return method, headers
