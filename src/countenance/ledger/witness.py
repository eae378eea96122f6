"""Witnesses: where signed checkpoints go, out of reach of whoever could alter the ledger."""

from __future__ import annotations

import os
import secrets
import urllib.request
from http.client import HTTPException
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from countenance.errors import WitnessUnavailable

if TYPE_CHECKING:
    from countenance.ledger.checkpoint import Checkpoint

_SECONDS = 10


class Witness(Protocol):
    """Somebody who keeps checkpoints."""

    def keep(self, checkpoint: Checkpoint, note: str) -> None:
        """Keep a checkpoint, the signed note; raises WitnessUnavailable."""


class FolderWitness:
    """A folder, such as one on another machine: a file for each checkpoint, named by its size."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, checkpoint: Checkpoint, note: str) -> None:
        """Write the file, whole or not at all; one that is there is never replaced.

        Raises:
            WitnessUnavailable: it cannot be written, or another checkpoint of that size is there.
        """
        path = self._folder / f"checkpoint-{checkpoint.size:012d}.txt"
        fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            try:
                with fresh.open("x", encoding="utf-8") as file:
                    file.write(note)
                    file.flush()
                    os.fsync(file.fileno())
                # Unlike a rename this never replaces what is there.
                os.link(fresh, path)
            except FileExistsError:
                if path.read_bytes() != note.encode():
                    raise WitnessUnavailable(
                        f"the witness has another checkpoint of that size: {path}"
                    ) from None
            finally:
                fresh.unlink(missing_ok=True)
        except OSError as error:
            raise WitnessUnavailable(f"the witness {self._folder} cannot be written: {error}") from None


class WebWitness:
    """A web server that takes the signed note by POST."""

    def __init__(self, url: str) -> None:
        self._url = url

    def keep(self, checkpoint: Checkpoint, note: str) -> None:  # noqa: ARG002 - the note says it all
        """Send the note.

        Raises:
            WitnessUnavailable: the server does not answer with success.
        """
        try:
            request = urllib.request.Request(  # noqa: S310 - the operator's own setting, http or https
                self._url, note.encode(), {"Content-Type": "text/plain; charset=utf-8"}, method="POST"
            )
            with _straight().open(request, timeout=_SECONDS):
                return
        except (OSError, ValueError, HTTPException) as error:
            raise WitnessUnavailable(f"the witness cannot be reached: {type(error).__name__}") from None


class _NotElsewhere(urllib.request.HTTPRedirectHandler):
    """Follows no redirection: urllib would ask there without the note, and take that for success."""

    def redirect_request(self, *_: Any) -> None:
        """Return nothing, so that the redirection is an error."""


def _straight() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(_NotElsewhere)


def witness_of(place: str) -> Witness:
    """Return the witness at an address that begins with http, or in a folder."""
    return WebWitness(place) if place.startswith(("http://", "https://")) else FolderWitness(Path(place))
