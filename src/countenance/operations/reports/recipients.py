"""Who may use what: access keys, revoked ones too, as those to whom data are or were disclosed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countenance.reporting import Table, columns

if TYPE_CHECKING:
    from collections.abc import Iterable

    from countenance.access import AccessKey

_HEADS = columns(
    name="Name",
    access_key_id="Access key",
    administrator="Administrator",
    operations="Operations",
    collections="Collections",
    purposes="Purposes",
    created_at="Since",
    revoked_at="Revoked",
)


def recipients_table(caption: str, keys: Iterable[AccessKey]) -> Table:
    """Return a table of access keys, without their secrets."""
    rows = tuple(
        (
            key.name,
            key.key_id,
            key.administrator,
            key.operations,
            key.collections,
            key.purposes,
            key.created_at,
            key.revoked_at,
        )
        for key in keys
    )
    return Table(caption, _HEADS, rows, "No access key reaches it.")
