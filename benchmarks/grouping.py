"""Who of LFW is in which pictures, without names: our groups beside scikit-learn's and dlib's.

    python -m venv .benchmarks/grouping-peers
    .benchmarks/grouping-peers/bin/pip install -r benchmarks/peers/requirements-grouping.txt
    COUNTENANCE_SHARED=… python benchmarks/grouping.py [--pack NAME] [--peers PYTHON] [--limit 300]

On the same templates, measured in processes of their own. Of every peer the setting with the best F on
DevTrain is taken, out of the range that is printed; ours was chosen there, too (docs/decisions/0031), and
is not changed. DevTest tells how that carries over. B-cubed precision and recall are of the people with
two pictures or more; all others are there, and count where they are put with these. FairFace and UTKFace
show another person in each picture: whoever is in a group there was put with a stranger. Templates are
kept in .benchmarks between runs.
"""

from __future__ import annotations

import argparse
import os
import platform
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.console import Console
from rich.table import Table

from countenance.evaluation.clustering import b_cubed
from countenance.gallery.grouping.neighbours import neighbours_of
from countenance.gallery.grouping.units import Units
from countenance.operations.grouping_settings import grouping_settings
from countenance.vision import FaceAnalyzer
from grouping_contestants import contestants
from grouping_data import Population, fairface, lfw_faces, utkface
from vision import cpu

if TYPE_CHECKING:
    from grouping_contestants import Contestant, Labels
    from grouping_data import Faces

HERE = Path(__file__).parent
SEEN_BY_HAND = 2_000
LONGEST_CHOICE_S = 3600


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--pack", default="dlib-cc0")
    parser.add_argument("--peers", type=Path, default=HERE.parent / ".benchmarks/grouping-peers/bin/python")
    parser.add_argument("--kept", type=Path, default=HERE.parent / ".benchmarks")
    parser.add_argument("--limit", type=float, default=300.0, help="seconds for each answer")
    parser.add_argument("--large", type=int, default=100_000, help="templates of made-up people")
    options = parser.parse_args()
    if not options.peers.is_file():
        parser.error(f"there is no {options.peers}; make the peers' environment as said above (--help)")
    console = Console(width=140)
    console.print(f"{cpu()}, {os.cpu_count()} processors, Python {platform.python_version()}, {options.pack}")
    everybody = lfw_faces(options.pack, options.kept)
    train, test = (everybody.part(everybody.kinds == split) for split in ("devtrain", "devtest"))
    chosen = []
    for contestant in contestants(options.pack, options.peers):
        setting, failed = best(contestant, train)
        chosen.append((contestant, setting))
        console.print(f"{contestant.name}: {contestant.range}; taken: {shown(setting)}", highlight=False)
        for why in failed:
            console.print(f"  {why}", highlight=False)
    for title, faces in (("LFW DevTrain", train), ("LFW DevTest", test), ("LFW View 1, both", everybody)):
        console.print(people_table(title, faces, chosen, options.limit))
    for title, faces in (
        ("FairFace", fairface(options.pack, options.kept)),
        ("UTKFace", utkface(options.pack, options.kept)),
    ):
        console.print(strangers_table(title, faces, chosen, options.limit))
    population = Population.of(everybody)
    resemblance(options.pack, everybody, population.drawn(len(everybody.people), 0), console)
    made_up = population.drawn(options.large, 1)
    console.print(people_table("people made up from LFW's statistics", made_up, chosen, options.limit))
    neighbours_seen(options.pack, made_up, console)


def best(contestant: Contestant, faces: Faces) -> tuple[Any, list[str]]:
    """Return the setting with the best F, and in words with how many there was no answer, and why."""
    if len(contestant.choices) == 1:
        return contestant.choices[0], []
    answers = contestant.group(faces, contestant.choices, LONGEST_CHOICE_S)
    failed = Counter(answer for answer in answers if isinstance(answer, str))
    f_measures = [0.0 if isinstance(answer, str) else measured(faces, answer.labels)[2] for answer in answers]
    why = [f"{times} settings without an answer: {reason}" for reason, times in failed.items()]
    return contestant.choices[int(np.argmax(f_measures))], why


def measured(faces: Faces, labels: Labels) -> tuple[float, float, float]:
    found = b_cubed(faces.people, labels, least_images=2)
    return found.precision, found.recall, found.f_measure


