"""A folder and what is below it → items: pictures by their suffix, texts with article records."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from countenance.archive.articles import ARTICLE_SUFFIXES, read_article
from countenance.archive.texts import external_id_of
from countenance.archive.values import ImportItem, LocalFile, PassedOver
from countenance.errors import ManifestInvalid
from countenance.images import has_picture_suffix

if TYPE_CHECKING:
    from collections.abc import Iterator

    from countenance.archive.values import ExternalIds, Listed

# As long as the names of objects that local buckets open.
_LONGEST_PATH_BYTES = 1024


def read_folder(folder: Path, external_ids: ExternalIds) -> Iterator[Listed]:
    """Yield the pictures in a folder and below, folder by folder in order, and what is passed over.

    Links are not followed, so nothing outside the folder is imported. Texts give the pictures of the article
    records in them.

    Args:
        folder: the folder; it must be there.
        external_ids: what pictures' external image ids are taken from.
    """
    unreadable: list[OSError] = []
    for place, below, files in os.walk(folder, onerror=unreadable.append):
        below.sort()
        here = Path(place).relative_to(folder)
        for name in list(below):
            reason = _reason_to_pass(Path(place, name), here / name)
            if reason is not None:
                below.remove(name)
                yield PassedOver(str(folder / here / name), reason, failed=False)
        for name in sorted(files):
            yield from _read_file(folder, here / name, external_ids)
        for error in unreadable:
            yield PassedOver(str(error.filename), f"the folder cannot be read: {error.strerror}")
        unreadable.clear()


def _read_file(folder: Path, path: Path, external_ids: ExternalIds) -> Iterator[Listed]:
    name = str(folder / path)
    reason = _reason_to_pass(folder / path, path)
    if reason is not None:
        yield PassedOver(name, reason, failed=False)
    elif has_picture_suffix(path.name):
        yield picture_in(folder, path, external_ids)
    elif path.suffix.lower() in ARTICLE_SUFFIXES:
        yield from read_article(folder, path)
    else:
        yield PassedOver(name, "its name ends as neither pictures nor articles do", failed=False)


def picture_in(folder: Path, path: Path, external_ids: ExternalIds) -> Listed:
    """Return the item of a picture in a folder, at a path below it."""
    name = str(folder / path)
    try:
        external_id = external_id_of(path.as_posix(), folder.absolute().name, external_ids)
    except ManifestInvalid as error:
        return PassedOver(name, str(error))
    return ImportItem(name, LocalFile(path.as_posix(), str(folder.absolute())), external_id)


def _reason_to_pass(whole: Path, path: Path) -> str | None:
    if path.name.startswith("."):
        return "its name begins with a dot"
    if whole.is_symlink():
        return "it is a link, and links are not followed"
    if len(os.fsencode(path)) > _LONGEST_PATH_BYTES:
        return f"its path has more than {_LONGEST_PATH_BYTES} bytes"
    return None
