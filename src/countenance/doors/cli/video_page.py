"""A page that shows who is seen in a video and when; it stands by itself: no script, nothing loaded."""

from __future__ import annotations

import base64
import functools
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from countenance.doors.cli.video_shown import facts_in_words, length_in_words, summary_of, who_in_words
from countenance.doors.cli.words import percent, printable, rate_in_words
from countenance.doors.pages import page_template
from countenance.doors.report_pages import POLICY
from countenance.doors.timelines import Bar, bar_of, clock, span_in_words, ticks_of

if TYPE_CHECKING:
    from pathlib import Path

    from jinja2 import Template

    from countenance.doors.cli.video_shown import Compared
    from countenance.operations.videos.seen import FollowedFace, PersonSeen, SeenVideo, Shot

_LEAST_BETWEEN_CUTS = 0.25  # of the width, in per cent: of cuts closer than that only one is drawn
_MOST_FACES = 12


@dataclass(frozen=True, slots=True)
class ShownFace:
    """A small picture of a face: its address, which holds it, and when it is seen."""

    address: str
    when: str


@dataclass(frozen=True, slots=True)
class ShownPerson:
    """A person as the page shows them."""

    number: int
    who: str
    is_named: bool
    similarity: str
    strangers: str
    seen_for: str
    when: tuple[str, ...]
    review_id: str | None
    unnamed_because: str
    bars: tuple[Bar, ...]
    faces: tuple[ShownFace, ...]
    left_out: int


@dataclass(frozen=True, slots=True)
class ShownVideo:
    """All that the page shows; ``cuts`` is where shots begin, in per cent of the timeline."""

    title: str
    summary: str
    compared: str
    damage: tuple[str, ...]
    made_at: datetime
    people: tuple[ShownPerson, ...]
    ticks: tuple[Bar, ...]
    cuts: tuple[float, ...]


def video_page(path: Path, seen: SeenVideo, compared: Compared) -> str:
    """Return the page as HTML; texts are escaped, and characters that cannot be seen are shown as such."""
    whole_ms = max(seen.end_ms, 1)
    shown = ShownVideo(
        title=path.name,
        summary=f"{facts_in_words(seen.facts)}: {summary_of(seen)}.",
        compared=_comparison(seen, compared),
        damage=seen.damage,
        made_at=datetime.now(UTC),
        people=tuple(_person(person, compared, whole_ms) for person in seen.people),
        ticks=tuple(ticks_of(whole_ms)),
        cuts=tuple(_cuts(seen.shots, whole_ms)),
    )
    return _template().render(video=shown, policy=POLICY)


def _comparison(seen: SeenVideo, compared: Compared) -> str:
    """Return whom the people were compared with, and what a name stands for."""
    if compared.collection_id is not None:
        whom = f"the collection {compared.collection_id}"
    elif compared.references:
        *others, last = compared.references
        whom = f"pictures of {', '.join(others)} and {last}" if others else f"a picture of {last}"
    else:
        return f"Nobody was looked for; people were told apart by the pack {seen.pack}."
    return (
        f"Compared with {whom}, by the pack {seen.pack}. A name is given from a similarity of "
        f"{compared.threshold:g} % on. At 80 %, 1 in 1,000 strangers look at least that alike; at 99 %, 1 in "
        "100,000."
    )


def _person(person: PersonSeen, compared: Compared, whole_ms: int) -> ShownPerson:
    similarity = person.naming.similarity if person.naming is not None else None
    known = compared.smallest_known_rate
    shown = sorted(person.faces, key=lambda face: -face.quality)
    shown = [face for face in shown if face.portrait is not None]
    chosen = sorted(shown[:_MOST_FACES], key=lambda face: face.best_ms)
    return ShownPerson(
        number=person.number,
        who=who_in_words(person),
        is_named=person.naming is not None,
        similarity=percent(similarity.percent) if similarity else "",
        strangers=rate_in_words(similarity.false_match_rate, smallest_known=known) if similarity else "",
        seen_for=length_in_words(person.seen_ms),
        when=tuple(map(span_in_words, person.spans)),
        review_id=person.review_id,
        unnamed_because=_unnamed_because(person, compared),
        bars=tuple(bar_of(span, whole_ms) for span in person.spans),
        faces=tuple(map(_face, chosen)),
        left_out=len(shown) - len(chosen),
    )


def _unnamed_because(person: PersonSeen, compared: Compared) -> str:
    if person.naming is not None:
        return ""
    if person.review_id is not None:
        return "people must say so first"
    return "nobody known" if compared.collection_id or compared.references else "not looked for"


def _face(face: FollowedFace) -> ShownFace:
    encoded = base64.b64encode(face.portrait or b"").decode()
    return ShownFace(f"data:image/jpeg;base64,{encoded}", clock(face.best_ms // 1000))


def _cuts(shots: tuple[Shot, ...], whole_ms: int) -> list[float]:
    cuts: list[float] = []
    for shot in shots[1:]:
        place = round(100 * shot.begin_ms / whole_ms, 3)
        if not cuts or place - cuts[-1] >= _LEAST_BETWEEN_CUTS:
            cuts.append(place)
    return cuts


@functools.cache
def _template() -> Template:
    return page_template("video.html", printable)
