"""Templates become people: collections, faces, users, and search over them."""

from countenance.gallery.gallery import (
    MOST_FACES_OF_A_USER,
    Change,
    FaceCandidate,
    Gallery,
    UserCandidate,
    vector_of_user,
)

__all__ = ["MOST_FACES_OF_A_USER", "Change", "FaceCandidate", "Gallery", "UserCandidate", "vector_of_user"]
