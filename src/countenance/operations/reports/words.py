"""Numbers and times as people say them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import timedelta

_UNITS = (("year", 365 * 86_400), ("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))


def duration_in_words(duration: timedelta) -> str:
    """Return "3 years", "30 days" or "1 hour 30 minutes", "at once" for none; only whole years are years."""
    left, parts = int(duration.total_seconds()), []
    for name, seconds in _UNITS:
        if name == "year" and left % seconds:
            continue
        count, left = divmod(left, seconds)
        if count:
            parts.append(f"{count:,} {name}{'' if count == 1 else 's'}")
    return " ".join(parts) or "at once"


def duration_in_iso(duration: timedelta) -> str:
    """Return an ISO 8601 duration such as P30D or PT1H30M."""
    days, left = divmod(int(duration.total_seconds()), 86_400)
    hours, left = divmod(left, 3_600)
    minutes, seconds = divmod(left, 60)
    clock = "".join(f"{n}{unit}" for n, unit in ((hours, "H"), (minutes, "M"), (seconds, "S")) if n)
    return f"P{f'{days}D' if days else ''}{f'T{clock}' if clock else ''}" if days or clock else "PT0S"
