"""What is wrong with a data set: found, reported with the rows, and settled so that no figure suffers.

Nothing is dropped silently. Copies are found by their bytes: a picture that was cut or compressed anew counts
as another.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from countenance.errors import DataSetInvalid
from countenance.evaluation.datasets.contents import contents_of
from countenance.evaluation.datasets.copies import merged, problem, settled_groups
from countenance.evaluation.samples import DataSet, Pair, Problem, ProblemKind
from countenance.evaluation.targets.port import NO_FACE
from countenance.images.limits import ImageLimits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from countenance.evaluation.datasets.contents import Content
    from countenance.evaluation.datasets.listing import Listing
    from countenance.evaluation.samples import Sample


_MOST_REASONS = 20
_COUNTED = "stay in the data set, each a failure to enrol"


def checked(listing: Listing, most_bytes: int = ImageLimits().max_bytes) -> DataSet:
    """Return a listing as a data set, with what is wrong with it.

    1. Each file is hashed; one that is missing or cannot be read stays, for it is a failure to enrol.
    2. A subject in two groups of an attribute loses the attribute.
    3. Copies of a picture are merged, or left out where their subjects differ.
    4. Pairs that contradict their subjects, compare a picture with itself or repeat others are left out.

    Args:
        listing: what a reader read.
        most_bytes: larger files count as unreadable.

    Raises:
        DataSetInvalid: no picture is left, or no pair of a pair list.
    """
    by_file = contents_of((sample.file for sample in listing.samples), most_bytes)
    contents = [by_file[sample.file] for sample in listing.samples]
    samples, torn = settled_groups(listing.samples)
    keys = [content.sha256 or str(sample.file) for sample, content in zip(samples, contents, strict=True)]
    copies = merged(samples, keys)
    kept = [number for number, other in enumerate(copies.standing) if number == other]
    pairs, pair_problems = _pairs(listing, copies.standing)
    problems = (
        *listing.problems,
        *torn,
        *copies.problems,
        *pair_problems,
        *_troubles(samples, contents, kept),
    )
    if not any(contents[number].sha256 for number in kept) or (listing.pairs is not None and not pairs):
        raise _unusable(listing, problems)
    return DataSet(
        listing.name,
        tuple(copies.samples[number] for number in kept),
        None if listing.pairs is None else _renumbered(pairs, kept),
        problems,
        tuple(contents[number].sha256 for number in kept),
    )


def unreadable(data: DataSet, failures: Mapping[int, str]) -> tuple[Problem, ...]:
    """Return what a target found to be wrong with pictures when it opened them, a problem for each reason.

    Pictures without a face are none of these: whether one is found is a property of the system under test.
    Files of which the data set says already that they are missing are not said again.

    Args:
        data: the data set.
        failures: by sample number, why the sample could not be used, as a target answers.
    """
    rows: defaultdict[str, list[str]] = defaultdict(list)
    for number, why in sorted(failures.items()):
        if why != NO_FACE and data.sha256[number]:
            rows[why].append(data.samples[number].row)
    reasons = sorted(rows, key=lambda why: -len(rows[why]))
    problems = [
        problem(ProblemKind.UNREADABLE_FILE, rows[why], f"Files that {_COUNTED}: {len(rows[why]):,}: {why}")
        for why in reasons[:_MOST_REASONS]
    ]
    others = [row for why in reasons[_MOST_REASONS:] for row in rows[why]]
    if others:
        text = f"Files that {_COUNTED}: {len(others):,}, for other reasons, such as: {reasons[_MOST_REASONS]}"
        problems.append(problem(ProblemKind.UNREADABLE_FILE, others, text))
    return tuple(problems)


@dataclass(frozen=True, slots=True)
class _LeftOut:
    """Rows of pairs that are left out, by why."""

    contradictory: list[str] = field(default_factory=list)
    unclear: list[str] = field(default_factory=list)
    itself: list[str] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)

    def problems(self) -> tuple[Problem, ...]:
        kinds = (
            (
                ProblemKind.BAD_ROW,
                self.contradictory,
                "Pairs that say same person of different subjects, or different of one: {:,}, left out.",
            ),
            (
                ProblemKind.TWO_SUBJECTS,
                self.unclear,
                "Pairs with a picture that is listed under two subjects: {:,}, left out.",
            ),
            (
                ProblemKind.SAME_PICTURE,
                self.itself,
                "Pairs of a picture with itself, or with one of the same bytes: {:,}, left out.",
            ),
            (
                ProblemKind.REPEATED_ROW,
                self.repeated,
                "Pairs that are listed again: {:,}; the first is kept.",
            ),
        )
        return tuple(problem(kind, rows, text.format(len(rows))) for kind, rows, text in kinds if rows)


def _pairs(listing: Listing, standing: Sequence[int | None]) -> tuple[list[Pair], tuple[Problem, ...]]:
    """Return the pairs that are left, of samples that stand for themselves, still by their old numbers."""
    left_out = _LeftOut()
    kept: dict[tuple[int, int, int | None], Pair] = {}
    for pair, row in zip(listing.pairs or (), listing.pair_rows, strict=True):
        same = listing.samples[pair.first].subject == listing.samples[pair.second].subject
        first, second = standing[pair.first], standing[pair.second]
        if same != pair.mated:
            left_out.contradictory.append(row)
        elif first is None or second is None:
            left_out.unclear.append(row)
        elif first == second:
            left_out.itself.append(row)
        elif (key := (min(first, second), max(first, second), pair.fold)) in kept:
            left_out.repeated.append(row)
        else:
            kept[key] = replace(pair, first=first, second=second)
    return list(kept.values()), left_out.problems()


def _renumbered(pairs: Sequence[Pair], kept: Sequence[int]) -> tuple[Pair, ...]:
    new = {number: place for place, number in enumerate(kept)}
    return tuple(replace(pair, first=new[pair.first], second=new[pair.second]) for pair in pairs)


def _troubles(samples: Sequence[Sample], contents: Sequence[Content], kept: Sequence[int]) -> list[Problem]:
    rows: defaultdict[Content, list[str]] = defaultdict(list)
    for number in kept:
        if not contents[number].sha256:
            rows[contents[number]].append(samples[number].row)
    problems = []
    for content, named in rows.items():
        kind = ProblemKind.MISSING_FILE if content.missing else ProblemKind.UNREADABLE_FILE
        text = f"Files that {content.trouble or 'are missing'}: {len(named):,}; they {_COUNTED}."
        problems.append(problem(kind, named, text))
    return problems


def _unusable(listing: Listing, problems: Sequence[Problem]) -> DataSetInvalid:
    what = "pair" if listing.pairs is not None and listing.samples else "picture"
    worst = max(problems, key=lambda found: len(found.rows), default=None)
    why = "" if worst is None else f" {worst.text}"
    rows = "" if worst is None or not worst.rows else f" The first: {worst.rows[0]}."
    return DataSetInvalid(
        f"{listing.name} has no {what} that can be used; its pictures are looked for in "
        f"{listing.folder.path} (images).{why}{rows}"
    )
