"""Which picture an endpoint refused, and why: Amazon's API does not say it of two pictures."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from countenance.evaluation.targets.questioning import content

if TYPE_CHECKING:
    from collections.abc import Iterable

    from countenance.evaluation.samples import DataSet
    from countenance.evaluation.targets.answer_cache import Answer
    from countenance.evaluation.targets.questioning import Questioning

NO_FILE = "missing file"
_FOUND_YET_REFUSED = "a face is found in it, yet the endpoint does not compare it"


def missing_files(data: DataSet, samples: Iterable[int]) -> dict[int, str]:
    """Return the samples without a file, with that as the reason."""
    return {number: NO_FILE for number in samples if not data.sha256[number]}


def reasons(questioning: Questioning, data: DataSet, refused: Iterable[tuple[int, ...]]) -> dict[int, str]:
    """Return why samples cannot be used, by their numbers, of which some were refused together.

    Each picture is looked at once. Where each of several shows a face, all of them are named.

    Raises:
        EndpointUnusable: the endpoint cannot be asked.
        ImageNotReadable: a picture changed after the data set was read.
    """
    together = list(refused)
    keys = {
        number: questioning.key("DetectFaces", data.sha256[number]) for each in together for number in each
    }

    def look(number: int) -> Answer:
        return questioning.calls.look(content(data, number))

    questioning.ask(
        questioning.unanswered({key: partial(look, number) for number, key in keys.items()}).items()
    )
    troubles = {number: questioning.cache[key].trouble for number, key in keys.items()}
    found = {number: trouble for number, trouble in troubles.items() if trouble}
    for each in together:
        if not any(troubles[number] for number in each):
            found |= dict.fromkeys(each, _FOUND_YET_REFUSED)
    return found
