"""Chooses, from a data set, people to search for and a gallery in which none of them is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from countenance.errors import TooFewSubjects
from countenance.evaluation.samples import repeated

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from countenance.evaluation.samples import DataSet


@dataclass(frozen=True, slots=True)
class GroupChosen:
    """How many people of a group were chosen; an empty name stands for those whose group is not known."""

    name: str
    probes: int
    gallery: int


@dataclass(frozen=True, slots=True)
class Choice:
    """Who is searched for, and in which gallery: one picture of each person, nobody on both sides.

    Attributes:
        probes: the samples to search for, by number, in a random order.
        gallery: the samples to enrol.
        groups: by probe, the group of its subject; empty where none is known.
        chosen: how many people of each group are on either side, sorted by name.
        attribute: what groups are told apart by, such as "gender"; None where by nothing.
        seed: from which the choice was drawn.
    """

    probes: tuple[int, ...]
    gallery: tuple[int, ...]
    groups: tuple[str, ...]
    chosen: tuple[GroupChosen, ...]
    attribute: str | None
    seed: int


def choose_strangers(
    data: DataSet,
    probes: int,
    gallery: int | None = None,
    attribute: str | None = None,
    seed: int = 0,
) -> Choice:
    """Choose people to search for and a gallery in which none of them is.

    Groups are drawn as evenly as their numbers allow, on both sides: a gallery of mostly one group would give
    that group the most false matches. Who has no known group is chosen only where others do not suffice. A
    picture that is there under two names is used under the first: it would match itself.

    Args:
        data: the data set.
        probes: how many people to search for.
        gallery: how many people to enrol; by default all others, who are then as uneven as the data set is.
        attribute: by which groups are told apart.
        seed: from which the choice is drawn; the same seed gives the same choice.

    Raises:
        TooFewSubjects: the data set has fewer subjects than both sides need.
    """
    samples = _by_subject(data)
    wanted = probes + (1 if gallery is None else gallery)
    if len(samples) < wanted:
        raise TooFewSubjects(
            f"{data.name} has {len(samples)} subjects; {probes} probes and a gallery of "
            f"{'at least one' if gallery is None else gallery} need {wanted}: ask for fewer or add pictures"
        )
    draw = np.random.default_rng(seed)
    names = list(samples)
    shuffled = {names[place]: samples[names[place]] for place in draw.permutation(len(names))}
    picked = {name: int(draw.choice(numbers)) for name, numbers in shuffled.items()}
    group = {name: _group(data, samples[name], attribute) for name in picked}
    searched = _evenly(list(picked), group, probes)
    rest = [name for name in picked if name not in set(searched)]
    enrolled = _evenly(rest, group, len(rest) if gallery is None else gallery)
    return Choice(
        tuple(picked[name] for name in searched),
        tuple(picked[name] for name in enrolled),
        tuple(group[name] for name in searched),
        tuple(
            GroupChosen(
                one,
                sum(group[name] == one for name in searched),
                sum(group[name] == one for name in enrolled),
            )
            for one in sorted(set(group.values()))
        ),
        attribute,
        seed,
    )


def shared_out(total: int, available: Sequence[int]) -> tuple[int, ...]:
    """Share a number out as evenly as what is available allows; who has most gives what is left over.

    Args:
        total: how many to share out, no more than there are.
        available: how many each can give.
    """
    shares = [0] * len(available)
    # Who has least gives first: what is missing from an even share falls on the others evenly.
    for done, place in enumerate(sorted(range(len(available)), key=lambda one: available[one])):
        shares[place] = min(available[place], total // (len(available) - done))
        total -= shares[place]
    return tuple(shares)


def _evenly(names: Sequence[str], group: Mapping[str, str], total: int) -> list[str]:
    """Return so many of the subjects, in their order: evenly of each group, ungrouped ones last."""
    members: dict[str, list[str]] = {}
    for name in names:
        members.setdefault(group[name], []).append(name)
    ungrouped = members.pop("", [])
    grouped = [members[one] for one in sorted(members)]
    known = min(total, sum(len(one) for one in grouped))
    counts = shared_out(known, [len(one) for one in grouped])
    chosen = {name for one, count in zip(grouped, counts, strict=True) for name in one[:count]}
    chosen.update(ungrouped[: total - known])
    return [name for name in names if name in chosen]


def _by_subject(data: DataSet) -> dict[str, list[int]]:
    """Return the samples of each subject, sorted by name; of a picture that is there twice, the first."""
    samples: dict[str, list[int]] = {}
    for number in np.flatnonzero(~repeated(data)).tolist():
        samples.setdefault(data.samples[number].subject, []).append(number)
    return {name: samples[name] for name in sorted(samples)}


def _group(data: DataSet, numbers: Sequence[int], attribute: str | None) -> str:
    """Return the group of a subject: what the first picture that says so says; empty where none does."""
    if attribute is None:
        return ""
    said = (data.samples[number].groups.get(attribute, "") for number in numbers)
    return next((name for name in said if name), "")
