"""What a pack is: the frozen contents of a ``pack.toml``, checked when it is read.

Where the files lie, and how they get there, is left to `installation`.
"""

import importlib.resources
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    ValidationError,
    model_validator,
)

from countenance.errors import PackBroken, PackUnknown

Precision = Literal["float32", "int8"]

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]{0,63}$")]
# A plain file name: a description cannot name a file outside its folder.
FileName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
HttpsUrl = Annotated[str, StringConstraints(pattern=r"^https://[^\s]{1,500}$")]
ByteLimit = Annotated[int, Field(ge=1, le=2**31)]
Point = tuple[float, float]
FivePoints = tuple[Point, Point, Point, Point, Point]

MOST_DESCRIPTION_BYTES = 256 * 1024
_CATALOGUE = importlib.resources.files("countenance.vision.packs") / "catalogue"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Licence(_Part):
    """Under which terms the weights may be used; ``spdx`` is an SPDX licence expression."""

    spdx: str
    url: HttpsUrl
    needs_acceptance: bool = False
    note: str = ""


class Detector(_Part):
    """Finds faces. ``mtcnn`` has the files proposal, refinement and output; the others have one, network."""

    kind: Literal["mtcnn", "yunet", "scrfd"]
    files: Mapping[str, FileName]

    @model_validator(mode="after")
    def _has_its_files(self) -> Self:
        wanted = {"proposal", "refinement", "output"} if self.kind == "mtcnn" else {"network"}
        if set(self.files) != wanted:
            raise ValueError(f"a detector of kind {self.kind} has the files {', '.join(sorted(wanted))}")
        return self


class Refiner(_Part):
    """Finds landmarks once more inside a detected face: dlib's 5-point shape predictor.

    ``template`` holds where its five points (two corners of each eye, base of the nose) belong in the chip.
    It looks at the upright square around ``centre`` with the given side; all are pixels of the chip.
    """

    kind: Literal["shape-predictor-5"]
    file: FileName
    template: FivePoints
    centre: Point
    side_px: float = Field(gt=0)


class Embedder(_Part):
    """Turns an upright square chip into a template.

    ``template`` holds where the detector's landmarks (eye left, eye right, nose, mouth left, mouth right; the
    viewer's left) belong in the chip. With layout ``bytes`` the graph takes N × side × side × 3 bytes, with
    ``planes`` it takes N × 3 × side × side floats (value − mean) · scale. ``batched`` says whether N may be
    above 1, ``flip_average`` whether the templates of a chip and of its mirror image are added.
    """

    files: Mapping[Precision, FileName]
    input_px: int = Field(ge=16, le=1024)
    dimension: int = Field(ge=16, le=8192)
    template: FivePoints
    layout: Literal["bytes", "planes"]
    colour_order: Literal["rgb", "bgr"] = "rgb"
    mean: float = 0.0
    scale: float = 1.0
    batched: bool = True
    flip_average: bool = False

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if "float32" not in self.files:
            raise ValueError("an embedder has a float32 file")
        if self.layout == "bytes" and (self.mean, self.scale) != (0.0, 1.0):
            raise ValueError("a graph that takes bytes has mean 0 and scale 1")
        return self


class Recipe(_Part):
    """The origin of a file that is made on this machine from an installed package."""

    recipe: str


class Download(_Part):
    """The origin of a file that is fetched; without a sha256 the first one is trusted and recorded."""

    url: HttpsUrl
    sha256: Sha256 | None = None
    most_bytes: ByteLimit


class Member(_Part):
    """The origin of a file that lies in the pack's archive under its own name."""

    in_archive: Literal[True]
    sha256: Sha256 | None = None
    most_bytes: ByteLimit


class Beside(_Part):
    """The origin of a file that lies beside the ``pack.toml``."""

    beside: Literal[True]
    sha256: Sha256 | None = None


def _kind_of_origin(value: object) -> str | None:
    """Tell the kind of an origin by the one key that only it has."""
    keys = value if isinstance(value, dict) else {}
    return next((key for key in ("recipe", "url", "in_archive", "beside") if key in keys), None)


Origin = Recipe | Download | Member | Beside
TaggedOrigin = Annotated[
    Annotated[Recipe, Tag("recipe")]
    | Annotated[Download, Tag("url")]
    | Annotated[Member, Tag("in_archive")]
    | Annotated[Beside, Tag("beside")],
    Discriminator(_kind_of_origin),
]


