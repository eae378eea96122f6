"""Make the templates of a picture's faces, for who compares them elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from countenance.faces import Face
    from countenance.images import Photograph
    from countenance.operations.acts import Act
    from countenance.vision import FaceAnalyzer


@dataclass(frozen=True, slots=True)
class MadeTemplates:
    """Faces with their templates, largest first, the picture's size, and the pack that made them."""

    faces: list[Face]
    width_px: int
    height_px: int
    pack: str


def make_templates(vision: FaceAnalyzer, act: Act, open_picture: Callable[[], Photograph]) -> MadeTemplates:
    """Find the faces of a picture and make their templates; nothing is kept.

    Raises:
        NotPermitted: the caller's key does not allow it.
        ImageError: the picture cannot be read.
    """
    act.permit("make_templates")
    photograph = open_picture()
    act.note_picture(photograph)
    faces = vision.faces(photograph)
    act.note(pack=vision.pack, faces=len(faces))
    return MadeTemplates(faces, photograph.width_px, photograph.height_px, vision.pack)
