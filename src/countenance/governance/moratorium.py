"""Moratoria: a use of faces that is forbidden for everybody, from one moment on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from countenance.errors import PolicyInvalid
from countenance.governance.kinds import RECOGNITION, Kind

if TYPE_CHECKING:
    from datetime import datetime

_KINDS = {
    "search": frozenset({Kind.SEARCH, Kind.WATCH}),
    "enrol": frozenset({Kind.ENROL}),
    "all": RECOGNITION,
}
_PURPOSE = re.compile(r"purpose:([a-z0-9][a-z0-9-]{0,63})")


@dataclass(frozen=True, slots=True)
class Scope:
    """What a moratorium forbids: ``search``, ``enrol``, ``all`` use of faces, or all for ``purpose:NAME``."""

    text: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a scope.

        Raises:
            PolicyInvalid: it is none.
        """
        if text not in _KINDS and _PURPOSE.fullmatch(text) is None:
            raise PolicyInvalid(f"{text!r} is no scope; there are search, enrol, all and purpose:NAME")
        return cls(text)

    def covers(self, kind: Kind, purpose: str | None) -> bool:
        """Tell whether an operation of this kind, for this purpose, is in the scope."""
        found = _PURPOSE.fullmatch(self.text)
        if found is not None:
            return kind in RECOGNITION and found.group(1) == purpose
        return kind in _KINDS[self.text]


@dataclass(frozen=True, slots=True)
class Moratorium:
    """A moratorium; ``until`` is when it ends by itself, ``lifted_at`` when somebody ended it.

    One that was given when the server started has no id and cannot be lifted.
    """

    moratorium_id: str | None
    scope: Scope
    reason: str
    began_at: datetime
    begun_by: str
    until: datetime | None = None
    lifted_at: datetime | None = None
    lifted_by: str | None = None

    def in_force(self, now: datetime) -> bool:
        """Tell whether it forbids anything now."""
        return self.lifted_at is None and self.began_at <= now and (self.until is None or now < self.until)
