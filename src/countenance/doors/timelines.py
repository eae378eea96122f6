"""When somebody is seen in a video, as bars beside each other: for the page of a file and for the console."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from countenance.operations.videos.seen import Presence

_STEPS_SECONDS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)
_MOST_TICKS = 6
_SHORTEST_BAR = 0.4  # of the width, in per cent
_SECONDS_OF_AN_HOUR = 3600


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar or a tick: where it begins and how wide it is, in per cent of the timeline, and its words."""

    left: float
    width: float
    words: str


def bar_of(span: Presence, whole_ms: int) -> Bar:
    """Return the bar of a span; none is so short that it cannot be seen."""
    width = min(max(100 * span.length_ms / whole_ms, _SHORTEST_BAR), 100.0)
    left = min(100 * span.begin_ms / whole_ms, 100 - width)
    return Bar(round(left, 3), round(width, 3), span_in_words(span))


def merged_bars(spans: Iterable[Presence], whole_ms: int) -> Iterator[Bar]:
    """Yield the bars of spans, by beginning; those that touch each other are one, however many there are."""
    before: Bar | None = None
    for bar in (bar_of(span, whole_ms) for span in spans):
        if before is not None and bar.left <= before.left + before.width:
            width = max(before.width, bar.left + bar.width - before.left)
            before = Bar(before.left, round(width, 3), before.words)
            continue
        if before is not None:
            yield before
        before = bar
    if before is not None:
        yield before


def ticks_of(whole_ms: int) -> list[Bar]:
    """Return the ticks of a timeline's axis."""
    whole = whole_ms / 1000
    step = next((each for each in _STEPS_SECONDS if whole / each <= _MOST_TICKS), _STEPS_SECONDS[-1])
    return [
        Bar(round(100 * second / whole, 3), 0.0, clock(second)) for second in range(0, int(whole) + 1, step)
    ]


def span_in_words(span: Presence) -> str:
    """Return when somebody is seen, to the second: "0:03–0:07"."""
    begin, end = round(span.begin_ms / 1000), round(span.end_ms / 1000)
    return f"{clock(begin)}–{clock(end)}" if end > begin else clock(begin)


def clock(seconds: int) -> str:
    """Return a time as players show it: "0:07", "1:02:03"."""
    minutes, rest = divmod(seconds, 60)
    if seconds < _SECONDS_OF_AN_HOUR:
        return f"{minutes}:{rest:02}"
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"
