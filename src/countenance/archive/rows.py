"""A row of a manifest, of whatever format → an item; the columns are the same for all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from countenance.archive.texts import as_consent_id, as_external_id, as_user_id, place_of, plain, tags_of
from countenance.archive.values import ImportItem, PictureRecord, RecordKind
from countenance.errors import ManifestInvalid

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

COLUMNS: Final = ("path", "external_image_id", "user_id", "tags", "consent_id", "source")
_MOST_TAGS = 50
_LONGEST_TAGS = 8_192
_LONGEST_SOURCE = 32


def check_columns(names: Iterable[str]) -> None:
    """Refuse a manifest whose columns are not those that there are; raises ManifestInvalid."""
    given = list(names)
    known = ", ".join(COLUMNS)
    for name in given:
        if name not in COLUMNS:
            raise ManifestInvalid(
                f"there is no column {plain(name[:80])!r}; there are {known}; what else there is to say of a "
                "picture goes into tags"
            )
    if len(set(given)) < len(given):
        raise ManifestInvalid(f"a column is there twice; there are {known}")
    if "path" not in given:
        raise ManifestInvalid(f"there is no column path; columns are {known}")


def item_of(row: Mapping[str, object], manifest: Path, number: int) -> ImportItem:
    """Return the item of a row.

    Args:
        row: the values by column, all of them known columns; None and empty texts are as if absent.
        manifest: the file; relative paths start in its folder.
        number: which row or line it is, from 1.

    Raises:
        ManifestInvalid: a value is not allowed; the message says which.
    """
    tags = _tags(row.get("tags"))
    path = _text(row, "path") or ""
    place = place_of(path, str(manifest.parent.absolute()))
    external_id, user_id = _text(row, "external_image_id"), _text(row, "user_id")
    consent_id, source = _text(row, "consent_id"), _text(row, "source")
    if source is not None and len(source) > _LONGEST_SOURCE:
        raise ManifestInvalid(f"source has {len(source)} characters; the limit is {_LONGEST_SOURCE}")
    return ImportItem(
        name=f"{path} ({manifest.name}:{number})",
        place=place,
        external_image_id=as_external_id(external_id) if external_id is not None else None,
        user_id=as_user_id(user_id) if user_id is not None else None,
        consent_id=as_consent_id(consent_id) if consent_id is not None else None,
        source=source,
        record=PictureRecord(RecordKind.MANIFEST, plain(manifest.name), tags=tags) if tags else None,
    )


def _text(row: Mapping[str, object], column: str) -> str | None:
    value = row.get(column)
    if value is None:
        return None
    if not isinstance(value, str):
        raise ManifestInvalid(f"{column} is {type(value).__name__}; it must be a text")
    return value.strip() if column != "path" and value.strip() else value or None


def _tags(value: object) -> dict[str, str]:
    """Return tags of a text, of a list of texts, or of a mapping or list of pairs."""
    if value is None:
        return {}
    if isinstance(value, str):
        tags = tags_of(value)
    elif isinstance(value, dict):
        tags = {plain(str(name)): plain(str(text)) for name, text in value.items() if text is not None}
    elif isinstance(value, list) and all(isinstance(each, str) for each in value):
        tags = {name: text for each in value for name, text in tags_of(each).items()}
    elif isinstance(value, list) and all(isinstance(each, tuple) and len(each) == 2 for each in value):
        tags = {plain(str(name)): plain(str(text)) for name, text in value if text is not None}
    else:
        raise ManifestInvalid("tags are neither name=value;name=value nor a mapping of names to values")
    length = sum(len(name) + len(text) for name, text in tags.items())
    if len(tags) > _MOST_TAGS or length > _LONGEST_TAGS:
        raise ManifestInvalid(
            f"there are {len(tags)} tags of {length:,} characters; the limits are {_MOST_TAGS} and "
            f"{_LONGEST_TAGS:,}"
        )
    return tags
