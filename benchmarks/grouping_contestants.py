"""Who groups: Countenance, scikit-learn's DBSCAN and HDBSCAN, dlib's Chinese whispers; each in a process."""

from __future__ import annotations

import json
import multiprocessing
import queue
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from countenance.gallery.grouping import GroupingSettings, group_faces
from countenance.operations.grouping_settings import (
    SAME_PERSON_PERCENT,
    STRANGERS_PERCENT,
    grouping_settings,
)
from countenance.vision import FaceAnalyzer

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from grouping_data import Faces

    Labels = npt.NDArray[np.int64]

PEER = Path(__file__).parent / "peers" / "grouping_peer.py"
STEPS = tuple(round(float(each), 2) for each in np.arange(0.16, 0.4401, 0.02))


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """Labels, negative for alone, the seconds they took, and the most memory the process held, in MiB."""

    labels: Labels
    seconds: float
    peak_mib: float


class Contestant(Protocol):
    """Somebody who groups.

    Attributes:
        name: as in the tables.
        choices: settings of which the best is taken on DevTrain; one where there is nothing to choose.
        range: the settings in words.
    """

    name: str
    choices: Sequence[Any]
    range: str

    def group(self, faces: Faces, settings: Sequence[Any], limit_s: float) -> list[Answer | str]:
        """Return what is answered with each setting, or why there is no answer."""


@dataclass(frozen=True, slots=True)
class Ours:
    """Countenance, with settings that follow from a pack."""

    name: str
    choices: tuple[GroupingSettings]
    range: str = "nothing to choose"

    def group(self, faces: Faces, settings: Sequence[Any], limit_s: float) -> list[Answer | str]:
        """Return the one answer."""
        context = multiprocessing.get_context("spawn")
        answers = context.Queue()
        process = context.Process(target=_answer, args=(faces, settings[0], answers))
        process.start()
        try:
            return [answers.get(timeout=limit_s)]
        except queue.Empty:
            return [f"no answer in {limit_s:.0f} s"]
        finally:
            process.kill()
            process.join()


@dataclass(frozen=True, slots=True)
class Peer:
    """Somebody else, run by an interpreter that has it."""

    name: str
    peer: str
    choices: tuple[Any, ...]
    range: str
    python: Path

    def group(self, faces: Faces, settings: Sequence[Any], limit_s: float) -> list[Answer | str]:
        """Return an answer for each setting; the limit is for all of them together."""
        with tempfile.TemporaryDirectory() as folder:
            templates, labels = Path(folder, "templates.npy"), Path(folder, "labels.npy")
            np.save(templates, faces.vectors)
            command = [self.python, PEER, self.peer, templates, labels, json.dumps(settings)]
            try:
                done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=limit_s)
            except subprocess.TimeoutExpired:
                return [f"no answer in {limit_s:.0f} s"] * len(settings)
            if done.returncode:
                return [f"ended with {done.returncode}: {done.stderr[-200:]}"] * len(settings)
            told = [json.loads(line) for line in done.stdout.splitlines()[1:]]
            rows = np.load(labels)
        return [
            each["error"] if "error" in each else Answer(row, each["seconds"], each["peak_mib"])
            for each, row in zip(told, rows, strict=True)
        ]


def contestants(pack: str, python: Path) -> list[Contestant]:
    """Return all; the interpreter is the peers'."""
    analyzer = FaceAnalyzer.load(pack)
    ladder = analyzer.calibration
    globally = GroupingSettings(ladder.score_at(SAME_PERSON_PERCENT), ladder.score_at(STRANGERS_PERCENT))
    steps = "0.16-0.44 in steps of 0.02"
    return [
        Ours("countenance", (grouping_settings(analyzer),)),
        Ours("countenance, as of a pack without regions", (globally,)),
        Peer(
            "scikit-learn HDBSCAN",
            "hdbscan",
            tuple((s, m, e) for s in (1, 2) for m in ("eom", "leaf") for e in (0.0, *STEPS[1::2])),
            "min_samples 1-2, eom and leaf, epsilon 0 and 0.18-0.42 in steps of 0.04",
            python,
        ),
        Peer(
            "scikit-learn DBSCAN",
            "dbscan",
            tuple((s, e) for s in (1, 2, 3) for e in STEPS),
            f"min_samples 1-3, eps {steps}",
            python,
        ),
        Peer("dlib Chinese whispers", "chinese-whispers", STEPS, f"threshold {steps}", python),
    ]


def _answer(faces: Faces, settings: GroupingSettings, answers: Any) -> None:
    began = time.perf_counter()
    labels = group_faces(faces.vectors, faces.qualities, settings=settings).labels
    seconds = time.perf_counter() - began
    status = Path("/proc/self/status").read_text()
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    answers.put(Answer(labels, seconds, int(peak.split()[1]) / 1024))
