"""Group the faces of pictures into people whom nobody has named; nothing is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from countenance.errors import NoFaceFound
from countenance.gallery.grouping import ALONE, group_faces
from countenance.operations.detect_faces import DetectedFaces
from countenance.operations.grouping_settings import grouping_settings
from countenance.operations.make_templates import make_templates
from countenance.vision.filtering import QualityLevel, filter_faces

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from countenance.faces import Face
    from countenance.images import Photograph
    from countenance.operations.acts import Act
    from countenance.vision import FaceAnalyzer

__all__ = ["GroupedFaces", "QualityLevel", "faces_to_group", "group_pictures"]


@dataclass(frozen=True, slots=True)
class GroupedFaces:
    """Faces by who they are of, each given by its number.

    Attributes:
        people: by person the faces, rising; the person with the most comes first.
        alone: the faces that look like no other.
    """

    people: tuple[tuple[int, ...], ...]
    alone: tuple[int, ...]


def faces_to_group(
    vision: FaceAnalyzer, act: Act, open_picture: Callable[[], Photograph], level: QualityLevel
) -> DetectedFaces:
    """Return the faces of a picture with their templates, those below a quality level set aside.

    Raises:
        NotPermitted: the caller's key does not allow it.
        ImageError: the picture cannot be read.
    """
    made = make_templates(vision, act, open_picture)
    return DetectedFaces(*filter_faces(made.faces, level), made.width_px, made.height_px)


def group_pictures(
    vision: FaceAnalyzer, act: Act, faces: Sequence[Face], pictures: Sequence[int]
) -> GroupedFaces:
    """Return which faces are of one person; the faces of one picture are different people.

    Args:
        vision: the analyzer that made the faces' templates.
        act: the request.
        faces: the faces, with templates.
        pictures: the number of the picture that each face is in.

    Raises:
        NotPermitted: the caller's key does not allow it.
        PackNotCalibrated: nobody knows what the pack's scores mean.
        NoFaceFound: a face has no template.
    """
    act.permit("group_pictures")
    act.note(pack=vision.pack, faces=len(faces))
    settings = grouping_settings(vision)
    templates = [face.template.vector for face in faces if face.template is not None]
    if len(templates) != len(faces):
        raise NoFaceFound("a face has no template; find it with its template made")
    if not templates:
        return GroupedFaces((), ())
    qualities = np.array([face.quality.unified_score for face in faces], np.float32)
    labels = group_faces(
        np.stack(templates), qualities, settings=settings, pictures=np.asarray(pictures, np.int64)
    ).labels
    people: list[list[int]] = [[] for _ in range(int(labels.max()) + 1)]
    for number, label in enumerate(labels):
        if label != ALONE:
            people[label].append(number)
    return GroupedFaces(tuple(map(tuple, people)), tuple(np.flatnonzero(labels == ALONE).tolist()))
