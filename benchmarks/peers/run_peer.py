"""Measures one peer in this process, so that peers share neither thread pools nor memory.

    FOLDER/peers/bin/python       benchmarks/peers/run_peer.py face_recognition --pictures DIR --json OUT
    FOLDER/peers-blas/bin/python  benchmarks/peers/run_peer.py face_recognition --pictures DIR --json OUT
    FOLDER/peers/bin/python       benchmarks/peers/run_peer.py facenet-mtcnn --min-face-px 40 --pictures DIR
    FOLDER/peers/bin/python       benchmarks/peers/run_peer.py opencv-yunet --model yunet.onnx --pictures DIR

setup.sh makes the interpreters. A time is that of one encoded picture from JPEG bytes to the peer's answer,
decoding included. The first round over the pictures is a warm-up and not counted; the others go over all
pictures in turn, so that a slow moment of the machine does not fall on one picture alone.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import platform
import resource
import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import countenance_itself
import face_recognition_peer
import facenet_mtcnn
import opencv_yunet
from detections import Detections

if TYPE_CHECKING:
    from collections.abc import Callable

Answer = Any
"""A list of templates or `Detections`, as the peer's module says."""

PEERS = {
    "countenance": countenance_itself,
    "face_recognition": face_recognition_peer,
    "facenet-mtcnn": facenet_mtcnn,
    "opencv-yunet": opencv_yunet,
}


def main() -> None:
    arguments = parse_arguments()
    pictures = read_pictures(arguments.pictures)
    began = time.perf_counter()
    answer = build(arguments)
    ready_s = time.perf_counter() - began
    measured = measure(answer, pictures, arguments.repeat)
    report = {
        "peer": arguments.name,
        "options": options(arguments),
        "threads": arguments.threads,
        "repeat": arguments.repeat,
        "blas": PEERS[arguments.name].uses_blas(),
        "versions": versions(PEERS[arguments.name].DISTRIBUTIONS),
        "ready_s": round(ready_s, 3),
        "peak_rss_mib": round(peak_rss_mib(), 1),
        "pictures": measured,
    }
    print_report(report)
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure one peer in its own process.")
    parser.add_argument("name", choices=PEERS)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repeat", type=int, default=10, help="counted rounds over the pictures")
    parser.add_argument("--pictures", type=Path, required=True, help="a folder of JPEG files")
    parser.add_argument("--json", type=Path, help="where to write the report")
    parser.add_argument("--min-face-px", type=int, default=20, help="facenet-mtcnn: smallest face")
    parser.add_argument("--pack", default="dlib-cc0", help="countenance: the pack of models")
    parser.add_argument("--precision", default="float32", help="countenance: float32 or int8")
    parser.add_argument("--no-templates", action="store_true", help="countenance: detection only")
    parser.add_argument("--model", type=Path, help="opencv-yunet: YuNet's ONNX file")
    arguments = parser.parse_args()
    if arguments.threads < 1 or arguments.repeat < 1:
        parser.error("--threads and --repeat are 1 or more")
    if arguments.name == "opencv-yunet" and not (arguments.model and arguments.model.is_file()):
        parser.error(f"opencv-yunet needs --model, YuNet's ONNX file (given: {arguments.model})")
    return arguments


def read_pictures(folder: Path) -> dict[str, bytes]:
    pictures = {path.name: path.read_bytes() for path in sorted(folder.glob("*.jpg"))}
    if not pictures:
        sys.exit(f"run_peer.py: no *.jpg in {folder}")
    return pictures


def build(arguments: argparse.Namespace) -> Callable[[bytes], Answer]:
    peer = PEERS[arguments.name]
    if peer is facenet_mtcnn:
        return facenet_mtcnn.build_detector(arguments.threads, arguments.min_face_px)
    if peer is opencv_yunet:
        return opencv_yunet.build_detector(arguments.threads, arguments.model)
    if peer is countenance_itself:
        return countenance_itself.build(
            arguments.threads,
            arguments.pack,
            arguments.precision,
            arguments.min_face_px,
            templates=not arguments.no_templates,
        )
    return face_recognition_peer.build(arguments.threads)


def options(arguments: argparse.Namespace) -> dict[str, Any]:
    if arguments.name == "facenet-mtcnn":
        return {"min_face_px": arguments.min_face_px}
    if arguments.name == "opencv-yunet":
        return {"model": arguments.model.name}
    if arguments.name == "countenance":
        return {
            name: getattr(arguments, name) for name in ("pack", "precision", "min_face_px", "no_templates")
        }
    return {}


def measure(
    answer: Callable[[bytes], Answer], pictures: dict[str, bytes], repeat: int
) -> list[dict[str, Any]]:
    faces = {name: count_faces(answer(encoded)) for name, encoded in pictures.items()}
    milliseconds: dict[str, list[float]] = {name: [] for name in pictures}
    for _ in range(repeat):
        for name, encoded in pictures.items():
            began = time.perf_counter()
            answer(encoded)
            milliseconds[name].append((time.perf_counter() - began) * 1000)
    return [
        {
            "file": name,
            "faces": faces[name],
            "median_ms": round(statistics.median(times), 3),
            "ms": [round(value, 3) for value in times],
        }
        for name, times in milliseconds.items()
    ]


def count_faces(answer: Answer) -> int:
    return len(answer.boxes if isinstance(answer, Detections) else answer)


def versions(distributions: tuple[str, ...]) -> dict[str, str]:
    installed = {name: importlib.metadata.version(name) for name in distributions}
    return {"python": platform.python_version(), **installed}


def peak_rss_mib() -> float:
    """Return the most memory this process held, in MiB.

    Linux counts into ru_maxrss what the parent held when it started us, which in a benchmark may be more than
    the peer itself; VmHWM starts afresh with our own program.
    """
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024
    bytes_per_unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * bytes_per_unit / 2**20


def print_report(report: dict[str, Any]) -> None:
    named = ", ".join(f"{name} {version}" for name, version in report["versions"].items())
    title = " ".join([report["peer"], *(f"{name}={value}" for name, value in report["options"].items())])
    print(f"{title}: {named}; BLAS: {'yes' if report['blas'] else 'no'}")
    print(
        f"{report['threads']} thread(s), {report['repeat']} rounds; ready after {report['ready_s']:.1f} s, "
        f"peak memory {report['peak_rss_mib']:.0f} MiB"
    )
    for picture in report["pictures"]:
        print(f"{picture['median_ms']:10.1f} ms  {picture['faces']:3d} faces  {picture['file']}")


if __name__ == "__main__":
    main()
