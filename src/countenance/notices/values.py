"""Frozen values of notices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that others are to be told.

    Attributes:
        notice_id: the same each time that it is sent, so that who gets it twice can tell.
        channel: where to: the ARN of an SNS topic, or a name in the setting ``webhooks``.
        body: what, as JSON; nothing biometric.
    """

    notice_id: str
    channel: str
    body: Mapping[str, Any]
