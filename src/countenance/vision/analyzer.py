"""`FaceAnalyzer`: pictures in, faces out. One per process; every thread may use it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Self

import numpy as np

from countenance.errors import NoFaceFound, PackNotCalibrated
from countenance.faces import Box, Face, Landmarks, Pixels, Similarity, Template
from countenance.images import ImageLimits, Photograph, Picture, open_image
from countenance.vision.alignment import cut_chips, similarity_transforms
from countenance.vision.batching import MicroBatcher
from countenance.vision.calibration import Calibration
from countenance.vision.detection.detections import Detections
from countenance.vision.engine import Engine, load_engine
from countenance.vision.pose import head_poses
from countenance.vision.quality import measure_quality

if TYPE_CHECKING:
    from pathlib import Path

    from countenance.vision.runtime import Runtime

Source = bytes | bytearray | memoryview | str | os.PathLike[str] | Pixels | Photograph

MOST_FACES = 100
# Faces smaller than this share of the picture's longer side are not looked for: 40 px in 1920 (Rekognition's rule).
SMALLEST_FACE_SHARE = 1 / 48
# Below this the detectors find more noise than faces.
SMALLEST_FACE_PX = 20.0
# A picture whose longer side is at least this shows a face of the smallest share at 40 px or more,
# so anything finer is decoded only where a face is going to need it.
DETECTION_SIDE_PX = 1920


class FaceAnalyzer:
    """Finds, measures, describes and compares faces with one pack of models.

    Example:
        >>> analyzer = FaceAnalyzer.load()
        >>> faces = analyzer.faces("photo.jpg")
        >>> analyzer.compare(faces[0], faces[1])
    """

    def __init__(self, engine: Engine, limits: ImageLimits | None = None) -> None:
        self._engine = engine
        self._limits = limits or ImageLimits()
        self._describe = MicroBatcher(engine.describe)

    @classmethod
    def load(
        cls,
        pack: str | Path = "dlib-cc0",
        *,
        runtime: Runtime | None = None,
        limits: ImageLimits | None = None,
    ) -> Self:
        """Load a pack by name or by the path of its ``pack.toml``, preparing it on first use."""
        return cls(load_engine(pack, runtime), limits)

    @property
    def pack(self) -> str:
        """The pack's name."""
        return self._engine.pack

    def faces(
        self, source: Source, *, templates: bool = True, minimum_face_px: float | None = None, most: int = MOST_FACES
    ) -> list[Face]:
        """Return the faces in one picture, largest first.

        Args:
            source: encoded bytes, a path, a `Photograph` or an H × W × 3 RGB uint8 array.
            templates: whether to make a template of each face.
            minimum_face_px: smallest face looked for, in pixels of the upright original; by default 1/48 of
                the longer side, at least 20.
            most: how many faces are returned at most, up to 100.

        Raises:
            ImageError: the picture cannot be read.
        """
        with self._describe.caller():
            picture, detections = self._detect(source, minimum_face_px)
            return self._measured(picture, detections, templates, min(most, MOST_FACES))

    def faces_of_many(
        self, sources: Iterable[Source], *, templates: bool = True, workers: int | None = None
    ) -> Iterator[list[Face] | Exception]:
        """Yield, for each picture in order, its faces or the error that its reading raised.

        Pictures are read and searched in ``workers`` threads (one per processor by default) and their chips
        described together. At most twice that many pictures are held at a time.
        """
        count = workers or self._engine.threads
        with ThreadPoolExecutor(count, thread_name_prefix="faces") as pool:
            waiting: deque[Future[list[Face]]] = deque()
            for source in sources:
                waiting.append(pool.submit(self.faces, source, templates=templates))
                if len(waiting) >= 2 * count:
                    yield _outcome(waiting.popleft())
            while waiting:
                yield _outcome(waiting.popleft())

    def compare(self, first: Face | Template | Source, second: Face | Template | Source) -> Similarity:
        """Return the calibrated similarity of two faces; of a picture its largest face counts.

        Raises:
            NoFaceFound: a picture shows no face.
            PacksDiffer: the templates come from different packs.
            PackNotCalibrated: the pack cannot say what a score means.
        """
        score = self._template(first).score(self._template(second))
        return self.calibration.similarity(score)

    @property
    def calibration(self) -> Calibration:
        """The pack's calibration; raises PackNotCalibrated where it has none."""
        if self._engine.calibration is None:
            raise PackNotCalibrated(
                f"pack {self.pack} has no calibration, so its scores have no known false match rate; "
                "measure one with benchmarks/calibrate.py and put it into the pack's pack.toml"
            )
        return self._engine.calibration
