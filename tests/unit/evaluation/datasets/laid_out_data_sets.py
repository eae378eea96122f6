"""Data sets that tests lay out: small pictures, each of its own colour, and lists of them."""

from __future__ import annotations

import hashlib
from pathlib import Path

from PIL import Image

from countenance.evaluation.samples import DataSet, Problem, ProblemKind


def lay_out(folder: Path, *names: str) -> Path:
    """Make a picture of each name, different from that of any other name; return the folder."""
    for name in names:
        paint(folder / name, of=name)
    return folder


def paint(file: Path, of: str) -> None:
    """Make a picture that is the same, to the byte, for the same words."""
    file.parent.mkdir(parents=True, exist_ok=True)
    red, green, blue = hashlib.sha256(of.encode(errors="surrogateescape")).digest()[:3]
    Image.new("RGB", (8, 8), (red, green, blue)).save(file, format="PNG")


def write(file: Path, *lines: str) -> Path:
    """Write lines of text; return the file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return file


def problems(data: DataSet, kind: ProblemKind) -> list[Problem]:
    """Return a data set's problems of a kind."""
    return [problem for problem in data.problems if problem.kind is kind]


def only_problem(data: DataSet) -> Problem:
    """Return the one problem that a data set has."""
    (problem,) = data.problems
    return problem


def listed_pairs(data: DataSet) -> list[tuple[str, str, bool, int | None]]:
    """Return the pairs as the names of two files, whether they are mated, and the fold."""
    return [
        (data.samples[pair.first].file.name, data.samples[pair.second].file.name, pair.mated, pair.fold)
        for pair in data.pairs or ()
    ]
