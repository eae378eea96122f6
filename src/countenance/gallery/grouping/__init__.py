"""From templates to groups: which faces are of one person, without knowing who that is.

Pure functions on arrays: `group_faces` neither reads nor writes anything.
"""

from countenance.gallery.grouping.grouping import group_faces
from countenance.gallery.grouping.values import ALONE, Grouping, GroupingSettings, Surroundings

__all__ = ["ALONE", "Grouping", "GroupingSettings", "Surroundings", "group_faces"]