def people_table(title: str, faces: Faces, chosen: list[tuple[Contestant, Any]], limit_s: float) -> Table:
    counts = np.unique(faces.people, return_counts=True)[1]
    several = f"{(counts > 1).sum():,} of them in two pictures or more"
    title = f"{title}: {len(faces.people):,} faces of {len(counts):,} people, {several}"
    table = Table("", "precision", "recall", "F", "groups", "seconds", "peak MiB", title=title)
    for contestant, setting in chosen:
        (answer,) = contestant.group(faces, [setting], limit_s)
        if isinstance(answer, str):
            table.add_row(contestant.name, answer)
            continue
        found = [f"{value:.4f}" for value in measured(faces, answer.labels)]
        groups = np.unique(answer.labels[answer.labels >= 0], return_counts=True)[1]
        cost = (f"{answer.seconds:.1f}", f"{answer.peak_mib:,.0f}")
        table.add_row(contestant.name, *found, f"{(groups > 1).sum():,}", *cost)
    return table


def strangers_table(title: str, faces: Faces, chosen: list[tuple[Contestant, Any]], limit_s: float) -> Table:
    children = faces.kinds == "child"
    title = (
        f"{title}: {len(children):,} faces, each another person's, {children.sum()} of children under ten; "
        "put with strangers"
    )
    table = Table("", "of all", "of children", "largest group", title=title)
    for contestant, setting in chosen:
        (answer,) = contestant.group(faces, [setting], limit_s)
        if isinstance(answer, str):
            table.add_row(contestant.name, answer)
            continue
        labels = answer.labels
        sizes = np.where(
            labels < 0, 1, np.bincount(np.maximum(labels, 0), labels >= 0)[np.maximum(labels, 0)]
        )
        shares = (f"{(sizes[rows] > 1).mean():.1%}" for rows in (slice(None), children))
        table.add_row(contestant.name, *shares, f"{sizes.max():.0f}")
    return table


def resemblance(pack: str, real: Faces, made_up: Faces, console: Console) -> None:
    """Print how nearly people who are made up score as real ones do."""
    calibration = FaceAnalyzer.load(pack).calibration
    for title, faces in (("LFW", real), ("made up", made_up)):
        first, second = np.triu_indices(len(faces.people), 1)
        scores = np.concatenate(
            [faces.vectors[row] @ faces.vectors[row + 1 :].T for row in range(len(faces.people))]
        )
        mated = faces.people[first] == faces.people[second]
        rates = (f"{(scores[~mated] >= calibration.score_at(at)).mean():.1e}" for at in (60, 80, 90, 99))
        spread = (f"{value:.3f}" for value in np.percentile(scores[mated], (5, 25, 50, 75)))
        console.print(
            f"{title}: false match rates at similarity 60, 80, 90, 99: {', '.join(rates)}; "
            f"mated scores at 5, 25, 50, 75 %: {', '.join(spread)}",
            highlight=False,
        )


def neighbours_seen(pack: str, faces: Faces, console: Console) -> None:
    """Print what share of the pairs that score enough is seen."""
    settings = grouping_settings(FaceAnalyzer.load(pack))
    units = Units.of_faces(faces.vectors, faces.qualities, settings.surroundings)
    found = neighbours_of(units, settings.same_person).pairs
    seen = set(map(tuple, found.tolist()))
    rows = np.random.default_rng(0).choice(len(faces.people), min(SEEN_BY_HAND, len(faces.people)), False)
    there = {True: [0, 0], False: [0, 0]}
    everybody = np.arange(len(faces.people))
    for row in rows:
        scores = units.adjusted(
            (faces.vectors @ faces.vectors[row]).astype(np.float64), np.full(len(everybody), row), everybody
        )
        for other in np.flatnonzero((scores >= settings.same_person) & (everybody != row)):
            tally = there[bool(faces.people[row] == faces.people[other])]
            tally[0] += 1
            tally[1] += (min(row, other), max(row, other)) in seen
    mated, others = there[True], there[False]
    console.print(
        f"countenance: of the pairs above the least score, {mated[1] / mated[0]:.2%} of one person's are "
        f"seen, {others[1] / others[0]:.2%} of the others",
        highlight=False,
    )


def shown(setting: Any) -> str:
    if hasattr(setting, "same_person"):
        return f"same person {setting.same_person:.4f}, strangers {setting.strangers:.4f}"
    return str(setting)


if __name__ == "__main__":
    main()