class Probability(_Part):
    """How probably comparisons are of the same person at even odds; both rise."""

    scores: tuple[float, ...]
    probabilities: tuple[float, ...]
    mated_comparisons: int = Field(ge=1)


class Regions(_Part):
    """Regions of template space for fair calibration, and the ladder of scores that are adjusted to them.

    A centre is float16, little-endian, in base64: the mean of the templates of so many ``people``.
    """

    centres: tuple[str, ...]
    people: tuple[int, ...]
    typical_distance: float
    least_distance: float
    greatest_distance: float
    exponent: float
    scores: tuple[float, ...]
    false_match_rates: tuple[float, ...]
    non_mated_comparisons: int = Field(ge=1)
    data: str


class Calibration(_Part):
    """How often comparisons of different people score at least so high, and from which data that is known."""

    scores: tuple[float, ...]
    false_match_rates: tuple[float, ...]
    non_mated_comparisons: int = Field(ge=1)
    data: str
    probability: Probability | None = None
    regions: Regions | None = None


class Measurement(_Part):
    """A measured property of the pack, for its card."""

    what: str
    value: str
    data: str


class PackDescription(_Part):
    """All that is known of a pack without its files; ``archive`` is a zip that holds some of them."""

    name: Name
    version: Name
    summary: str
    licence: Licence
    detector: Detector
    refiner: Refiner | None = None
    embedder: Embedder
    calibration: Calibration | None = None
    archive: Download | None = None
    files: Mapping[FileName, TaggedOrigin]
    measurements: tuple[Measurement, ...] = ()

    @model_validator(mode="after")
    def _has_an_origin_for_each_file(self) -> Self:
        named = {*self.detector.files.values(), *self.embedder.files.values()}
        named |= {self.refiner.file} if self.refiner else set()
        if named != set(self.files):
            odd = ", ".join(sorted(named ^ set(self.files)))
            raise ValueError(f"the files that the parts name are not those under [files]: {odd}")
        if self.archive is None and any(isinstance(origin, Member) for origin in self.files.values()):
            raise ValueError("a file in_archive needs an [archive]")
        return self


@dataclass(frozen=True, slots=True)
class DescribedPack:
    """A description and, where it was read from a path, the folder it lies in."""

    description: PackDescription
    folder: Path | None = None


def catalogue() -> list[DescribedPack]:
    """Return the packs that are described in this package, by name."""
    files = sorted(_CATALOGUE.iterdir(), key=lambda file: file.name)
    return [
        DescribedPack(parse_description(file.read_bytes(), file.name))
        for file in files
        if file.name.endswith(".toml")
    ]


def find_pack(name_or_path: str | Path) -> DescribedPack:
    """Return a pack of the catalogue by its name, or any pack by the path of its ``pack.toml``.

    Raises:
        PackUnknown: there is no such pack or file.
        PackBroken: the description is not valid.
    """
    if isinstance(name_or_path, Path) or name_or_path.endswith(".toml"):
        return _read_description(Path(name_or_path))
    packs = {pack.description.name: pack for pack in catalogue()}
    if name_or_path not in packs:
        raise PackUnknown(
            f"no pack is called {name_or_path!r}; choose {', '.join(packs)} or give the path of a pack.toml"
        )
    return packs[name_or_path]


def _read_description(path: Path) -> DescribedPack:
    try:
        size, content = path.stat().st_size, b""
        if size <= MOST_DESCRIPTION_BYTES:
            content = path.read_bytes()
    except OSError as error:
        raise PackUnknown(
            f"{path} cannot be read ({error.strerror}); give the path of a pack.toml"
        ) from error
    if size > MOST_DESCRIPTION_BYTES:
        raise PackBroken(f"{path} has {size} bytes; the limit for a description is {MOST_DESCRIPTION_BYTES}")
    description = parse_description(content, str(path))
    return DescribedPack(description, path.parent)


def parse_description(content: bytes, source: str) -> PackDescription:
    """Return the description in the bytes of a ``pack.toml``; ``source`` is its name for messages.

    Raises:
        PackBroken: the bytes are not a valid description.
    """
    try:
        return PackDescription.model_validate(tomllib.loads(content.decode()))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the pack"
        raise PackBroken(f"{source}: {place}: {first['msg']}; see docs/reference/packs.md") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise PackBroken(f"{source} is not TOML: {error}") from error
