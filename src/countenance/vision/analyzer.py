"""`FaceAnalyzer`: pictures in, faces out. One per process; every thread may use it."""

from __future__ import annotations

import os
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Literal, Self

import numpy as np
import numpy.typing as npt

from countenance.errors import CountenanceError, NoFaceFound, PackNotCalibrated
from countenance.faces import Box, Face, Landmarks, Pixels, Similarity, Template
from countenance.images import ImageLimits, Photograph, Picture, open_image
from countenance.vision.alignment import cut_chips
from countenance.vision.batching import MicroBatcher
from countenance.vision.engine import Engine, load_engine
from countenance.vision.pose import head_poses
from countenance.vision.quality import measure_quality
from countenance.vision.runtime import Runtime

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from countenance.faces import Vector
    from countenance.vision.calibration import Calibration
    from countenance.vision.detection.detections import Detections
    from countenance.vision.packs.description import Precision
    from countenance.vision.regions import AroundProbe, RegionalCalibration

Source = bytes | bytearray | memoryview | str | os.PathLike[str] | Pixels | Photograph
Floats = npt.NDArray[np.float64]
Vectors = npt.NDArray[np.float32]
CalibrationKind = Literal["global", "fair"]

MOST_FACES = 100
# Smaller faces are not looked for: 40 px in a picture of 1920 px, Rekognition's rule …
SMALLEST_FACE_SHARE = 1 / 48
# … but never below this, where detectors find more noise than faces.
SMALLEST_FACE_PX = 20.0
# With a longer side of this a picture shows faces of the smallest share at 40 px, twice what detectors need.
# Anything finer is decoded only for a face whose chip would otherwise be blurred.
DETECTION_SIDE_PX = 1920


