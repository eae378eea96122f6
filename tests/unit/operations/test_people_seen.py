"""Who gets which name: at most one for each person, and nobody's twice in one frame."""

from __future__ import annotations

import numpy as np

from countenance.faces import Box, Similarity, Template
from countenance.operations.videos.people_seen import Opinion, Unnamed, named
from countenance.operations.videos.seen import FacePath, FollowedFace, Naming
from new_faces import PACK, template


def face(begin_ms: int, end_ms: int, number: int | None = 1, quality: float = 50.0) -> FollowedFace:
    """Return a face that is looked at five times a second; a number names its template."""
    times_ms = np.arange(begin_ms, end_ms + 1, 200, dtype=np.int32)
    boxes = np.tile(np.array([10, 10, 50, 60], np.float32), (len(times_ms), 1))
    vector = Template(PACK, template(number)) if number is not None else None
    portrait = f"portrait of {number} at {quality:g}".encode()
    return FollowedFace(
        0, FacePath(times_ms, boxes), begin_ms, Box(10, 10, 40, 50), quality, vector, portrait
    )


def like(*candidates: tuple[str, float]) -> Opinion:
    return Opinion(tuple(Naming(name, Similarity(percent, 0.001), "request") for name, percent in candidates))


def names(people: list[Unnamed], *opinions: Opinion) -> list[str | None]:
    return [person.naming.name if person.naming else None for person in named(people, opinions)]


EARLY, LATE = Unnamed((face(0, 1000),)), Unnamed((face(5000, 6000),))


def test_who_is_like_somebody_has_the_name_of_whom_they_are_most_like() -> None:
    assert names([EARLY, LATE], like(("bob", 90), ("ann", 99)), like()) == ["ann", None]


def test_people_with_one_name_are_one() -> None:
    (person,) = named([EARLY, LATE], [like(("ann", 90)), like(("ann", 99))])
    assert person.naming is not None
    assert (person.naming.similarity.percent, person.number, len(person.faces)) == (99, 1, 2)
    assert [(span.begin_ms, span.end_ms) for span in person.spans] == [(0, 1000), (5000, 6000)]
    assert person.seen_ms == 2000


def test_of_two_in_one_frame_the_more_similar_one_has_the_name() -> None:
    beside = Unnamed((face(400, 1400),))
    assert names([EARLY, beside], like(("ann", 90)), like(("ann", 95))) == [None, "ann"]
    assert names([EARLY, beside], like(("ann", 99)), like(("ann", 95), ("bob", 85))) == ["ann", "bob"]


def test_people_are_numbered_as_they_appear() -> None:
    people = named(
        [EARLY, LATE, Unnamed((face(7000, 7200),))], [like(), like(("ann", 90)), like(("ann", 91))]
    )
    assert [(person.number, person.spans[0].begin_ms) for person in people] == [(1, 0), (2, 5000)]


def test_a_review_takes_the_place_of_a_name() -> None:
    (person,) = named([EARLY], [Opinion((), "review")])
    assert (person.naming, person.review_id) == (None, "review")


def test_a_persons_template_is_made_of_the_best_faces_that_are_fit() -> None:
    alone = Unnamed((face(0, 200, None, quality=99), face(400, 600, 1, quality=20)))
    assert alone.template is not None
    assert np.allclose(alone.template.vector, template(1), atol=1e-6)
    both = Unnamed((face(0, 200, 1, quality=90), face(400, 600, 2, quality=10)))
    assert both.template is not None
    one, other = (float(both.template.vector @ template(number)) for number in (1, 2))
    assert one > other > 0.1
    assert Unnamed((face(0, 200, None),)).template is None


def test_a_person_is_shown_by_the_best_face() -> None:
    person = Unnamed((face(0, 200, 1, quality=20), face(400, 600, 2, quality=80)))
    assert person.portrait == b"portrait of 2 at 80"
