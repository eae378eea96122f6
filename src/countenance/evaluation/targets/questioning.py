"""Questions to an endpoint: those not answered yet are asked by several threads, and every answer is kept.

What is searched lies in a collection that is deleted at the end, however that comes; one that a killed run
left is deleted by the next run with the same file of answers.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING

from countenance.errors import CollectionLeftBehind, EndpointUnusable, ImageNotReadable
from countenance.evaluation.targets.answer_cache import AnswerCache, Question
from countenance.evaluation.targets.endpoint_calls import EndpointCalls
from countenance.evaluation.targets.in_parallel import run_in_parallel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from countenance.evaluation.samples import DataSet
    from countenance.evaluation.targets.answer_cache import Answer
    from countenance.evaluation.targets.endpoint_client import EndpointClient
    from countenance.evaluation.targets.port import Progress


class Steps:
    """Counts what is done, by whichever thread, and tells."""

    def __init__(self, progress: Progress, total: int, done: int = 0) -> None:
        self._progress = progress
        self._total = total
        self._done = done
        self._lock = threading.Lock()
        progress(done, total)

    def add(self) -> None:
        """Tell that one more is done."""
        with self._lock:
            self._done += 1
            self._progress(self._done, self._total)


class Questioning:
    """Asks an endpoint what its file of answers does not say.

    Args:
        client: the endpoint.
        cache: the answers so far.
        concurrency: how many threads ask.
        tags: of the collections that are made.
    """

    def __init__(
        self, client: EndpointClient, cache: AnswerCache, concurrency: int, tags: Mapping[str, str]
    ) -> None:
        self.calls = EndpointCalls(client)
        self.cache = cache
        self._pacer = client.pacer
        self._url = client.url
        self._place = f"{client.url} {client.region}"
        self._concurrency = concurrency
        self._owner = client.owner
        self._tags = tags

    def key(self, operation: str, *pictures: str, **parameters: str | int) -> str:
        """Return the key of a question about pictures, given by their SHA-256."""
        return Question(self._place, operation, pictures, parameters).key()

    def unanswered(self, asked: Mapping[str, Callable[[], Answer]]) -> dict[str, Callable[[], Answer]]:
        """Return the questions that no answer is kept of."""
        return {key: question for key, question in asked.items() if key not in self.cache}

    def ask(self, asked: Iterable[tuple[str, Callable[[], Answer]]], steps: Steps | None = None) -> None:
        """Ask questions, given with their keys, and keep the answers.

        Raises:
            EndpointUnusable: the endpoint cannot be asked; the answers so far are kept.
            ImageNotReadable: a picture has changed.
            AnswerCacheUnusable: an answer cannot be kept.
        """

        def task(key: str, question: Callable[[], Answer]) -> None:
            self.cache.put(key, question())
            if steps is not None:
                steps.add()

        try:
            run_in_parallel(
                (partial(task, key, question) for key, question in asked),
                self._concurrency,
                self._pacer.halt,
            )
        finally:
            self._pacer.go_on()

    @contextmanager
    def collection(self) -> Iterator[str]:
        """Make a collection and delete it in the end.

        Raises:
            CollectionLeftBehind: it could not be deleted.
            EndpointUnusable: it could not be made.
        """
        name = "-".join(("evaluation", *self._owner, secrets.token_hex(8)))
        self.cache.note_opened(name, self._place)
        try:
            self.calls.create_collection(name, self._tags)
        except BaseException:
            with suppress(EndpointUnusable):
                self.calls.delete_collection(name)  # the answer may have been lost, not the request
                self.cache.note_closed(name)
            raise
        ended = ""
        try:
            yield name
        except BaseException as error:
            ended = f"; before that the evaluation ended: {str(error) or type(error).__name__}"
            raise
        finally:
            self._delete(name, ended)

    def delete_left_behind(self) -> None:
        """Delete the collections of runs that were killed.

        Raises:
            CollectionLeftBehind: one could not be deleted.
        """
        for name in self.cache.left_behind(self._place):
            self._delete(name, "")

    def _delete(self, name: str, ended: str) -> None:
        try:
            self.calls.delete_collection(name)
        except EndpointUnusable as error:
            raise CollectionLeftBehind(
                f"the collection {name} with the evaluation's templates could not be deleted: {error}; "
                f"run aws rekognition delete-collection --collection-id {name} --endpoint-url {self._url}"
                f"{ended}"
            ) from error
        self.cache.note_closed(name)


def content(data: DataSet, number: int) -> bytes:
    """Return a sample's picture as it was when the data set was read.

    Raises:
        ImageNotReadable: it is another now, or gone.
    """
    sample = data.samples[number]
    try:
        read = sample.file.read_bytes()
    except OSError:
        read = b""
    if hashlib.sha256(read).hexdigest() != data.sha256[number]:
        raise ImageNotReadable(
            f"{sample.file} changed after the data set was read; start the evaluation again"
        )
    return read