class FaceAnalyzer:
    """Finds, measures, describes and compares faces with one pack of models.

    Example:
        >>> analyzer = FaceAnalyzer.load()
        >>> analyzer.faces("photo.jpg")[0].box
        >>> analyzer.compare("one.jpg", "other.jpg").percent
    """

    def __init__(self, engine: Engine, limits: ImageLimits, calibration: CalibrationKind = "global") -> None:
        self._regional = _regional(engine) if calibration == "fair" else None
        self._engine = engine
        self._limits = limits
        self._describe = MicroBatcher(engine.describe)

    @classmethod
    def load(
        cls,
        pack: str | Path = "dlib-cc0",
        *,
        precision: Precision = "float32",
        runtime: Runtime | None = None,
        limits: ImageLimits | None = None,
        cache_dir: Path | None = None,
        calibration: CalibrationKind = "global",
    ) -> Self:
        """Load a pack by its name or by the path of its ``pack.toml``, preparing it on first use.

        ``calibration`` is what similarities rest on: ``global``, one ladder for all scores, or ``fair``, one
        of scores that are adjusted to the region of template space (`vision.regions`).

        Raises:
            PackError: the pack is unknown, not installed, damaged, or lacks that precision.
            PackNotCalibrated: the pack has no regions for fair calibration.
            ProviderUnavailable: the runtime's provider does not work here.
        """
        engine = load_engine(pack, runtime or Runtime(), precision, cache_dir)
        return cls(engine, limits or ImageLimits(), calibration)

    @property
    def pack(self) -> str:
        """The pack's name."""
        return self._engine.name

    @property
    def provider(self) -> str:
        """Where the networks run, ``cpu`` or ``cuda``."""
        return self._engine.provider

    @property
    def calibration(self) -> Calibration:
        """What the scores of `comparison_scores` mean; raises PackNotCalibrated where nobody measured it."""
        if self._regional is not None:
            return self._regional.ladder
        if self._engine.calibration is None:
            raise PackNotCalibrated(
                f"pack {self.pack} has no calibration, so nobody knows how often strangers reach a score; "
                "measure it with countenance calibrate and put the result into a pack.toml"
            )
        return self._engine.calibration

    @property
    def regional_calibration(self) -> RegionalCalibration | None:
        """The pack's calibration by region, whatever similarities rest on; None where it has none."""
        return self._engine.regional_calibration

    @property
    def calibrated_fairly(self) -> bool:
        """Whether similarities rest on calibration by region of template space."""
        return self._regional is not None

    def faces(
        self, source: Source, *, templates: bool = True, minimum_face_px: float | None = None
    ) -> list[Face]:
        """Return the faces in one picture, largest first, 100 at most.

        Args:
            source: encoded bytes, a path, a `Photograph`, or an H × W × 3 RGB uint8 array.
            templates: whether to make a template of each face.
            minimum_face_px: the smallest face to look for, in pixels of the upright original; by default 1/48
                of the longer side, and at least 20.

        Raises:
            ImageError: the picture cannot be read.
        """
        with self._describe.caller():
            photograph = self._opened(source)
            picture = (
                photograph.decode(DETECTION_SIDE_PX) if isinstance(photograph, Photograph) else photograph
            )
            found = self._detected(picture, minimum_face_px)
            if not len(found):
                return []
            landmarks = found.landmarks.astype(np.float64)
            transforms = self._engine.align(picture.pixels, landmarks)
            if isinstance(photograph, Photograph) and _blurred(picture, transforms):
                picture, factors = _finer(photograph, picture)
                found, landmarks = found.moved(factors), landmarks * factors
                transforms = self._engine.align(picture.pixels, landmarks)
            if not templates:
                return self._faces(picture, found, transforms, [None] * len(found))
            chips, owners = self._engine.views(picture.pixels, transforms)
            vectors = self._described(chips, owners, len(found))
            return self._faces(picture, found, transforms, vectors)

    def faces_of_many(
        self, sources: Iterable[Source], *, templates: bool = True, minimum_face_px: float | None = None
    ) -> Iterator[list[Face] | CountenanceError]:
        """Yield, for each picture in order, its faces or the error that stopped it.

        Pictures are worked on in as many threads as the networks may use; their chips are described together.
        At most four pictures a thread are held at a time.
        """
        threads = self._engine.threads
        with ThreadPoolExecutor(threads, thread_name_prefix="faces") as pool:
            waiting: deque[Future[list[Face]]] = deque()
            for source in sources:
                work = pool.submit(self.faces, source, templates=templates, minimum_face_px=minimum_face_px)
                waiting.append(work)
                if len(waiting) >= 4 * threads:
                    yield _outcome(waiting.popleft())
            while waiting:
                yield _outcome(waiting.popleft())

    def chips(self, pixels: Pixels, faces: Sequence[Face]) -> list[Pixels]:
        """Return what is needed of a picture to make the templates of its faces later, with `templates`.

        Args:
            pixels: H × W × 3 RGB uint8.
            faces: faces found in exactly this picture.

        Returns:
            for each face one or several upright chips, n × side × side × 3; they are copies.
        """
        if not faces:
            return []
        landmarks = np.stack([face.landmarks.to_array() for face in faces])
        chips, owners = self._engine.views(pixels, self._engine.align(pixels, landmarks))
        return [chips[owners == place] for place in range(len(faces))]

    def templates(self, chips: Sequence[Pixels]) -> list[Template]:
        """Return the template of each face that `chips` was asked for."""
        if not chips:
            return []
        owners = np.repeat(np.arange(len(chips)), [len(each) for each in chips])
        with self._describe.caller():
            vectors = self._described(np.concatenate(chips), owners, len(chips))
        return [Template(self.pack, vector) for vector in vectors]

    def compare(self, first: Face | Template | Source, second: Face | Template | Source) -> Similarity:
        """Return the calibrated similarity of two faces; of a picture its largest face counts.

        Raises:
            ImageError: a picture cannot be read.
            NoFaceFound: a picture shows no face, or a face was found without making its template.
            PacksDiffer: the templates come from different packs.
            PackNotCalibrated: the pack cannot say what a score means.
        """
        one, other = self._template(first), self._template(second)
        score = one.score(other)
        if self._regional is not None:
            score = float(self._regional.scores([score], one.vector[None], other.vector[None])[0])
        return self.calibration.similarity(score)

    def comparison_scores(self, probe: Vector, vectors: Vectors) -> Floats:
        """Return the scores that `calibration` is of, of one template with each of n × dimensions others."""
        around = self.around(probe)
        return np.asarray(vectors @ probe, np.float64) if around is None else around.scores(vectors)

    def around(self, probe: Vector) -> AroundProbe | None:
        """Return how a gallery's scores with a probe are adjusted; None where calibration is global."""
        return None if self._regional is None else self._regional.around(probe)

    def _template(self, of: Face | Template | Source) -> Template:
        if isinstance(of, Template):
            return of
        if not isinstance(of, Face):
            faces = self.faces(of)
            if not faces:
                raise NoFaceFound("no face was found in the picture; at least one is needed")
            of = faces[0]
        if of.template is None:
            raise NoFaceFound("the face has no template; find it with templates=True")
        return of.template

    def _opened(self, source: Source) -> Photograph | Picture:
        if isinstance(source, Photograph):
            return source
        if isinstance(source, np.ndarray):
            return Picture.from_pixels(source)
        return open_image(source, self._limits)

    def _detected(self, picture: Picture, minimum_face_px: float | None) -> Detections:
        if minimum_face_px is None:
            longest = max(picture.width_px, picture.height_px)
            minimum_face_px = max(longest * SMALLEST_FACE_SHARE, SMALLEST_FACE_PX)
        smallest = max(minimum_face_px * picture.scale_x, SMALLEST_FACE_PX / 2)
        found = self._engine.detector.detect(picture.pixels, smallest)
        sizes = (found.boxes[:, 2:] - found.boxes[:, :2]).prod(axis=1)
        return found.take(np.argsort(-sizes, kind="stable")[:MOST_FACES])

    def _described(self, chips: Pixels, owners: npt.NDArray[np.intp], count: int) -> list[Vectors]:
        """Return the vector of each of ``count`` faces, the mean of its chips'."""
        vectors = self._describe(chips)
        vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        sums = np.zeros((count, vectors.shape[1]), np.float32)
        np.add.at(sums, owners, vectors)
        return list(sums / np.linalg.norm(sums, axis=1, keepdims=True))

    def _faces(
        self, picture: Picture, found: Detections, transforms: Floats, vectors: list[Vectors] | list[None]
    ) -> list[Face]:
        chips = cut_chips(picture.pixels, transforms, self._engine.chip_px)
        poses = head_poses(found.landmarks.astype(np.float64), self._engine.frontal)
        original = found.moved((1 / picture.scale_x, 1 / picture.scale_y))
        faces = []
        for index, (chip, pose, vector) in enumerate(zip(chips, poses, vectors, strict=True)):
            left, top, right, bottom = (float(edge) for edge in original.boxes[index])
            landmarks = Landmarks.from_array(original.landmarks[index])
            eye_distance_px = float(
                np.linalg.norm(original.landmarks[index, 1] - original.landmarks[index, 0])
            )
            faces.append(
                Face(
                    box=Box(left, top, right - left, bottom - top),
                    landmarks=landmarks,
                    confidence=float(original.confidences[index]) * 100.0,
                    pose=pose,
                    quality=measure_quality(chip, eye_distance_px, pose),
                    template=None if vector is None else Template(self.pack, vector),
                )
            )
        return faces


def _regional(engine: Engine) -> RegionalCalibration:
    if engine.regional_calibration is None:
        raise PackNotCalibrated(
            f"pack {engine.name} has no regions of template space, so it cannot be calibrated fairly; "
            "use calibration = global, or measure them with countenance calibrate --fair"
        )
    return engine.regional_calibration


def _blurred(picture: Picture, transforms: Floats) -> bool:
    """Tell whether a chip would magnify a picture that was decoded smaller than it is."""
    return picture.scale_x < 1.0 and bool((np.hypot(transforms[:, 0, 0], transforms[:, 1, 0]) > 1.0).any())


def _finer(photograph: Photograph, picture: Picture) -> tuple[Picture, tuple[float, float]]:
    """Return the picture decoded in full, and the factors from the smaller one's coordinates to its own."""
    full = photograph.decode()
    return full, (full.scale_x / picture.scale_x, full.scale_y / picture.scale_y)


def _outcome(work: Future[list[Face]]) -> list[Face] | CountenanceError:
    try:
        return work.result()
    except CountenanceError as error:
        return error
