"""Frozen values of imports: where a picture lies, whom it is said to show, and what is known of it."""

from __future__ import annotations

import enum
import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Self

from countenance.images.sources import StoredObject

if TYPE_CHECKING:
    from collections.abc import Mapping

Json = dict[str, Any]


class ExternalIds(enum.StrEnum):
    """What a picture's external image id is taken from, where no manifest says it."""

    NONE = "none"
    STEM = "stem"
    """The file's name without its suffix."""
    FOLDER = "folder"
    """The name of the folder that it lies in."""


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file of this machine.

    Attributes:
        path: where it is, below ``folder`` where there is one.
        folder: nothing outside this folder is opened, and no link is followed; None for any file.
    """

    path: str
    folder: str | None = None


@dataclass(frozen=True, slots=True)
class WebAddress:
    """A picture that is fetched over HTTP; whether it may be is decided when it is."""

    url: str


Place = LocalFile | StoredObject | WebAddress


class RecordKind(enum.StrEnum):
    """What a picture's record was read from."""

    ARTICLE = "article"
    MANIFEST = "manifest"


@dataclass(frozen=True, slots=True)
class PictureRecord:
    """What a picture came with, so that a face in it leads back there.

    Attributes:
        kind: an article that shows the picture, or a row of a manifest with tags.
        source_file: the text or manifest, as a path within what was imported.
        title: the article's.
        published_at: when it appeared, as it says so.
        web_url: its address, http or https.
        provider: who published it.
        topics: what it is about.
        found_in: where in the article the picture is: ``images``, ``related`` or ``provider``.
        related_title: of the related article that shows the picture, where one does.
        related_url: its address.
        tags: of a row of a manifest.
    """

    kind: RecordKind
    source_file: str
    title: str | None = None
    published_at: str | None = None
    web_url: str | None = None
    provider: str | None = None
    topics: tuple[str, ...] = ()
    found_in: str | None = None
    related_title: str | None = None
    related_url: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> Json:
        """Return what is known of it, without what is not."""
        return {name: value for name, value in asdict(self).items() if value not in (None, (), {})}

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        """Return it as it was before `as_json`.

        Raises:
            ValueError: it is no such record.
        """
        try:
            topics = tuple(str(topic) for topic in record.get("topics", ()))
            tags = {str(name): str(value) for name, value in record.get("tags", {}).items()}
            texts = {name: record.get(name) for name in _TEXTS}
            if not all(text is None or isinstance(text, str) for text in texts.values()):
                raise ValueError("a text is none")
            kind, source_file = RecordKind(record["kind"]), str(record["source_file"])
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"it is no record of a picture: {error}") from None
        return cls(kind, source_file, topics=topics, tags=tags, **texts)

    def text(self) -> str:
        """Return it as canonical JSON, ASCII."""
        return json.dumps(self.as_json(), sort_keys=True, separators=(",", ":"))

    @property
    def digest(self) -> str:
        """The SHA-256 of its text, in hexadecimal; the same record is the same again."""
        return hashlib.sha256(self.text().encode()).hexdigest()


_TEXTS = (
    "title",
    "published_at",
    "web_url",
    "provider",
    "found_in",
    "related_title",
    "related_url",
)


@dataclass(frozen=True, slots=True)
class KeptRecord:
    """A record as it is kept: the store's own number for it, and the id of the picture."""

    key: int
    image_id: str
    record: PictureRecord


@dataclass(frozen=True, slots=True)
class ImportItem:
    """A picture to be imported.

    Attributes:
        name: what people know it by; unique within an import.
        place: where its bytes are.
        external_image_id: whom its faces are enrolled as, as in IndexFaces.
        user_id: whose its largest face becomes.
        consent_id: the consent that it rests on, where one is named.
        source: where it comes from, one of `governance.Source`, where something says so.
        record: what it came with.
    """

    name: str
    place: Place
    external_image_id: str | None = None
    user_id: str | None = None
    consent_id: str | None = None
    source: str | None = None
    record: PictureRecord | None = None


@dataclass(frozen=True, slots=True)
class PassedOver:
    """What is not imported, and why: there is nothing to import, or (``failed``) it cannot be read."""

    name: str
    reason: str
    failed: bool = True


Listed = ImportItem | PassedOver


def place_as_json(place: Place) -> Json:
    """Return a place as a job keeps it."""
    if isinstance(place, WebAddress):
        return {"url": place.url}
    if isinstance(place, StoredObject):
        return {"bucket": place.bucket, "key": place.name}
    return {"path": place.path} | ({"folder": place.folder} if place.folder is not None else {})


def place_from_json(place: Mapping[str, Any]) -> Place:
    """Return a place as it was before `place_as_json`."""
    if "url" in place:
        return WebAddress(place["url"])
    if "bucket" in place:
        return StoredObject(place["bucket"], place["key"])
    return LocalFile(place["path"], place.get("folder"))
