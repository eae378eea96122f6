"""What a browser sends with a form: fields and files, held in memory and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.datastructures import UploadFile
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser

from countenance.errors import FormInvalid

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from starlette.datastructures import FormData, Headers

_MOST_FIELDS = 300
_MOST_FILES = 8
_MULTIPART = "multipart/form-data"
_PLAIN = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that somebody sent; neither its name nor its content is what it seems until it is looked at."""

    name: str
    content: bytes


class Form:
    """The fields and files of a form."""

    def __init__(self, fields: dict[str, list[str]], files: dict[str, Upload]) -> None:
        self._fields = fields
        self._files = files

    def text(self, name: str, default: str = "") -> str:
        """Return a field without white space around it; the first where there are several."""
        return self._fields.get(name, [default])[0].strip()

    def texts(self, name: str) -> list[str]:
        """Return all fields of a name, as check boxes send them."""
        return [value.strip() for value in self._fields.get(name, [])]

    def checked(self, name: str) -> bool:
        """Tell whether a box was checked."""
        return name in self._fields

    def file(self, name: str) -> Upload | None:
        """Return a file; None where none was chosen."""
        return self._files.get(name)


async def form_of(headers: Headers, body: bytes) -> Form:
    """Return the form in a request's body.

    Raises:
        FormInvalid: it is no form, or has too many fields.
    """
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if not body:
        return Form({}, {})
    if kind == _MULTIPART:
        parser: MultiPartParser | FormParser = _InMemory(
            headers, _once(body), max_files=_MOST_FILES, max_fields=_MOST_FIELDS, max_part_size=len(body)
        )
    elif kind == _PLAIN:
        parser = FormParser(headers, _once(body), max_fields=_MOST_FIELDS, max_part_size=len(body))
    else:
        raise FormInvalid("what was sent is no form: a browser sends multipart/form-data")
    try:
        return await _read(await parser.parse())
    except (MultiPartException, ValueError, KeyError) as error:
        reason = error.message if isinstance(error, MultiPartException) else "its parts cannot be read"
        raise FormInvalid(f"the form cannot be read: {reason}") from None


class _InMemory(MultiPartParser):
    """Keeps files in memory, however large: the body is bounded, and a face is not to be left on a disk."""

    spool_max_size = 1 << 40


async def _once(body: bytes) -> AsyncGenerator[bytes, None]:
    yield body


async def _read(data: FormData) -> Form:
    fields: dict[str, list[str]] = {}
    files: dict[str, Upload] = {}
    for name, value in data.multi_items():
        if isinstance(value, UploadFile):
            content = await value.read()
            await value.close()
            if content or value.filename:  # where no file was chosen browsers send an empty one without name
                files.setdefault(name, Upload(value.filename or "", content))
        else:
            fields.setdefault(name, []).append(value)
    return Form(fields, files)
