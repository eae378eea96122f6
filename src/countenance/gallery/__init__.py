"""Templates become people: collections, faces, users, and search over them."""

from countenance.gallery.change import MOST_FACES_OF_A_USER, Change, vector_of_user
from countenance.gallery.gallery import FaceCandidate, Gallery, UserCandidate

__all__ = ["MOST_FACES_OF_A_USER", "Change", "FaceCandidate", "Gallery", "UserCandidate", "vector_of_user"]
