"""Made-up faces for galleries: a number names one, and always means the same face with the same template."""

from __future__ import annotations

import uuid

import numpy as np

from countenance.faces import RelativeBox, Vector
from countenance.gallery.values import NewFace

PACK = "dlib-cc0"
DIMENSIONS = 128


def face_id(number: int) -> str:
    """Return the id of a numbered face."""
    return str(uuid.UUID(int=number))


def template(number: int) -> Vector:
    """Return the template of a numbered face: no two are alike."""
    vector = np.random.default_rng(number).standard_normal(DIMENSIONS)
    return (vector / np.linalg.norm(vector)).astype(np.float32)


def new_face(number: int, external_image_id: str | None = None) -> NewFace:
    """Return a numbered face, about to be enrolled."""
    return NewFace(
        face_id=face_id(number),
        image_id=str(uuid.UUID(int=1_000_000 + number)),
        external_image_id=external_image_id,
        box=RelativeBox(left=-0.125, top=0.1 + number / 1e6, width=1 / 3, height=0.7),
        confidence=99.0 + number / 1e6,
        quality=50.0 + number / 1e6,
        vector=template(number),
    )


def new_faces(*numbers: int) -> list[NewFace]:
    """Return numbered faces without an external image id."""
    return [new_face(number) for number in numbers]
