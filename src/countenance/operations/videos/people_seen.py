"""From a video to the people in it, and from who they are like to at most one name for each of them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from countenance.faces import Template
from countenance.gallery.users import user_vector
from countenance.operations.videos.seen import FollowedFace, PersonSeen, SeenVideo, Shot
from countenance.video.following import follow_faces
from countenance.video.people import Appearing, people_of
from countenance.video.timeline import FacePath, presences, seen_together

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from countenance.operations.videos.seen import Naming
    from countenance.video.reading import VideoReader
    from countenance.video.values import Track
    from countenance.vision import FaceAnalyzer

# More of them make the mean no better, and the worst would only blur it.
_MOST_TEMPLATES = 8


@dataclass(frozen=True, slots=True, eq=False)
class Unnamed:
    """Somebody whose faces were found to be of one person; nobody has said yet who that is."""

    faces: tuple[FollowedFace, ...]

    @property
    def template(self) -> Template | None:
        """One template of the best faces, weighted by quality; None where none was fit for recognition."""
        fit = [(face.template, face.quality) for face in self.faces if face.template is not None]
        if not fit:
            return None
        best = sorted(fit, key=lambda each: -each[1])[:_MOST_TEMPLATES]
        vectors = np.stack([template.vector for template, _ in best])
        qualities = np.array([quality for _, quality in best], np.float32)
        return Template(best[0][0].pack, user_vector(vectors, qualities))

    @property
    def portrait(self) -> bytes | None:
        """A picture of the best face that has one."""
        shown = [face for face in self.faces if face.portrait is not None]
        return max(shown, key=lambda face: face.quality).portrait if shown else None

    def is_seen_with(self, other: Unnamed) -> bool:
        """Tell whether both are in one frame."""
        return any(seen_together(mine.path, its.path) for mine in self.faces for its in other.faces)


@dataclass(frozen=True, slots=True)
class Opinion:
    """Whom somebody is like, most similar first, and the review that must say so first, if one must."""

    candidates: tuple[Naming, ...] = ()
    review_id: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Followed:
    """A video that was looked at to its end: its shots, and the people in order of first appearance."""

    shots: tuple[Shot, ...]
    people: tuple[Unnamed, ...]


def follow_people(
    vision: FaceAnalyzer, reader: VideoReader, *, portraits: bool, looked: Callable[[int], None]
) -> Followed:
    """Find the people of a video; ``looked`` is told the time of each frame that was looked at.

    Raises:
        VideoTooLarge: a frame, or the whole, is larger than it may be.
        PackNotCalibrated: the pack cannot say what a score means.
    """
    shots: list[Shot] = []
    faces: list[FollowedFace] = []
    for shot in follow_faces(vision, reader, portraits=portraits, looked=looked):
        shots.append(Shot(shot.begin_ms, shot.end_ms))
        faces += map(followed_face, shot.tracks)
    numbers = people_of(
        [Appearing(face.path.begin_ms, face.path.end_ms, face.template, face.quality) for face in faces],
        vision.calibration,
    )
    people: defaultdict[int, list[FollowedFace]] = defaultdict(list)
    for number, face in zip(numbers, faces, strict=True):
        people[number].append(face)
    return Followed(tuple(shots), tuple(Unnamed(tuple(people[number])) for number in sorted(people)))


def named(people: Sequence[Unnamed], opinions: Sequence[Opinion]) -> tuple[PersonSeen, ...]:
    """Give each person at most one name, and join those who got the same.

    Who is most similar is named first. Two who are in one frame are two people, so the second does not get
    the first one's name, but that of whom they are like next, if there is one.
    """
    given: dict[int, Naming] = {}
    holders: defaultdict[str, list[int]] = defaultdict(list)
    for place, naming in _by_similarity(opinions):
        taken = any(people[place].is_seen_with(people[other]) for other in holders[naming.name])
        if place not in given and not taken:
            given[place] = naming
            holders[naming.name].append(place)
    rows = [[place] for place in range(len(people)) if place not in given]
    rows += [sorted(places) for places in holders.values() if places]
    rows.sort(key=lambda places: _begin(people[places[0]]))
    return tuple(_row(number, places, people, given, opinions) for number, places in enumerate(rows, 1))


def seen_video(
    vision: FaceAnalyzer,
    reader: VideoReader,
    followed: Followed,
    opinions: Sequence[Opinion],
    request_id: str | None,
) -> SeenVideo:
    """Put the result together."""
    return SeenVideo(
        facts=reader.facts,
        shots=followed.shots,
        people=named(followed.people, opinions),
        damage=tuple(reader.damage.sentences()),
        end_ms=max((shot.end_ms for shot in followed.shots), default=0),
        pack=vision.pack,
        request_id=request_id,
    )


def followed_face(track: Track) -> FollowedFace:
    """Return what is kept of a track: no sightings but their path."""
    best = track.best
    return FollowedFace(
        shot=track.shot,
        path=FacePath.of(track.sightings),
        best_ms=best.timestamp_ms,
        best_box=best.face.box,
        quality=best.face.quality.unified_score,
        template=track.template,
        portrait=track.portrait,
    )


def _by_similarity(opinions: Sequence[Opinion]) -> list[tuple[int, Naming]]:
    found = [(place, each) for place, opinion in enumerate(opinions) for each in opinion.candidates]
    return sorted(found, key=lambda each: -each[1].similarity.percent)


def _row(
    number: int,
    places: Sequence[int],
    people: Sequence[Unnamed],
    given: Mapping[int, Naming],
    opinions: Sequence[Opinion],
) -> PersonSeen:
    faces = sorted(
        (face for place in places for face in people[place].faces), key=lambda it: it.path.begin_ms
    )
    times_ms = [time for face in faces for time in face.path.times_ms.tolist()]
    namings = [given[place] for place in places if place in given]
    reviews = [opinions[place].review_id for place in places if opinions[place].review_id is not None]
    return PersonSeen(
        number=number,
        naming=max(namings, key=lambda naming: naming.similarity.percent) if namings else None,
        review_id=reviews[0] if reviews else None,
        faces=tuple(faces),
        spans=tuple(presences({number - 1: times_ms})),
    )


def _begin(person: Unnamed) -> tuple[int, float]:
    first = person.faces[0]
    return first.path.begin_ms, float(first.path.boxes[0, 0])
