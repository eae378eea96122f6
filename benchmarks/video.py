"""Videos: how many times faster than they play, what the time goes into, and how much memory an hour takes.

    COUNTENANCE_SHARED=… python benchmarks/video.py [--folder .benchmarks] [--peer PYTHON]
    COUNTENANCE_SHARED=… python benchmarks/video.py --hour

Beside Countenance, which follows faces and describes each track once, runs in the same process what a program
does that looks at frames one by one: our own analyzer on each frame, with templates. `--peer` names an
interpreter with face_recognition (peers/setup.sh makes one), whose loop is measured in a process of its own.
Prints the tables of docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import time
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import cv2
import numpy as np

from countenance.images import open_image
from countenance.operations.videos.people_seen import follow_people
from countenance.video.following import LOOKS_PER_SECOND
from countenance.video.reading import open_video
from countenance.vision import FaceAnalyzer
from vision import cpu

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from countenance.faces import Pixels

HERE = Path(__file__).parent
WIDTH_PX, HEIGHT_PX, RATE = 640, 360, 30
SHOT_SECONDS, FILM_SECONDS = 4, 60
# As `video.following` looks for them.
SMALLEST_FACE_SHARE = 1 / 24
MEMORY_AT_MINUTES = (1, 10, 30, 60)
# What looks at every frame is measured on so much of a video.
MOST_SECONDS = 5.0
EVERY_FRAME = 1000.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=HERE.parent / ".benchmarks")
    parser.add_argument("--peer", type=Path, help="a Python with face_recognition and OpenCV")
    parser.add_argument("--pack", default="dlib-cc0")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--hour", action="store_true", help="look through an hour, and print the memory")
    options = parser.parse_args()
    options.folder.mkdir(exist_ok=True)
    shared = Path(os.environ["COUNTENANCE_SHARED"]) / "data"
    film = made_film(options.folder / "video-faces.mp4", sorted((shared / "photos").glob("*")))
    analyzer = FaceAnalyzer.load(options.pack)
    print(f"{cpu()}, {os.cpu_count()} processors, Python {platform.python_version()}, pack {analyzer.pack}\n")
    if options.hour:
        memory_over_an_hour(analyzer, hour_of(film, options.folder / "video-hour.mp4"))
        return
    films = [*sorted((shared / "video").glob("*.mp4")), film]
    beside_frame_by_frame(analyzer, films, options.peer, options.rounds)
    stages(analyzer, film)


def made_film(path: Path, pictures: list[Path]) -> Path:
    """Write a film of 60 s, 640×360 at 30 frames/s: a camera moves over photographs of people, with cuts."""
    if path.exists():
        return path
    photographs = [open_image(picture).decode().pixels for picture in pictures]
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("libx264", rate=RATE, options={"crf": "23", "preset": "fast"})
        stream.width, stream.height, stream.pix_fmt = WIDTH_PX, HEIGHT_PX, "yuv420p"
        for number in range(FILM_SECONDS * RATE):
            shot, place = divmod(number, SHOT_SECONDS * RATE)
            pixels = view(photographs[shot % len(photographs)], shot, place / (SHOT_SECONDS * RATE))
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, "rgb24")))
        container.mux(stream.encode())
    return path


def view(photograph: Pixels, shot: int, moment: float) -> Pixels:
    """Return what the camera sees at a moment (0–1) of a shot: it glides to a side and comes nearer."""
    height, width = photograph.shape[:2]
    scale = max(WIDTH_PX / width, HEIGHT_PX / height) * (1.0 + 0.15 * moment)
    rest_x, rest_y = width * scale - WIDTH_PX, height * scale - HEIGHT_PX
    glide = moment if shot % 2 else 1.0 - moment
    matrix = np.array([[scale, 0, -rest_x * glide], [0, scale, -rest_y * 0.15]], np.float64)
    return np.asarray(cv2.warpAffine(photograph, matrix, (WIDTH_PX, HEIGHT_PX)), np.uint8)


def hour_of(film: Path, path: Path) -> Path:
    """Write the film sixty times one after the other, without encoding it anew."""
    if path.exists():
        return path
    with av.open(str(path), "w") as container:
        stream = None
        for minute in range(60):
            with av.open(str(film)) as original:
                if stream is None:
                    stream = container.add_stream_from_template(original.streams.video[0])
                for packet in original.demux(video=0):
                    if packet.dts is None:
                        continue
                    shift = int(minute * FILM_SECONDS / (packet.time_base or Fraction(1, RATE)))
                    packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
                    packet.stream = stream
                    container.mux(packet)
    return path


@dataclass(frozen=True, slots=True)
class Timed:
    """How long something took, for how much of a video, and how many templates were made."""

    spent_s: float
    video_s: float
    templates: int

    @property
    def speed(self) -> float:
        """How many times faster than it plays."""
        return self.video_s / self.spent_s


def beside_frame_by_frame(analyzer: FaceAnalyzer, films: list[Path], peer: Path | None, rounds: int) -> None:
    tracks(analyzer, films[0])  # the networks warm up
    for path in films:
        with open_video(path) as reader:
            facts = reader.facts
        size = f"{facts.width_px}×{facts.height_px} at {facts.frames_per_second:.4g} frames/s"
        print(f"{path.name}, {size}, {(facts.duration_ms or 0) / 1000:.1f} s; medians of {rounds}\n")
        print("| | × real time | templates a second of video |\n|---|---|---|")
        times: dict[str, list[Timed]] = {}
        for _ in range(rounds):
            for title, run in contestants(analyzer, path, peer).items():
                times.setdefault(title, []).append(run())
        for title, each in times.items():
            speed = statistics.median(timed.speed for timed in each)
            print(f"| {title} | {speed:.1f} | {each[0].templates / each[0].video_s:.1f} |", flush=True)
        print()


def contestants(analyzer: FaceAnalyzer, path: Path, peer: Path | None) -> dict[str, Callable[[], Timed]]:
    """Return what runs on a video, by title."""
    often = {f"{LOOKS_PER_SECOND:g} frames a second": LOOKS_PER_SECOND, "every frame": EVERY_FRAME}
    rows: dict[str, Callable[[], Timed]] = {"Countenance: tracks": partial(tracks, analyzer, path)}
    for words, looks in often.items():
        rows[f"{words} by itself, our analyzer"] = partial(frame_by_frame, analyzer, path, looks)
    for words, looks in often.items() if peer is not None else ():
        rows[f"{words} by itself, face_recognition"] = partial(of_peer, peer, path, looks)
    return rows


def tracks(analyzer: FaceAnalyzer, path: Path) -> Timed:
    described = 0
    describe = analyzer.templates

    def counted(chips: Any) -> Any:
        nonlocal described
        described += len(chips)
        return describe(chips)

    analyzer.templates = counted  # type: ignore[method-assign]
    began = time.perf_counter()
    with open_video(path) as reader:
        followed = follow_people(analyzer, reader, portraits=False, looked=lambda _: None)
    spent_s = time.perf_counter() - began
    analyzer.templates = describe  # type: ignore[method-assign]
    return Timed(spent_s, followed.shots[-1].end_ms / 1000, described)


def frame_by_frame(analyzer: FaceAnalyzer, path: Path, looks_per_second: float) -> Timed:
    """Find and describe the faces of frames; as small ones, in as many threads, as for tracks."""
    last_ms, faces, smallest_px = 0, 0, 0.0
    most_seconds = MOST_SECONDS if looks_per_second == EVERY_FRAME else float("inf")
    with open_video(path) as reader:
        smallest_px = max(reader.facts.width_px, reader.facts.height_px) * SMALLEST_FACE_SHARE

    def looks() -> Iterator[Pixels]:
        nonlocal last_ms
        due_ms = 0.0
        with open_video(path) as reader:
            for frame in reader.frames():
                if frame.timestamp_ms > most_seconds * 1000:
                    return
                last_ms = frame.timestamp_ms
                if frame.timestamp_ms >= due_ms:
                    due_ms = max(due_ms + 1000 / looks_per_second, frame.timestamp_ms)
                    yield frame.pixels()

    began = time.perf_counter()
    for found in analyzer.faces_of_many(looks(), minimum_face_px=smallest_px):
        if isinstance(found, Exception):
            raise found
        faces += len(found)
    return Timed(time.perf_counter() - began, last_ms / 1000, faces)


def of_peer(peer: Path, path: Path, looks_per_second: float) -> Timed:
    command = [str(peer), str(HERE / "peers" / "video_peer.py"), str(path), str(looks_per_second)]
    done = subprocess.run([*command, str(MOST_SECONDS)], check=True, capture_output=True, text=True)
    answer = json.loads(done.stdout.splitlines()[-1])
    return Timed(answer["spent_s"], answer["video_s"], answer["faces"])


def stages(analyzer: FaceAnalyzer, path: Path) -> None:
    """Print what each stage adds to the time, each run having one stage more than the one before."""

    def read(*, small: bool, looks: bool) -> Iterator[Pixels]:
        due_ms = 0.0
        with open_video(path) as reader:
            for frame in reader.frames():
                if small:
                    frame.small()
                if looks and frame.timestamp_ms >= due_ms:
                    due_ms += 1000 / LOOKS_PER_SECOND
                    yield frame.pixels()

    runs: dict[str, Callable[[], object]] = {
        "decode": lambda: list(read(small=False, looks=False)),
        "small grey copies, for cuts": lambda: list(read(small=True, looks=False)),
        "frames to look at, in RGB": lambda: sum(1 for _ in read(small=True, looks=True)),
        "find and measure faces": lambda: list(
            analyzer.faces_of_many(
                read(small=True, looks=True), templates=False, minimum_face_px=WIDTH_PX * SMALLEST_FACE_SHARE
            )
        ),
        "follow them, chips, templates, people": lambda: tracks(analyzer, path),
    }
    print(f"{path.name}: what the time goes into\n")
    print("| stage | s for a minute of video | so far |\n|---|---|---|")
    before_s = 0.0
    for title, run in runs.items():
        began = time.perf_counter()
        run()
        spent_s = time.perf_counter() - began
        print(f"| {title} | {spent_s - before_s:.2f} | {spent_s:.2f} |", flush=True)
        before_s = spent_s


def memory_over_an_hour(analyzer: FaceAnalyzer, path: Path) -> None:
    left = [minutes * 60_000 for minutes in MEMORY_AT_MINUTES]
    print("| minutes of video | memory, MiB | × real time so far |\n|---|---|---|")
    began = time.perf_counter()

    def looked(timestamp_ms: int) -> None:
        # The last frame that is looked at comes a little before the end.
        if left and timestamp_ms >= left[0] - 1_000:
            minutes = left.pop(0) / 60_000
            speed = timestamp_ms / 1000 / (time.perf_counter() - began)
            print(f"| {minutes:g} | {resident_mib():.0f} | {speed:.1f} |", flush=True)

    with open_video(path) as reader:
        followed = follow_people(analyzer, reader, portraits=False, looked=looked)
    faces = sum(len(person.faces) for person in followed.people)
    print(f"\n{len(followed.shots)} shots, {faces} tracks, {len(followed.people)} people; ", end="")
    print(f"{resident_mib():.0f} MiB when people are told apart")


def resident_mib() -> float:
    """Return how much memory this process has in use now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


if __name__ == "__main__":
    main()
