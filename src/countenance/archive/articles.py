"""Article records: texts whose front matter names pictures → items that lead back to the article.

Read are ``title``, ``publishedDateTime``, ``webUrl``, ``provider``, ``topics``, and every list ``images`` of
mappings with a ``url``: of the record itself, of each of ``related``, and of ``provider``.
"""

from __future__ import annotations

import posixpath
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from countenance.archive.front_matter import read_front_matter
from countenance.archive.texts import is_web_address, plain, web_address
from countenance.archive.values import ImportItem, LocalFile, PassedOver, PictureRecord, RecordKind
from countenance.errors import ManifestInvalid

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from countenance.archive.values import Listed, Place

ARTICLE_SUFFIXES = frozenset((".md", ".markdown", ".txt"))

_MOST_PICTURES = 1_000
_LONGEST_RECORD = 16_384


def read_article(folder: Path, path: Path) -> Iterator[Listed]:
    """Yield the pictures of an article, or why there are none.

    An address without a scheme is a file beside the article, in the folder that is imported.

    Args:
        folder: what is imported.
        path: the text, below it.
    """
    name = str(folder / path)
    try:
        found = read_front_matter(folder / path)
        if found is None:
            yield PassedOver(name, "it has no front matter, so it is no article record", failed=False)
            return
        record = _record(found, plain(path.as_posix()))
        pictures = list(_pictures(found, record))
        _check(record, len(pictures))
    except ManifestInvalid as error:
        yield PassedOver(name, str(error))
        return
    if not pictures:
        yield PassedOver(name, "its front matter names no pictures", failed=False)
    for number, (url, of_picture) in enumerate(pictures, start=1):
        of_item = f"{name}: {url} ({number})"
        try:
            place = _place(url, folder, path)
        except ManifestInvalid as error:
            yield PassedOver(of_item, str(error))
        else:
            yield ImportItem(of_item, place, record=of_picture)


def _record(found: dict[str, Any], source_file: str) -> PictureRecord:
    provider = found.get("provider")
    if isinstance(provider, dict):
        provider = provider.get("name") or provider.get("title")
    topics = found.get("topics")
    return PictureRecord(
        RecordKind.ARTICLE,
        source_file,
        title=_text(found.get("title")),
        published_at=_text(found.get("publishedDateTime")),
        web_url=_web_url(found.get("webUrl")),
        provider=_text(provider),
        topics=tuple(filter(None, map(_topic, topics if isinstance(topics, list) else [topics]))),
    )


def _pictures(found: dict[str, Any], record: PictureRecord) -> Iterator[tuple[str, PictureRecord]]:
    """Yield the addresses of the pictures, each once, and the record that belongs to each."""
    seen: set[str] = set()
    for holder, of_holder in _holders(found, record):
        images = holder.get("images")
        for image in images if isinstance(images, list) else ():
            url = image.get("url") if isinstance(image, dict) else None
            url = url.strip() if isinstance(url, str) else ""
            if url and url not in seen:
                seen.add(url)
                yield url, of_holder


def _holders(found: dict[str, Any], record: PictureRecord) -> Iterator[tuple[dict[str, Any], PictureRecord]]:
    yield found, replace(record, found_in="images")
    related = found.get("related")
    for other in related if isinstance(related, list) else (related,):
        if isinstance(other, dict):
            title, url = _text(other.get("title")), _web_url(other.get("webUrl"))
            yield other, replace(record, found_in="related", related_title=title, related_url=url)
    provider = found.get("provider")
    if isinstance(provider, dict):
        yield provider, replace(record, found_in="provider")


def _check(record: PictureRecord, pictures: int) -> None:
    if pictures > _MOST_PICTURES:
        raise ManifestInvalid(f"it names {pictures:,} pictures; the limit is {_MOST_PICTURES:,}")
    length = len(record.text())
    if length > _LONGEST_RECORD:
        raise ManifestInvalid(
            f"title, date, provider and topics have {length:,} bytes together; the limit is "
            f"{_LONGEST_RECORD:,}"
        )


def _place(url: str, folder: Path, path: Path) -> Place:
    if "://" in url or url.startswith("//"):
        return web_address(url)
    beside = posixpath.normpath(posixpath.join(path.parent.as_posix(), url))
    if url.startswith("/") or beside.split("/")[0] == ".." or "\0" in url:
        raise ManifestInvalid(f"{url[:200]!r} leads out of the folder that is imported")
    return LocalFile(beside, str(folder.absolute()))


def _topic(value: object) -> str | None:
    if isinstance(value, dict):
        value = value.get("name") or value.get("title")
    return _text(value)


def _text(value: object) -> str | None:
    """Return a text as one line, None where there is none."""
    return plain(value) or None if isinstance(value, str) else None


def _web_url(value: object) -> str | None:
    """Return an address that a page may link to; others, such as ``javascript:…``, are not kept."""
    text = _text(value)
    return text if text is not None and is_web_address(text) else None
