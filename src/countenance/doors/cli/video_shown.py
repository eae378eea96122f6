"""Who is seen in a video and when, as a table and as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.text import Text

from countenance.doors.cli.records import box_record
from countenance.doors.cli.tables import print_rows, stdout_console
from countenance.doors.cli.words import count, percent, printable, rate_in_words
from countenance.doors.timelines import clock, span_in_words

if TYPE_CHECKING:
    from pathlib import Path

    from countenance.doors.cli.records import Record
    from countenance.operations.videos.seen import FollowedFace, PersonSeen, SeenVideo, VideoFacts

_SPANS_OF_A_ROW = 12


@dataclass(frozen=True, slots=True)
class Compared:
    """Whom the people of a video were compared with.

    Attributes:
        collection_id: the collection, if it was one.
        references: the names of pictures, if there were any.
        threshold: the least similarity (0–100) of a name.
        smallest_known_rate: the smallest false match rate that the calibration's data can show.
    """

    collection_id: str | None
    references: tuple[str, ...]
    threshold: float
    smallest_known_rate: float


def print_timeline(path: Path, seen: SeenVideo, compared: Compared) -> None:
    """Print who is seen when, and what of the video could not be read."""
    heading = f"{printable(path)}, {facts_in_words(seen.facts)}, {summary_of(seen)}"
    stdout_console().print(Text(heading, style="bold"), soft_wrap=True)
    for sentence in seen.damage:
        print(f"damaged: {printable(sentence)}")
    if seen.people:
        print_rows(
            ("#", "who", "similarity", "strangers look this alike", "seen for", "when"),
            [(person.number, *_cells(person, compared)) for person in seen.people],
        )


def video_record(path: Path, seen: SeenVideo, compared: Compared) -> Record:
    """Return what was found in a video; docs/reference/command-line.md describes every field."""
    facts = seen.facts
    return {
        "video": str(path),
        "container": facts.container,
        "codec": facts.codec,
        "width_px": facts.width_px,
        "height_px": facts.height_px,
        "frames_per_second": round(facts.frames_per_second, 3),
        "duration_ms": facts.duration_ms,
        "damage": list(seen.damage),
        "pack": seen.pack,
        "collection_id": compared.collection_id,
        "references": list(compared.references),
        "threshold_percent": compared.threshold,
        "request_id": seen.request_id,
        "shots": [{"begin_ms": shot.begin_ms, "end_ms": shot.end_ms} for shot in seen.shots],
        "people": [_person_record(person) for person in seen.people],
    }


def who_in_words(person: PersonSeen) -> str:
    """Return a person's name, or number where there is none."""
    return person.naming.name if person.naming is not None else f"person {person.number}"


def facts_in_words(facts: VideoFacts) -> str:
    """Return what a video says of itself."""
    rate = f" at {facts.frames_per_second:.4g} frames/s" if facts.frames_per_second else ""
    length = f"{length_in_words(facts.duration_ms)}, " if facts.duration_ms is not None else ""
    return f"{length}{facts.width_px}×{facts.height_px} px{rate}"


def summary_of(seen: SeenVideo) -> str:
    """Return how much was found: "4 shots, 8 people, 2 with a name"."""
    people = "1 person" if len(seen.people) == 1 else f"{len(seen.people):,} people"
    named = sum(person.naming is not None for person in seen.people)
    return f"{count(len(seen.shots), 'shot')}, {people}" + (f", {named:,} with a name" if named else "")


def length_in_words(milliseconds: int) -> str:
    """Return how long something takes: "4.8 s" or "1:02:03"."""
    if milliseconds < 60_000:
        return f"{milliseconds / 1000:.1f} s"
    return clock(round(milliseconds / 1000))


def _cells(person: PersonSeen, compared: Compared) -> tuple[str, ...]:
    likeness = rate = ""
    if person.naming is not None:
        similarity = person.naming.similarity
        likeness = percent(similarity.percent)
        rate = rate_in_words(similarity.false_match_rate, smallest_known=compared.smallest_known_rate)
    spans = ", ".join(map(span_in_words, person.spans[:_SPANS_OF_A_ROW]))
    left_out = len(person.spans) - _SPANS_OF_A_ROW
    when = f"{spans} and {left_out:,} more" if left_out > 0 else spans
    return who_in_words(person), likeness, rate, length_in_words(person.seen_ms), when


def _person_record(person: PersonSeen) -> Record:
    naming = person.naming
    return {
        "number": person.number,
        "name": naming.name if naming else None,
        "similarity_percent": round(naming.similarity.percent, 4) if naming else None,
        "false_match_rate": float(f"{naming.similarity.false_match_rate:.4g}") if naming else None,
        "request_id": naming.request_id if naming else None,
        "review_id": person.review_id,
        "seen_ms": person.seen_ms,
        "spans": [{"begin_ms": span.begin_ms, "end_ms": span.end_ms} for span in person.spans],
        "tracks": [_track_record(face) for face in person.faces],
    }


def _track_record(face: FollowedFace) -> Record:
    return {
        "shot": face.shot,
        "begin_ms": face.path.begin_ms,
        "end_ms": face.path.end_ms,
        "best_ms": face.best_ms,
        "box": box_record(face.best_box),
        "quality": round(face.quality, 2),
    }
