"""Search engines behind one small interface; `ExactIndex` answers as brute force does."""

from countenance.gallery.index.exact import ExactIndex
from countenance.gallery.index.port import Hits, SearchIndex

__all__ = ["ExactIndex", "Hits", "SearchIndex"]
