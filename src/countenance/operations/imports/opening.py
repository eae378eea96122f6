"""Open the pictures of an import, wherever they are, some ahead of when they are looked at."""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from countenance.archive.addresses import AllowedHosts
from countenance.archive.fetching import Fetcher
from countenance.archive.values import LocalFile, WebAddress
from countenance.errors import CountenanceError, ImageNotReadable, ObjectNotReadable
from countenance.images import open_image
from countenance.images.sources import LocalBuckets, StoredObject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future

    from countenance.archive.values import Place
    from countenance.images import Photograph
    from countenance.operations.imports.rooms import ImportRooms
    from countenance.operations.imports.values import ImportAsked

# Those that are fetched wait for the network; pictures of files are opened in no time.
_THREADS = 8
_AHEAD = 16
_CHECK_SECONDS = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class OpenedPicture:
    """A picture within the limits, and its SHA-256."""

    photograph: Photograph
    sha256: bytes


class PictureOpener:
    """Opens pictures in threads of its own.

    Args:
        rooms: where buckets are, and the limits of pictures.
        asked: the hosts that may be fetched from.
        check: is called at least each second while pictures are waited for; may raise.
    """

    def __init__(self, rooms: ImportRooms, asked: ImportAsked, check: Callable[[], None]) -> None:
        self._rooms = rooms
        self._check = check
        self._fetcher = Fetcher(AllowedHosts(asked.hosts, asked.private_hosts))
        self._pool: ThreadPoolExecutor | None = None

    @contextmanager
    def working(self) -> Iterator[None]:
        """Have threads for as long as the block runs."""
        with ThreadPoolExecutor(_THREADS, thread_name_prefix="opening") as pool:
            self._pool = pool
            try:
                yield
            finally:
                pool.shutdown(wait=False, cancel_futures=True)

    def opened(self, places: Iterable[Place]) -> Iterator[OpenedPicture | CountenanceError]:
        """Yield, for each place in order, its picture or why there is none."""
        assert self._pool is not None  # noqa: S101 - within `working`
        waiting: deque[Future[OpenedPicture | CountenanceError]] = deque()
        for place in places:
            waiting.append(self._pool.submit(self._outcome, place))
            if len(waiting) >= _AHEAD:
                yield self._result(waiting.popleft())
        while waiting:
            yield self._result(waiting.popleft())

    def _result(self, opening: Future[OpenedPicture | CountenanceError]) -> OpenedPicture | CountenanceError:
        while True:
            self._check()
            try:
                return opening.result(_CHECK_SECONDS)
            except TimeoutError:
                continue

    def _outcome(self, place: Place) -> OpenedPicture | CountenanceError:
        try:
            photograph = self._open(place)
        except CountenanceError as error:
            return error
        return OpenedPicture(photograph, photograph.sha256)

    def _open(self, place: Place) -> Photograph:
        limits = self._rooms.limits
        if isinstance(place, StoredObject):
            return self._rooms.pictures.open(place, limits, limits.max_bytes)
        if isinstance(place, WebAddress):
            return open_image(self._fetcher.fetch(place.url, limits.max_bytes), limits)
        if place.folder is None:
            return open_image(Path(place.path), limits)
        return open_image(_content_below(place, limits.max_bytes), limits)


def _content_below(file: LocalFile, max_bytes: int) -> bytes:
    """Return what a file in a folder holds; whatever became of it meanwhile, nothing outside is opened."""
    assert file.folder is not None  # noqa: S101 - see the caller
    bucket = LocalBuckets({"": Path(file.folder)})
    try:
        return bucket.read(StoredObject("", file.path), max_bytes)
    except ObjectNotReadable:
        raise ImageNotReadable(f"there is no file {file.path!r} in {file.folder} that can be read") from None
