"""Legal holds: what must not be erased, because a court or an authority says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold on everything of one subject; ``reference`` names the warrant, subpoena or case."""

    hold_id: str
    subject: str
    reference: str
    placed_at: datetime
    placed_by: str
    released_at: datetime | None = None
    released_by: str | None = None
