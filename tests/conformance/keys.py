"""Access keys of a running server, made and revoked as its operator does: on the command line."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from serving import RunningServer


@dataclass(frozen=True)
class Key:
    """An access key's id and its secret."""

    key_id: str
    secret: str


def create_key(
    server: RunningServer, operations: Sequence[str] = ("*",), collections: Sequence[str] = ("*",)
) -> Key:
    """Make a key while the server runs."""
    limits = "--operations", ",".join(operations), "--collections", ",".join(collections)
    made = server.command("keys", "create", "test", *limits, "--json")
    assert made.returncode == 0, made.stderr
    record = json.loads(made.stdout)
    return Key(record["access_key_id"], record["secret_access_key"])


def revoke_key(server: RunningServer, key_id: str) -> None:
    """Revoke a key while the server runs."""
    revoked = server.command("keys", "revoke", key_id)
    assert revoked.returncode == 0, revoked.stderr
