"""Who stands beside a confirmed candidate, and is known to be somebody else."""

from __future__ import annotations

import pytest

from countenance.governance import Candidate
from countenance.governance.accuracy import known_others


def candidate(number: int, name: str | None = None, user: str | None = None) -> Candidate:
    return Candidate(f"face-{number}", name, user, 99.0)


@pytest.mark.parametrize(
    ("confirmed", "beside", "others"),
    [
        (("ann", None), ("bob", None), 1),
        (("ann", None), ("ann", None), 0),
        (("ann", None), (None, None), 0),
        ((None, None), ("ann", None), 0),
        ((None, None), (None, None), 0),
        # The names may be those of pictures, as in Rekognition's examples; then users tell who is who.
        (("1.jpg", "ann"), ("2.jpg", "ann"), 0),
        (("1.jpg", "ann"), ("2.jpg", "bob"), 1),
        (("group.jpg", "ann"), ("group.jpg", "bob"), 1),
        (("1.jpg", "ann"), ("2.jpg", None), 0),
        (("1.jpg", None), ("2.jpg", "ann"), 0),
        ((None, "ann"), (None, "bob"), 1),
    ],
)
def test_another_name_is_another_person_where_both_are_named_alike(
    confirmed: tuple[str | None, str | None], beside: tuple[str | None, str | None], others: int
) -> None:
    found = [candidate(2, *beside), candidate(1, *confirmed)]
    assert known_others(found, "face-1") == others


def test_each_candidate_counts() -> None:
    found = [candidate(1, "ann"), candidate(2, "bob"), candidate(3, "ann"), candidate(4, "eve"), candidate(5)]
    assert known_others(found, "face-1") == 2
