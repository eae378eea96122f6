"""Bytes → pixels, safely: ``open_image`` reads a header, enforces limits, then decodes to upright sRGB.

``Photograph`` is an encoded picture within its limits, ``Picture`` its pixels. Nothing here knows of faces.
"""

from countenance.images.limits import ImageLimits
from countenance.images.photograph import Photograph, open_image
from countenance.images.picture import Picture
from countenance.images.portraits import cut_portrait, portrait
from countenance.images.previews import preview
from countenance.images.suffixes import PICTURE_SUFFIXES, has_picture_suffix

__all__ = [
    "PICTURE_SUFFIXES",
    "ImageLimits",
    "Photograph",
    "Picture",
    "cut_portrait",
    "has_picture_suffix",
    "open_image",
    "portrait",
    "preview",
]
