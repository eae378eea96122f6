"""Pixels → faces: detection, alignment, templates, pose, quality and calibrated comparison."""

from countenance.vision.analyzer import FaceAnalyzer, Source
from countenance.vision.calibration import Calibration
from countenance.vision.filtering import QualityLevel, RejectedFace, filter_faces

__all__ = ["Calibration", "FaceAnalyzer", "QualityLevel", "RejectedFace", "Source", "filter_faces"]
