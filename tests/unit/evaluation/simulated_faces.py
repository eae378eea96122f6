"""Templates of people who do not exist: crowds of them in template space, loose or close together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

DIMENSIONS = 24


@dataclass(frozen=True, slots=True, eq=False)
class Faces:
    """Templates, the numbers of their subjects, and the crowd that each is of."""

    vectors: Any
    subjects: Any
    crowds: list[str | None]


def faces(closeness: dict[str, float], people: int, pictures: int, seed: int, noise: float = 0.35) -> Faces:
    """Return the pictures of so many people of each crowd.

    The greater a crowd's ``closeness``, the more its people have in common and the more alike they look.
    Crowds have their places in template space, the same whatever the seed.
    """
    random, places = np.random.default_rng(seed), np.random.default_rng(12345)
    vectors, names = [], list[str | None]()
    for name, close in closeness.items():
        shared = _unit(places.normal(size=DIMENSIONS)) * close
        own = _unit(random.normal(size=(people, DIMENSIONS)))
        seen = _unit(shared + own)[:, None] + noise / np.sqrt(DIMENSIONS) * random.normal(
            size=(people, pictures, DIMENSIONS)
        )
        vectors.append(_unit(seen).reshape(-1, DIMENSIONS))
        names += [name] * (people * pictures)
    subjects = np.repeat(np.arange(people * len(closeness)), pictures).astype(np.int32)
    return Faces(np.concatenate(vectors).astype(np.float32), subjects, names)


def _unit(vectors: Any) -> Any:
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
