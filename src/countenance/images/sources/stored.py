"""The name of an object in a bucket."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object's bucket, its name in there, and which version of it, None for the newest."""

    bucket: str
    name: str
    version: str | None = None
