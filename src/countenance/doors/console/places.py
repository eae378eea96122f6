"""Which collection, user or face a path names; what none of them can be called is not looked for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from countenance.doors.console.paths import ESCAPE
from countenance.errors import CollectionNotFound, FaceNotFound, UserNotFound

if TYPE_CHECKING:
    from countenance.doors.console.visit import Visit

COLLECTION_ID = re.compile(r"[a-zA-Z0-9_.\-]{1,255}", re.ASCII)
USER_ID = re.compile(r"[a-zA-Z0-9_.\-:]{1,128}", re.ASCII)
EXTERNAL_ID = re.compile(r"[a-zA-Z0-9_.\-:]{1,255}", re.ASCII)
FACE_ID = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.ASCII)


def collection_in(visit: Visit) -> str:
    """Return the collection that a path names; raises CollectionNotFound where none can be called that."""
    name = _named(visit, "collection_id")
    if COLLECTION_ID.fullmatch(name) is None:
        raise CollectionNotFound(f"The collection id: {name} does not exist")
    return name


def user_in(visit: Visit) -> str:
    """Return the user that a path names; raises UserNotFound where nobody can be called that."""
    name = _named(visit, "user_id")
    if USER_ID.fullmatch(name) is None:
        raise UserNotFound(f"there is no user {name}")
    return name


def face_in(visit: Visit) -> str:
    """Return the face that a path names; raises FaceNotFound where it is no face id."""
    name = _named(visit, "face_id")
    if FACE_ID.fullmatch(name) is None:
        raise FaceNotFound(f"there is no face {name}")
    return name


def _named(visit: Visit, parameter: str) -> str:
    return str(visit.http.path_params[parameter]).removeprefix(ESCAPE)
