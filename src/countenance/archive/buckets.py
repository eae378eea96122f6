"""``s3://bucket/prefix`` → items, from local buckets as from S3."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countenance.archive.texts import external_id_of
from countenance.archive.values import ImportItem, PassedOver
from countenance.errors import ManifestInvalid
from countenance.images import has_picture_suffix
from countenance.images.sources import StoredObject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from countenance.archive.values import ExternalIds, Listed
    from countenance.images.sources import PictureSources


def read_prefix(
    pictures: PictureSources, bucket: str, prefix: str, external_ids: ExternalIds
) -> Iterator[Listed]:
    """Yield the pictures whose names begin with a prefix, and what is passed over.

    Raises:
        ObjectNotReadable: there is no such bucket, or it cannot be listed.
    """
    folder = prefix.rpartition("/")[0]
    for key in pictures.names(bucket, prefix):
        name = f"s3://{bucket}/{key}"
        if key.endswith("/"):  # how S3's console keeps a folder
            continue
        if not has_picture_suffix(key):
            yield PassedOver(name, "its name does not end as pictures do", failed=False)
            continue
        below = key[len(folder) :].lstrip("/")
        try:
            external_id = external_id_of(below, folder.rpartition("/")[2] or bucket, external_ids)
        except ManifestInvalid as error:
            yield PassedOver(name, str(error))
        else:
            yield ImportItem(name, StoredObject(bucket, key), external_id)
