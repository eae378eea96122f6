"""Days as browsers send them: a field of the type `date` sends 2027-01-31, in no zone; here it is UTC's."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_YEARS = range(1900, 3000)


def read_day(text: str) -> datetime | None:
    """Return the beginning of a day, None where it is none, or not within 1900 to 2999."""
    match = _DAY.fullmatch(text)
    if match is None or int(match.group(1)) not in _YEARS:
        return None
    try:
        return datetime(int(match.group(1)), int(match.group(2)), int(match.group(3)), tzinfo=UTC)
    except ValueError:
        return None


def day_of(at: datetime) -> str:
    """Return the day of a time as browsers send it."""
    return at.astimezone(UTC).date().isoformat()
