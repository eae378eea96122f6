"""A collection as a folder of Parquet files and a manifest, to move it between servers.

``faces.parquet`` holds each face with its template, ``users.parquet`` the users, ``records.parquet`` what the
pictures came with; ``manifest.json``, which is written last, says what there is and the SHA-256 of each file.
Templates lie open in there: the files are readable by their owner alone, and belong on encrypted disks.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final, Self

from countenance.archive.parquet import open_parquet, pyarrow
from countenance.errors import ExportInvalid

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from countenance.archive.values import KeptRecord
    from countenance.faces import RelativeBox, Vector

MANIFEST: Final = "manifest.json"
FORMAT: Final = "countenance-export"
FACES, USERS, RECORDS = "faces.parquet", "users.parquet", "records.parquet"
ROWS_AT_ONCE: Final = 1_000
_VERSION = 1
_LONGEST_MANIFEST = 1_048_576
_MOST_DIMENSIONS = 4_096
_OWNER_ONLY = 0o600


@dataclass(frozen=True, slots=True)
class ExportManifest:
    """What an export says of itself.

    Attributes:
        collection_id: the collection's id.
        pack: what made the templates.
        dimensions: how many numbers a template has.
        exported_at: when, as ISO 8601.
        tags: the collection's tags, which declare its policy.
        faces: how many faces there are.
        left_out: how many more the collection had whose consent or time had ended.
        users: how many users there are.
        records: how many records of pictures there are.
        files: the SHA-256 of each file, in hexadecimal, by name.
    """

    collection_id: str
    pack: str
    dimensions: int
    exported_at: str
    tags: Mapping[str, str]
    faces: int
    left_out: int
    users: int
    records: int
    files: Mapping[str, str] = field(default_factory=dict)

    def text(self) -> str:
        """Return it as JSON."""
        return json.dumps({"format": FORMAT, "version": _VERSION} | asdict(self), indent=2) + "\n"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read it; raises ExportInvalid."""
        try:
            found = json.loads(text)
            if found.pop("format") != FORMAT or found.pop("version") != _VERSION:
                raise ExportInvalid(f"it is no export of version {_VERSION}")
            made = cls(**found)
            sizes = (made.dimensions, made.faces, made.left_out, made.users, made.records)
            plain = all(isinstance(size, int) and size >= 0 for size in sizes)
            texts = (made.collection_id, made.pack, made.exported_at, *made.files.values(), *made.files)
            if not plain or not all(isinstance(each, str) for each in texts) or set(made.files) != _FILES:
                raise ExportInvalid("its manifest is not as exports have it")
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            raise ExportInvalid("its manifest is not as exports have it") from None
        return made


_FILES = {FACES, USERS, RECORDS}


@dataclass(frozen=True, slots=True, eq=False)
class ExportedFace:
    """A face as it is exported; ``portrait`` is a small JPEG, None where none was kept."""

    face_id: str
    image_id: str
    external_image_id: str | None
    user_id: str | None
    source: str
    box: RelativeBox
    confidence: float
    quality: float
    enrolled_at: datetime
    last_interaction_at: datetime
    vector: Vector
    portrait: bytes | None


def is_export(folder: Path) -> bool:
    """Tell whether a folder holds an export."""
    manifest = folder / MANIFEST
    if not manifest.is_file():
        return False
    with contextlib.suppress(OSError), manifest.open("rb") as file:
        return f'"{FORMAT}"'.encode() in file.read(_LONGEST_MANIFEST)
    return False


