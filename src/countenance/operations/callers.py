"""Find who asked for a job, as what they may do is now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countenance.access import machine_operator
from countenance.errors import NotPermitted

if TYPE_CHECKING:
    from countenance.access import AccessKey, KeyStore
    from countenance.jobs.ports import JobStore


def caller_of(keys: KeyStore | JobStore, key_id: str) -> AccessKey:
    """Return the access key that asked for a job, or the machine's operator.

    Raises:
        NotPermitted: the key was revoked since, or is gone.
        StoreUnavailable: the database does not answer.
    """
    operator = machine_operator()
    if key_id == operator.key_id:
        return operator
    key = keys.key(key_id)
    if key is None or key.revoked_at is not None:
        raise NotPermitted(f"the access key {key_id}, which asked for this, was revoked")
    return key
