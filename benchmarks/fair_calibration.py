"""Chooses the form of fair calibration, fits it for a pack, and measures it on people it was not fitted on.

    COUNTENANCE_SHARED=… python benchmarks/fair_calibration.py [PACK] [--keep FOLDER]

Fitted on LFW View 1 DevTrain and a half of FairFace's pictures; DevTest, FairFace's other half and all of
UTKFace are only measured on. Forms of calibration and their numbers are compared within what is fitted on:
regions are made of a half of its people and measured on the other, three times. Of FairFace and UTKFace each
picture counts as a subject. ``--keep`` keeps templates between runs. Prints tables and the
[calibration.regions] part of a pack.toml.
"""

from __future__ import annotations

import argparse
import csv
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PIL import Image

from countenance.evaluation.calibrating import fit_ladder, half_of_subjects
from countenance.evaluation.differentials import gini, max_over_min
from countenance.evaluation.fairness import adjusting, calibrate_fairly
from countenance.evaluation.fairness_gain import Outcome, fairness_gain
from countenance.evaluation.score_counts import ScoreCounts, all_scores
from countenance.vision import FaceAnalyzer
from lfw import data_folder, picture_path, pictures_of, read_pairs, subjects

if TYPE_CHECKING:
    from countenance.vision.calibration import Calibration
    from countenance.vision.regions import RegionalCalibration, Regions

Floats = npt.NDArray[np.float64]
Vectors = npt.NDArray[np.float32]
Adjusted = Callable[["Split"], Floats]

RATES = (1e-2, 3e-3)
ROUNDS = 3
SEED = 0
UTK_GENDERS = {"0": "male", "1": "female"}
UTK_RACES = {"0": "White", "1": "Black", "2": "Asian", "3": "Indian", "4": "Other"}


@dataclass(frozen=True, slots=True, eq=False)
class Set:
    """Templates, the numbers of their subjects, and groups by attribute ("" where not known)."""

    vectors: Vectors
    subjects: npt.NDArray[np.int32]
    groups: dict[str, npt.NDArray[np.str_]]

    def part(self, rows: npt.NDArray[np.bool_]) -> Set:
        """Return some of its rows."""
        groups = {name: values[rows] for name, values in self.groups.items()}
        return Set(self.vectors[rows], self.subjects[rows], groups)


@dataclass(frozen=True, slots=True)
class Pictures:
    """The files of a set, the name of the subject of each, and groups by attribute."""

    files: list[Path]
    subjects: list[str]
    groups: dict[str, list[str]]


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """All comparisons of a set to measure on: scores, rows, and the non-mated ones within each group."""

    vectors: Vectors
    scores: Floats
    first: npt.NDArray[np.intp]
    second: npt.NDArray[np.intp]
    mated: npt.NDArray[np.bool_]
    within: list[npt.NDArray[np.bool_]]

    @classmethod
    def of(cls, data: Set, attribute: str) -> Split:
        """Make all comparisons of a set."""
        first, second = np.triu_indices(len(data.vectors), 1)
        scores = (data.vectors @ data.vectors.T)[first, second].astype(np.float64)
        groups, mated = data.groups[attribute], data.subjects[first] == data.subjects[second]
        within = [
            (groups[first] == name) & (groups[second] == name) & ~mated for name in sorted(set(groups) - {""})
        ]
        return cls(data.vectors, scores, first, second, mated, within)

    def spread(self, values: Floats) -> list[float]:
        """Return the Gini coefficient and max/min of FMR within groups at each rate."""
        found: list[float] = []
        ranked = np.sort(values[~self.mated])[::-1]
        for rate in RATES:
            threshold = ranked[int(rate * len(ranked))]
            rates = [float((values[rows] >= threshold).mean()) for rows in self.within]
            found += [float(gini(rates)), float(max_over_min(rates))]
        return found

    def tar(self, values: Floats, rate: float) -> float:
        """Return the share of mated comparisons that match at a false match rate."""
        ranked = np.sort(values[~self.mated])[::-1]
        return float((values[self.mated] >= ranked[int(rate * len(ranked))]).mean())


def uncorrected(split: Split) -> Floats:
    return split.scores


def locally_scaled(regions: Regions, exponent: float) -> Adjusted:
    """Variant c, the one in use: distances in units of how close together strangers are around both."""

    def adjusted(split: Split) -> Floats:
        distances = regions.distances(split.vectors)
        unit = (distances[split.first] + distances[split.second]) / 2.0
        return 1.0 - (1.0 - split.scores) / unit**exponent

    return adjusted


