"""Seal all data keys and secrets anew with another master key; the operator of the machine may."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from countenance.operations.acts import Act


def rotate_master_key(act: Act, seal_anew: Callable[[], int]) -> int:
    """Seal everything anew, while servers go on; returns how many keys and secrets that were.

    Args:
        act: who asks.
        seal_anew: does it.

    Raises:
        NotPermitted: the caller's key is no administrator's.
        StoreUnavailable: the database does not answer.
        MasterKeyInvalid: the master key cannot be had, or is not the one of this database.
    """
    act.permit("rotate_master_key")
    sealed = seal_anew()
    act.note(sealed=sealed)
    return sealed
