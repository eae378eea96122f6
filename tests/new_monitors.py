"""Monitors that nobody runs, for tests of what is about them."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

from countenance.operations.monitors.values import Monitor, MonitorState, NewMonitor


def stopped_monitor(collection_id: str, source: str, *, preview: bool = False) -> Monitor:
    """Return a new monitor that is stopped."""
    asked = NewMonitor("front door", source, collection_id, 99.0, preview=preview)
    now = datetime.now(UTC)
    return Monitor(0, secrets.token_hex(16), asked, MonitorState.STOPPED, "operator", now, "operator")
