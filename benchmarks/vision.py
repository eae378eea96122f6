"""Countenance beside its peers: from JPEG bytes to templates, and detection alone, all in one run.

    benchmarks/peers/setup.sh
    COUNTENANCE_SHARED=… python benchmarks/vision.py [--folder .benchmarks] [--rounds 4]

Every contestant is measured in a process of its own (peers/run_peer.py), in turns, so that a slow moment of
the machine falls on all of them. Prints the tables of docs/benchmarks.md: medians over all rounds.
"""

from __future__ import annotations

import argparse
import collections
import csv
import io
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from countenance.vision.packs import load_pack
from countenance.vision.runtime import Runtime

HERE = Path(__file__).parent
SIZES = {"640x480": (640, 480), "1280x960": (1280, 960)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=HERE.parent / ".benchmarks")
    parser.add_argument("--rounds", type=int, default=4)
    options = parser.parse_args()
    print(f"{cpu()}, {os.cpu_count()} processors, Python {platform.python_version()}\n")
    with tempfile.TemporaryDirectory() as scratch:
        for size, pixels in SIZES.items():
            pictures = make_pictures(Path(scratch) / size, pixels)
            for threads in (1, 2):
                compare(options, pictures, size, threads)
    embedder_throughput()


def cpu() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    return next(
        (line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine()
    )


def make_pictures(folder: Path, size: tuple[int, int]) -> Path:
    """Write the WIDER pictures whose one face and whose six faces are largest, padded to 4:3."""
    folder.mkdir(parents=True)
    wider = Path(os.environ["COUNTENANCE_SHARED"]) / "data" / "wider"
    heights = collections.defaultdict(list)
    with (wider / "boxes.csv").open() as file:
        for row in csv.DictReader(file):
            heights[row["file"]].append(float(row["height"]))
    for count in (1, 6):
        # Of one face the largest would fill the frame, which not every peer can do.
        names = [name for name, each in heights.items() if len(each) == count and max(each) < 400]
        with Image.open(wider / max(names, key=lambda name: (min(heights[name]), name))) as picture:
            padded = ImageOps.pad(picture.convert("RGB"), size, color="grey")
            padded.save(folder / f"{count}-faces.jpg", quality=90)
    return folder


def contestants(folder: Path) -> dict[str, tuple[Path, list[str]]]:
    """Return what runs, by title: the interpreter and the arguments of run_peer.py."""
    peers, blas, own = (
        folder / "peers" / "bin" / "python",
        folder / "peers-blas" / "bin" / "python",
        Path(sys.executable),
    )
    yunet = str(load_pack("dlib-yunet").paths["yunet_n_dynamic.onnx"])
    return {
        "Countenance, default pack": (own, ["countenance"]),
        "Countenance, default pack, int8": (own, ["countenance", "--precision", "int8"]),
        "Countenance, YuNet": (own, ["countenance", "--pack", "dlib-yunet"]),
        "Countenance, YuNet, int8": (own, ["countenance", "--pack", "dlib-yunet", "--precision", "int8"]),
        "face_recognition, dlib as pip builds it": (peers, ["face_recognition"]),
        "face_recognition, dlib with OpenBLAS": (blas, ["face_recognition"]),
        "detection only: Countenance MTCNN": (own, ["countenance", "--no-templates"]),
        "detection only: facenet-pytorch MTCNN": (peers, ["facenet-mtcnn"]),
        "detection only: Countenance YuNet": (own, ["countenance", "--pack", "dlib-yunet", "--no-templates"]),
        "detection only: OpenCV FaceDetectorYN (YuNet)": (peers, ["opencv-yunet", "--model", yunet]),
    }


def compare(options: argparse.Namespace, pictures: Path, size: str, threads: int) -> None:
    times: dict[str, dict[str, list[float]]] = collections.defaultdict(lambda: collections.defaultdict(list))
    reports = {}
    for _ in range(options.rounds):
        for title, (python, arguments) in contestants(options.folder).items():
            report = measured(
                python, [*arguments, "--pictures", str(pictures), "--threads", str(threads), "--repeat", "5"]
            )
            reports[title] = report
            for picture in report["pictures"]:
                times[title][picture["file"]] += picture["ms"]
    print(f"{size}, {threads} thread(s), smallest face 20 px; median ms over {5 * options.rounds}\n")
    print("| | 1 face | found | 6 faces | found | peak MiB |\n|---|---|---|---|---|---|")
    for title, report in reports.items():
        cells = []
        for picture in report["pictures"]:
            cells += [f"{statistics.median(times[title][picture['file']]):.1f}", str(picture["faces"])]
        print(f"| {title} | {' | '.join(cells)} | {report['peak_rss_mib']:.0f} |")
    print(flush=True)
    if threads == 1 and size == "640x480":
        versions = {
            name: version for report in reports.values() for name, version in report["versions"].items()
        }
        print(", ".join(f"{name} {version}" for name, version in sorted(versions.items())), "\n")


def measured(python: Path, arguments: list[str]) -> dict:
    with tempfile.NamedTemporaryFile(suffix=".json") as answer:
        command = [str(python), str(HERE / "peers" / "run_peer.py"), *arguments, "--json", answer.name]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return json.loads(Path(answer.name).read_text())


def embedder_throughput() -> None:
    installed = load_pack("dlib-cc0")
    print("| embedder, ms a chip (no mirror image) | batch 1 | batch 8 | batch 32 |\n|---|---|---|---|")
    for precision, file in installed.description.embedder.files.items():
        for threads in (1, 2):
            model = Runtime("cpu", threads).load(installed.paths[file])
            row = io.StringIO()
            for batch in (1, 8, 32):
                chips = np.random.default_rng(0).integers(0, 256, (batch, 150, 150, 3), dtype=np.uint8)
                model.run(chips)
                spent = []
                for _ in range(max(5, 60 // batch)):
                    began = time.perf_counter()
                    model.run(chips)
                    spent.append((time.perf_counter() - began) * 1000 / batch)
                row.write(f" {statistics.median(spent):.2f} |")
            print(f"| {precision}, {threads} thread(s) |{row.getvalue()}")


if __name__ == "__main__":
    main()