class ExportWriter:
    """Writes an export into a new folder; without `finish` there is no manifest, and it is none.

    Args:
        folder: the folder, which must be empty or not be there yet.
        dimensions: how many numbers a template has.

    Raises:
        ExportInvalid: there is something in the folder, or nothing can be written there.
        ExtraMissing: pyarrow is not installed.
    """

    def __init__(self, folder: Path, dimensions: int) -> None:
        self._arrow = pyarrow()
        self._folder = folder
        self._schemas = _schemas(self._arrow, dimensions)
        self._opened = contextlib.ExitStack()
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if any(folder.iterdir()):
                raise ExportInvalid(f"there is something in {folder} already; name a new folder")
            self._writers = {name: self._open(name) for name in sorted(_FILES)}
        except OSError as error:
            raise ExportInvalid(f"{folder} cannot be written to: {error.strerror or error}") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    def write_faces(self, faces: Sequence[ExportedFace]) -> None:
        """Add faces, as one row group."""
        rows = [
            {
                **{name: getattr(face, name) for name in _PLAIN},
                **{f"box_{side}": getattr(face.box, side) for side in _SIDES},
                "template": face.vector.tolist(),
            }
            for face in faces
        ]
        self._write(FACES, rows)

    def write_users(self, user_ids: Sequence[str]) -> None:
        """Add users."""
        self._write(USERS, [{"user_id": user_id} for user_id in user_ids])

    def write_records(self, records: Sequence[KeptRecord]) -> None:
        """Add what pictures came with."""
        self._write(RECORDS, [{"image_id": each.image_id, "record": each.record.text()} for each in records])

    def finish(self, manifest: ExportManifest) -> None:
        """Complete the files and write the manifest, which gets their digests; raises ExportInvalid."""
        try:
            self._opened.close()
            digests = {name: sha256_of(self._folder / name) for name in sorted(_FILES)}
            complete = ExportManifest(**(_fields(manifest) | {"files": digests}))
            with os.fdopen(_created(self._folder / MANIFEST), "w", encoding="utf-8") as file:
                file.write(complete.text())
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise ExportInvalid(f"{self._folder} cannot be written to: {error.strerror or error}") from None

    def _open(self, name: str) -> Any:
        file = self._opened.enter_context(os.fdopen(_created(self._folder / name), "wb"))
        writer = self._arrow.parquet.ParquetWriter(file, self._schemas[name], compression="zstd")
        return self._opened.enter_context(writer)

    def _write(self, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
        if rows:
            table = self._arrow.Table.from_pylist(list(rows), schema=self._schemas[name])
            try:
                self._writers[name].write_table(table)
            except OSError as error:
                raise ExportInvalid(
                    f"{self._folder} cannot be written to: {error.strerror or error}"
                ) from None


def read_manifest_of(folder: Path) -> ExportManifest:
    """Return what an export says of itself, once its files are seen to be as they were written.

    Raises:
        ExportInvalid: it is none, not complete, or a file was altered.
    """
    try:
        with (folder / MANIFEST).open("rb") as file:
            manifest = ExportManifest.parse(file.read(_LONGEST_MANIFEST).decode())
        for name, digest in manifest.files.items():
            if sha256_of(folder / name) != digest:
                raise ExportInvalid(f"{folder / name} was altered since it was exported, or is damaged")
    except OSError as error:
        raise ExportInvalid(f"{error.filename or folder} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ExportInvalid(f"{folder / MANIFEST} is not UTF-8") from None
    if not 0 < manifest.dimensions <= _MOST_DIMENSIONS:
        raise ExportInvalid(f"{folder} says that templates have {manifest.dimensions} numbers")
    return manifest


def read_rows(
    folder: Path, name: str, columns: Sequence[str] | None = None
) -> Iterator[list[dict[str, Any]]]:
    """Yield the rows of one of an export's files, a row group at a time.

    Raises:
        ManifestInvalid: it is no Parquet, or damaged.
        ExtraMissing: pyarrow is not installed.
    """
    with open_parquet(folder / name) as file:
        for number in range(file.metadata.num_row_groups):
            yield file.read_row_group(number, columns=columns).to_pylist()


def read_row_group(folder: Path, name: str, number: int) -> list[dict[str, Any]]:
    """Return the rows of one row group; raises ManifestInvalid, ExtraMissing."""
    with open_parquet(folder / name) as file:
        return list(file.read_row_group(number).to_pylist())


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


_SIDES = ("left", "top", "width", "height")
_PLAIN = (
    "face_id",
    "image_id",
    "external_image_id",
    "user_id",
    "source",
    "confidence",
    "quality",
    "enrolled_at",
    "last_interaction_at",
    "portrait",
)


def _schemas(arrow: Any, dimensions: int) -> dict[str, Any]:
    text, number, time = arrow.string(), arrow.float64(), arrow.timestamp("us", tz="UTC")
    required = [("face_id", text), ("image_id", text)]
    maybe = [("external_image_id", text), ("user_id", text)]
    measures = [(f"box_{side}", number) for side in _SIDES] + [("confidence", number), ("quality", number)]
    times = [("enrolled_at", time), ("last_interaction_at", time)]
    template = [("template", arrow.list_(arrow.float32(), dimensions))]
    return {
        FACES: arrow.schema(
            [arrow.field(*each, nullable=False) for each in required]
            + [arrow.field(*each) for each in maybe]
            + [
                arrow.field(*each, nullable=False)
                for each in [("source", text), *measures, *times, *template]
            ]
            + [arrow.field("portrait", arrow.binary())]
        ),
        USERS: arrow.schema([arrow.field("user_id", text, nullable=False)]),
        RECORDS: arrow.schema(
            [arrow.field(*each, nullable=False) for each in (("image_id", text), ("record", text))]
        ),
    }


def _created(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _OWNER_ONLY)


def _fields(manifest: ExportManifest) -> dict[str, Any]:
    return {name: getattr(manifest, name) for name in ExportManifest.__dataclass_fields__}
