"""What a user names → a stream of items: a folder, manifest, prefix in a bucket, article or picture."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from countenance.archive.articles import ARTICLE_SUFFIXES, read_article
from countenance.archive.buckets import read_prefix
from countenance.archive.folders import picture_in, read_folder
from countenance.archive.manifests import is_manifest, read_manifest
from countenance.archive.texts import bucket_and_key
from countenance.archive.values import ImportItem, LocalFile
from countenance.errors import ManifestInvalid
from countenance.images import has_picture_suffix

if TYPE_CHECKING:
    from collections.abc import Iterator

    from countenance.archive.values import ExternalIds, Listed
    from countenance.images.sources import PictureSources

_S3 = "s3://"


def is_in_bucket(source: str) -> bool:
    """Tell whether a source is a prefix in a bucket."""
    return source.startswith(_S3)


def check_source(source: str) -> None:
    """Refuse what nothing can be imported from, before anything is.

    Raises:
        ManifestInvalid: there is no such folder or file, or none of a kind that is read.
    """
    if is_in_bucket(source):
        bucket_and_key(source)
        return
    path = Path(source)
    if not source or "\0" in source or not path.exists():
        raise ManifestInvalid(f"there is no {source!r}; name a folder, a manifest or s3://bucket/prefix")
    suffix = path.suffix.lower()
    if not (path.is_dir() or is_manifest(path) or suffix in ARTICLE_SUFFIXES or has_picture_suffix(source)):
        raise ManifestInvalid(
            f"{source} is neither a folder, a picture, a manifest (.csv, .jsonl, .ndjson, .parquet) nor an "
            f"article ({', '.join(sorted(ARTICLE_SUFFIXES))})"
        )


def read_source(pictures: PictureSources, source: str, external_ids: ExternalIds) -> Iterator[Listed]:
    """Yield the items of a source, and what is passed over, in an order that is the same each time.

    Args:
        pictures: where buckets are.
        source: a path, or ``s3://bucket/prefix``.
        external_ids: what external image ids are taken from where no manifest gives them.

    Raises:
        ManifestInvalid: nothing can be imported from it.
        ObjectNotReadable: a bucket cannot be listed.
        ExtraMissing: it is Parquet, and pyarrow is not installed.
    """
    check_source(source)
    if is_in_bucket(source):
        return read_prefix(pictures, *bucket_and_key(source), external_ids)
    path = Path(source)
    if path.is_dir():
        return read_folder(path, external_ids)
    if is_manifest(path):
        return read_manifest(path)
    if path.suffix.lower() in ARTICLE_SUFFIXES:
        return read_article(path.parent, Path(path.name))
    picture = picture_in(path.parent, Path(path.name), external_ids)
    if isinstance(picture, ImportItem):  # who names a link means where it leads
        picture = replace(picture, place=LocalFile(str(path.absolute())))
    return iter([picture])