def ladders(regions: Regions, fitted: Set) -> Adjusted:
    """Variant a, as FairCal: a ladder per region, shrunk where it has few errors; logarithms are joined."""
    numbers = regions.numbers(fitted.vectors)
    scores = fitted.vectors @ fitted.vectors.T
    different = fitted.subjects[:, None] != fitted.subjects[None]
    whole = fit_ladder(ScoreCounts.of(scores[np.triu(different, 1)]), "all")
    rungs, counts = [], []
    for number in range(len(regions.centres)):
        inside = numbers == number
        touching = np.triu(different & (inside[:, None] | inside[None]), 1)
        values = np.sort(scores[touching])[::-1]
        errors = np.array(whole.false_match_rates) * len(values)
        own = values[np.minimum(errors.astype(np.intp), len(values) - 1)]
        trust = errors / (errors + 30.0)
        rungs.append(np.maximum.accumulate(trust * own + (1 - trust) * np.array(whole.scores)))
        counts.append(len(values))
    weights, logarithms = np.array(counts, np.float64), np.log10(whole.false_match_rates)

    def adjusted(split: Split) -> Floats:
        places = regions.numbers(split.vectors)
        one, other = places[split.first], places[split.second]
        found = np.stack([beyond(split.scores, rung, logarithms) for rung in rungs])
        rows = np.arange(len(split.scores))
        share = weights[one] / (weights[one] + weights[other])
        return -(share * found[one, rows] + (1 - share) * found[other, rows])

    return adjusted


def beyond(scores: Floats, rungs: Floats, logarithms: Floats) -> Floats:
    """Return logarithms of rates; above the last rung they go on as steeply as over the last four."""
    slope = (logarithms[-1] - logarithms[-4]) / max(rungs[-1] - rungs[-4], 1e-3)
    return np.asarray(np.interp(scores, rungs, logarithms) + np.maximum(scores - rungs[-1], 0.0) * slope)


def shifted(regions: Regions, fitted: Set) -> Adjusted:
    """Variant b: per region a shift and a scale, from quantiles of its people's non-mated scores."""
    numbers = regions.numbers(fitted.vectors)
    scores = fitted.vectors @ fitted.vectors.T
    different = fitted.subjects[:, None] != fitted.subjects[None]
    places, scales = [], []
    for number in range(len(regions.centres)):
        middle, tail = np.quantile(scores[numbers == number][different[numbers == number]], (0.9, 0.99))
        places.append(middle)
        scales.append(tail - middle)
    place, scale = np.array(places), np.array(scales)

    def adjusted(split: Split) -> Floats:
        found = regions.numbers(split.vectors)
        sides = [
            (split.scores - place[found[rows]]) / scale[found[rows]] for rows in (split.first, split.second)
        ]
        return np.asarray((sides[0] + sides[1]) / 2.0)

    return adjusted


def choose(train: Set, faces: Set) -> None:
    """Compare forms of calibration within what is fitted on."""
    found: dict[str, list[list[float]]] = defaultdict(list)
    for seed in range(ROUNDS):
        ours, theirs = half_of_subjects(train.subjects, seed), half_of_subjects(faces.subjects, seed)
        fitted = joined(train.part(ours), faces.part(theirs))
        splits = [Split.of(faces.part(~theirs), "race"), Split.of(train.part(~ours), "gender")]
        for name, adjusted in variants(fitted, seed):
            measured = [adjusted(split) for split in splits]
            spreads = [
                x for split, values in zip(splits, measured, strict=True) for x in split.spread(values)
            ]
            found[name].append([*spreads, *(splits[1].tar(measured[1], rate) for rate in (1e-2, 1e-3, 1e-4))])
    print("within what is fitted on, means of", ROUNDS, "rounds; Gini coefficient and max/min of FMR")
    print(
        "FairFace by race at 1e-2, 3e-3, DevTrain by gender likewise | sum of Gini | TAR at 1e-2, 1e-3, 1e-4"
    )
    for name, rows in found.items():
        means = np.mean(rows, axis=0)
        spread = ", ".join(f"{one:.2f} / {other:.1f}" for one, other in means[:8].reshape(-1, 2))
        print(f"{name:24} {spread} | {means[:8:2].sum():.2f} | " + " ".join(f"{x:.3f}" for x in means[8:]))


def variants(fitted: Set, seed: int) -> Iterator[tuple[str, Adjusted]]:
    yield "global", uncorrected
    for count in (16, 32, 48, 64):
        made = calibrate_fairly(fitted.vectors, fitted.subjects, data="", regions=count, seed=seed)
        regions = made.calibration.regions
        if count in (16, 48):
            yield f"a: ladders, {count} regions", ladders(regions, fitted)
            yield f"b: shifts, {count} regions", shifted(regions, fitted)
        for exponent in (0.75, 1.0, 1.25, 1.5, 1.75):
            yield f"c: {count} regions, exponent {exponent}", locally_scaled(regions, exponent)


def measure(title: str, data: Set, known: Calibration, fair: RegionalCalibration) -> None:
    """Print what both calibrations do on people that they were not fitted on."""
    plain = all_scores(data.vectors, data.subjects).non_mated
    adjust = adjusting(fair.regions, fair.regions.distances(data.vectors))
    adjusted = all_scores(data.vectors, data.subjects, adjust).non_mated
    for percent in (60, 80, 90):
        stated = known.similarity(known.score_at(percent)).false_match_rate
        seen = share(plain, known.score_at(percent))
        fairly = share(adjusted, fair.ladder.score_at(percent))
        print(f"{title}, similarity {percent}: stated FMR {stated:.1e}, seen {seen:.1e}, fair {fairly:.1e}")
    for attribute, values in data.groups.items():
        groups = [value or None for value in values.tolist()]
        gain = fairness_gain(fair, data.vectors, data.subjects, groups)
        for at in gain.at_rates:
            print(f"{title} by {attribute} at an overall FMR of {at.overall_rate:g}:")
            for name, outcome in (("global", at.under_global), ("fair", at.under_fair)):
                print(f"  {name}: {described(gain.groups, outcome)}")
            print(f"  change: max/min × {at.max_over_min_ratio}, Gini {at.gini_change}, TAR {at.tar_change}")


