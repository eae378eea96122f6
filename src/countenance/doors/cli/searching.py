"""The work of ``countenance search``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from countenance.access import machine_operator
from countenance.doors.cli.composition import image_limits, loading
from countenance.doors.cli.outcomes import tell
from countenance.doors.cli.records import Record, face_record, json_line
from countenance.doors.cli.tables import box_in_words, print_facts, print_rows
from countenance.doors.cli.words import percent, rate_in_words
from countenance.doors.cli.work import warn_in_lines
from countenance.images import open_image
from countenance.operations.search_records import search_records
from countenance.settings import read_settings
from countenance.wiring import furnish, open_office

if TYPE_CHECKING:
    from pathlib import Path

    from countenance.archive.values import PictureRecord
    from countenance.operations.search_records import RecordedMatch, RecordedMatches


@dataclass(frozen=True, slots=True)
class Request:
    """What the user asks for."""

    picture: Path
    collection_id: str
    most: int
    threshold: float
    as_json: bool


def answer(file: Path | None, given: dict[str, Any], request: Request) -> None:
    """Search, and print the matches with what their pictures came with.

    Raises:
        CountenanceError: the picture cannot be read or shows no face, or it may not be searched for.
    """
    settings = read_settings(file, **given)
    warn_in_lines()
    with open_office(settings) as office:
        with loading(settings):
            rooms = furnish(settings, office)
        with office.register.act(machine_operator()) as act:
            found = search_records(
                rooms.vision,
                office.gallery,
                act,
                request.collection_id,
                lambda: open_image(request.picture, image_limits(settings)),
                most=request.most,
                least_similarity=request.threshold,
            )
        review_id = act.review_id
    if request.as_json:
        print(json_line(_record(found, review_id)))
    else:
        _print(found, review_id, rooms.vision.calibration.false_match_rates[-1])


def _record(found: RecordedMatches, review_id: str | None) -> Record:
    return {
        "searched_face": face_record(found.answer.searched),
        "pack": found.answer.pack,
        "review_id": review_id,
        "matches": [_match_record(each) for each in found.matches],
    }


def _match_record(each: RecordedMatch) -> Record:
    face, similarity = each.match.face, each.match.similarity
    return {
        "face_id": face.face_id,
        "image_id": face.image_id,
        "external_image_id": face.external_image_id,
        "user_id": face.user_id,
        "similarity_percent": round(similarity.percent, 4),
        "false_match_rate": float(f"{similarity.false_match_rate:.4g}"),
        "records": [record.as_json() for record in each.records],
    }


def _print(found: RecordedMatches, review_id: str | None, smallest_known: float) -> None:
    if review_id is not None:
        tell(f"people must look at the answer first: countenance review show {review_id}")
        return
    tell(f"searched for the face {box_in_words(found.answer.searched.box)}")
    if not found.matches:
        tell("nobody in the collection is that much alike")
        return
    print_rows(
        ("face", "similarity", "strangers look this alike", "external image id", "user", "records"),
        [
            (
                each.match.face.face_id,
                percent(each.match.similarity.percent),
                rate_in_words(each.match.similarity.false_match_rate, smallest_known=smallest_known),
                each.match.face.external_image_id,
                each.match.face.user_id,
                len(each.records) or None,
            )
            for each in found.matches
        ],
    )
    for each in found.matches:
        for record in each.records:
            print()
            print_facts({"face": each.match.face.face_id, **_facts(record)})


def _facts(record: PictureRecord) -> dict[str, object]:
    tags = "; ".join(f"{name}={value}" for name, value in record.tags.items())
    return {
        "title": record.title,
        "published": record.published_at,
        "address": record.web_url,
        "provider": record.provider,
        "topics": ", ".join(record.topics) or None,
        "related": record.related_title,
        "its address": record.related_url,
        "tags": tags or None,
        "file": record.source_file,
    }
