"""What imports need of a database besides what galleries do. `store` implements it.

All methods raise `StoreUnavailable` when the database does not answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from countenance.archive.values import KeptRecord, PictureRecord
    from countenance.gallery.values import Collection


class PictureRecordReader(Protocol):
    """Reads of what pictures came with."""

    def records_of_pictures(
        self, collection: Collection, image_ids: Sequence[str]
    ) -> dict[str, list[PictureRecord]]:
        """Return, by image id, what those of the pictures that came with something came with."""

    def picture_records(self, collection: Collection, *, after_key: int, most: int) -> list[KeptRecord]:
        """Return records by ascending key, from the first greater than ``after_key``."""


class PictureRecordWriter(PictureRecordReader, Protocol):
    """Changes of it; what a picture came with goes with the last of its faces in the collection."""

    def add_picture_records(
        self, collection: Collection, records: Sequence[tuple[str, PictureRecord]]
    ) -> int:
        """Keep what pictures came with, by image id; what is there already stays. Returns how many are new.

        A picture of which no face is in the collection keeps nothing.
        """

    def set_interactions(self, collection: Collection, times: Mapping[str, datetime]) -> None:
        """Note when there was last something to do with subjects, by name, as another server knew it.

        A time after the noted one changes nothing.
        """