def described(groups: tuple[str, ...], outcome: Outcome) -> str:
    rates = ", ".join(
        f"{name} {rate.value:.1e} ({rate.errors})"
        for name, rate in zip(groups, outcome.within_groups, strict=True)
        if rate.value is not None
    )
    return f"max/min {outcome.max_over_min}, Gini {outcome.gini}, TAR {outcome.tar}; {rates}"


def share(counts: ScoreCounts, score: float) -> float:
    return float(counts.counts[counts.centres >= score].sum() / counts.total)


def joined(one: Set, other: Set) -> Set:
    """Return both, without groups, as sets of different people."""
    subjects = np.concatenate([one.subjects, other.subjects + one.subjects.max() + 1])
    return Set(np.concatenate([one.vectors, other.vectors]), subjects.astype(np.int32), {})


def lfw(split: str) -> Pictures:
    with (data_folder() / "lfw" / "gender.csv").open() as file:
        genders = {row["file"]: row["gender"] for row in csv.DictReader(file)}
    names = pictures_of(read_pairs(split))
    return Pictures(
        [picture_path(name) for name in names],
        [name.split("/")[0] for name in names],
        {"gender": [genders.get(name, "") for name in names]},
    )


def fairface() -> Pictures:
    folder = data_folder() / "fairface"
    with (folder / "labels.csv").open() as file:
        rows = list(csv.DictReader(file))
    files = [folder / row["file"] for row in rows]
    groups = {name: [row[name] for row in rows] for name in ("race", "gender", "age")}
    return Pictures(files, [row["file"] for row in rows], groups)


def utkface() -> Pictures:
    files = sorted((data_folder() / "utkface").iterdir())
    labels = [file.name.split("_") for file in files]
    decades = [f"{min(int(label[0]) // 10, 7)}0s" for label in labels]
    groups = {
        "race": [UTK_RACES[label[2]] for label in labels],
        "gender": [UTK_GENDERS[label[1]] for label in labels],
        "age": decades,
    }
    return Pictures(files, [file.name for file in files], groups)


def seen(pack: str, name: str, pictures: Pictures, keep: Path | None) -> Set:
    """Return the templates of the central faces, kept from an earlier run where there was one."""
    kept = keep / f"{pack}-{name}.npy" if keep is not None else None
    if kept is not None and kept.exists():
        vectors = np.load(kept)
    else:
        sizes = [Image.open(file).size for file in pictures.files]
        faces = subjects(FaceAnalyzer.load(pack), pictures.files, lambda index: sizes[index])
        found = [face.template.vector if face and face.template else None for face in faces]
        dimension = next(len(vector) for vector in found if vector is not None)
        nothing = np.full(dimension, np.nan, np.float32)
        vectors = np.stack([nothing if vector is None else vector for vector in found])
        if kept is not None:
            kept.parent.mkdir(parents=True, exist_ok=True)
            np.save(kept, vectors)
    there = ~np.isnan(vectors[:, 0])
    print(f"{name}: {len(there)} pictures, {int((~there).sum())} without a face")
    people = np.unique(pictures.subjects, return_inverse=True)[1].astype(np.int32)
    groups = {attribute: np.array(values) for attribute, values in pictures.groups.items()}
    return Set(vectors, people, groups).part(there)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pack", nargs="?", default="dlib-cc0")
    parser.add_argument("--keep", type=Path, help="folder that keeps templates between runs")
    asked = parser.parse_args()
    train, test, faces, utk = (
        seen(asked.pack, name, pictures, asked.keep)
        for name, pictures in (
            ("devtrain", lfw("devtrain")),
            ("devtest", lfw("devtest")),
            ("fairface", fairface()),
            ("utkface", utkface()),
        )
    )
    fitted = half_of_subjects(faces.subjects, SEED)
    choose(train, faces.part(fitted))
    both = joined(train, faces.part(fitted))
    fair = calibrate_fairly(
        both.vectors,
        both.subjects,
        data="LFW View 1 DevTrain, all comparisons of different people; regions also of half of FairFace",
        of_ladder=np.arange(len(both.vectors)) < len(train.vectors),
        seed=SEED,
    )
    known = fit_ladder(all_scores(train.vectors, train.subjects).non_mated, "LFW View 1 DevTrain")
    for title, data in (("DevTest", test), ("FairFace", faces.part(~fitted)), ("UTKFace", utk)):
        measure(title, data, known, fair.calibration)
    print(fair.as_toml())


if __name__ == "__main__":
    main()
