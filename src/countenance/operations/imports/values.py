"""What is asked of an import, and what an item of its job says."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from countenance.archive.exports import is_export
from countenance.archive.sources import is_in_bucket
from countenance.archive.values import (
    ExternalIds,
    ImportItem,
    PictureRecord,
    place_as_json,
    place_from_json,
)
from countenance.errors import ManifestInvalid
from countenance.jobs.values import NewItem
from countenance.operations.questions import Enrolling
from countenance.vision.filtering import QualityLevel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from countenance.archive.values import PassedOver
    from countenance.jobs.values import JobItem

__all__ = ["ExternalIds", "ImportAsked", "QualityLevel"]


@dataclass(frozen=True, slots=True)
class ImportAsked:
    """What to import, and how.

    Attributes:
        sources: absolute paths, or ``s3://bucket/prefix``.
        external_ids: what external image ids are taken from, where no manifest gives them.
        source: where the pictures come from, one of `governance.Source`, where rows do not say it; None as
            the collection's policy says.
        level: the quality that faces must have.
        most: how many faces of a picture are enrolled, None for all.
        hosts: hosts that pictures may be fetched from.
        private_hosts: such that may be in one's own network.
    """

    sources: tuple[str, ...]
    external_ids: ExternalIds = ExternalIds.NONE
    source: str | None = None
    level: QualityLevel = QualityLevel.AUTO
    most: int | None = None
    hosts: tuple[str, ...] = ()
    private_hosts: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return it as parameters of a job."""
        return {
            "sources": list(self.sources),
            "external_ids": self.external_ids.value,
            "source": self.source,
            "level": self.level.value,
            "most": self.most,
            "hosts": list(self.hosts),
            "private_hosts": list(self.private_hosts),
        }

    @classmethod
    def from_json(cls, parameters: Mapping[str, Any]) -> Self:
        """Return it as it was before `as_json`."""
        return cls(
            sources=tuple(parameters["sources"]),
            external_ids=ExternalIds(parameters["external_ids"]),
            source=parameters["source"],
            level=QualityLevel(parameters["level"]),
            most=parameters["most"],
            hosts=tuple(parameters["hosts"]),
            private_hosts=tuple(parameters["private_hosts"]),
        )


def export_in(asked: ImportAsked) -> Path | None:
    """Return the folder of the export that is to be imported, None where pictures are.

    Raises:
        ManifestInvalid: an export is not the only source.
    """
    exports = [source for source in asked.sources if not is_in_bucket(source) and is_export(Path(source))]
    if not exports:
        return None
    if len(asked.sources) > 1:
        raise ManifestInvalid(f"{exports[0]} is an export, which is imported by itself")
    return Path(exports[0])


def new_item(item: ImportItem) -> NewItem:
    """Return a picture as an item of a job."""
    details: dict[str, Any] = {"place": place_as_json(item.place)}
    for name in _FIELDS:
        if getattr(item, name) is not None:
            details[name] = getattr(item, name)
    if item.record is not None:
        details["record"] = item.record.as_json()
    return NewItem(item.name, subject_of(item), details)


def new_item_passed_over(passed: PassedOver) -> NewItem:
    """Return what is not imported as an item of a job, so that it is told with all others."""
    return NewItem(passed.name, None, {"failed" if passed.failed else "skipped": passed.reason})


def import_item(item: JobItem) -> ImportItem:
    """Return the picture that an item of a job stands for."""
    details = item.asked.details
    record = details.get("record")
    return ImportItem(
        name=item.asked.name,
        place=place_from_json(details["place"]),
        record=PictureRecord.from_json(record) if record is not None else None,
        **{name: details.get(name) for name in _FIELDS},
    )


def subject_of(item: ImportItem) -> str | None:
    """Return whom a picture is said to show, as consents name them."""
    return item.external_image_id if item.external_image_id is not None else item.user_id


def enrolling(item: ImportItem, asked: ImportAsked) -> Enrolling:
    """Return what governance is asked of a picture."""
    return Enrolling(subject_of(item), item.source or asked.source, consent_id=item.consent_id)


_FIELDS = ("external_image_id", "user_id", "consent_id", "source")
