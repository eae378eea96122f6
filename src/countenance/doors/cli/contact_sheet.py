"""The demo's picture: both photographs with their faces, the changed ones, the two people compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image

from countenance.doors.cli.drawing import label_face, mark_face
from countenance.doors.cli.panels import (
    BACKGROUND,
    MUTED,
    card,
    face_crop,
    likeness_bar,
    likeness_colour,
    paste_rounded,
    picture_with,
    write,
)
from countenance.doors.cli.words import percent, rate_in_words

if TYPE_CHECKING:
    from countenance.faces import Face, Pixels
    from countenance.operations.compare_faces import Comparison, Match

_EDGE, _GAP = 56, 20
_PORTRAIT = (520, 600)
_TILE_WIDTH = 236
# A changed photograph is shown this many sides of the face wide.
_TILE_SIDES = 2.6
_TILE_CAPTION, _PORTRAIT_CAPTION = 80, 76
_TILES_IN_A_ROW = 3
_TITLE_HEIGHT, _HEADING_HEIGHT, _STRANGER_SIDE = 132, 74, 236
_ROW_HEIGHT = _PORTRAIT[1] + _PORTRAIT_CAPTION
_WIDTH = 2 * _EDGE + _PORTRAIT[0] + _TILES_IN_A_ROW * (_TILE_WIDTH + _GAP)


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """A changed photograph and how similar its face is to the unchanged one; None where it shows none."""

    name: str
    pixels: Pixels
    match: Match | None


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """A person's photograph, the face in it and the trials with it."""

    person: str
    credit: str
    pixels: Pixels
    face: Face
    trials: list[Trial]


def draw_contact_sheet(
    first: Subject, second: Subject, strangers: Comparison, smallest_known_rate: float
) -> Image.Image:
    """Return the sheet; ``strangers`` compares the first subject with the second."""
    height = _TITLE_HEIGHT + 2 * (_ROW_HEIGHT + _GAP * 2) + _HEADING_HEIGHT + _STRANGER_SIDE + _EDGE
    sheet = Image.new("RGB", (_WIDTH, height), BACKGROUND)
    write(sheet, (_EDGE, 76), "Countenance", 50)
    write(
        sheet,
        (_EDGE, 110),
        "Two photographs: the faces found, and how alike they stay when the picture changes",
        21,
        MUTED,
    )
    y = _TITLE_HEIGHT + _GAP
    for subject in (first, second):
        _draw_subject(sheet, y, subject)
        y += _ROW_HEIGHT + 2 * _GAP
    _draw_strangers(sheet, y, (first, second), strangers, smallest_known_rate)
    return sheet


def _draw_subject(sheet: Image.Image, y: int, subject: Subject) -> None:
    card(sheet, (_EDGE, y), (_PORTRAIT[0], _ROW_HEIGHT))
    picture, face = picture_with(subject.pixels, subject.face, _PORTRAIT)
    if face is not None:
        mark_face(picture, face)
        label_face(picture, face, percent(face.confidence))
    paste_rounded(sheet, picture, (_EDGE, y), radius=20)
    pose, quality = subject.face.pose, subject.face.quality
    measures = (
        f"pitch {round(pose.pitch_degrees)}°   yaw {round(pose.yaw_degrees)}°   "
        f"roll {round(pose.roll_degrees)}°   "
        f"sharpness {round(quality.sharpness)}   quality {round(quality.unified_score)}"
    )
    base = y + _PORTRAIT[1]
    write(sheet, (_EDGE + 20, base + 36), subject.person, 26)
    write(sheet, (_EDGE + _PORTRAIT[0] - 20, base + 36), subject.credit, 16, MUTED, anchor="rs")
    write(sheet, (_EDGE + 20, base + 61), measures, 16, MUTED)
    lines = -(-len(subject.trials) // _TILES_IN_A_ROW)
    pitch = (_ROW_HEIGHT + _GAP) // lines
    for number, trial in enumerate(subject.trials):
        line, column = divmod(number, _TILES_IN_A_ROW)
        x = _EDGE + _PORTRAIT[0] + _GAP + column * (_TILE_WIDTH + _GAP)
        _draw_trial(sheet, (x, y + line * pitch), pitch - _GAP, trial)


def _draw_trial(sheet: Image.Image, place: tuple[int, int], height: int, trial: Trial) -> None:
    x, y = place
    size = (_TILE_WIDTH, height - _TILE_CAPTION)
    card(sheet, place, (_TILE_WIDTH, height))
    found = trial.match.face if trial.match else None
    picture, face = picture_with(trial.pixels, found, size, _TILE_SIDES)
    if face is not None:
        mark_face(picture, face)
    paste_rounded(sheet, picture, place, radius=20)
    base = y + size[1]
    write(sheet, (x + 14, base + 31), trial.name, 17, MUTED)
    if trial.match is None:
        write(sheet, (x + _TILE_WIDTH - 14, base + 31), "no face found", 17, MUTED, anchor="rs")
        return
    likeness = trial.match.similarity.percent
    write(
        sheet,
        (x + _TILE_WIDTH - 14, base + 33),
        percent(likeness),
        24,
        likeness_colour(likeness),
        anchor="rs",
    )
    likeness_bar(sheet, (x + 14, base + 52), (_TILE_WIDTH - 28, 8), likeness)


def _draw_strangers(
    sheet: Image.Image,
    y: int,
    subjects: tuple[Subject, Subject],
    strangers: Comparison,
    smallest_known_rate: float,
) -> None:
    write(sheet, (_EDGE, y + 38), "Two different people", 30)
    top, match = y + _HEADING_HEIGHT, strangers.matches[0]
    width = _WIDTH - 2 * _EDGE
    card(sheet, (_EDGE, top), (width, _STRANGER_SIDE))
    crops = (
        face_crop(subjects[0].pixels, strangers.source, _STRANGER_SIDE),
        face_crop(subjects[1].pixels, match.face, _STRANGER_SIDE),
    )
    paste_rounded(sheet, crops[0], (_EDGE, top), radius=20)
    paste_rounded(sheet, crops[1], (_EDGE + width - _STRANGER_SIDE, top), radius=20)
    likeness, middle = match.similarity, _EDGE + width // 2
    write(
        sheet,
        (middle, top + 104),
        percent(likeness.percent),
        58,
        likeness_colour(likeness.percent),
        anchor="ms",
    )
    often = rate_in_words(likeness.false_match_rate, smallest_known=smallest_known_rate)
    write(sheet, (middle, top + 148), f"strangers look this alike {often}", 19, MUTED, anchor="ms")
    likeness_bar(sheet, (middle - 170, top + 176), (340, 10), likeness.percent)
