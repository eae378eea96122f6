"""The way of every request through an operation: decide, do, record.

A door opens an `Act` for whoever asks and hands it to one operation. The operation asks it for leave before
anything else, does the work, and notes what happened; the entry is in the ledger before the door answers. Of
a change it is written in the transaction of the change itself, so that neither is there without the other.
What failed or was refused is recorded, too.
"""

from __future__ import annotations

import hashlib
import hmac
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from countenance.access import machine_operator
from countenance.errors import CountenanceError
from countenance.gallery.values import subject_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from countenance.access import AccessKey
    from countenance.gallery import Change, Gallery
    from countenance.gallery.values import Collection, EnrolledFace
    from countenance.images import Photograph
    from countenance.ledger import Ledger

DONE = "done"
_VERSION = 1
_DIGEST_CHARACTERS = 32


class Act:
    """One request, from who asks to what is recorded of it.

    Attributes:
        caller: the key that asks.
        request_id: the id by which the client knows the request.
    """

    def __init__(self, caller: AccessKey, request_id: str, pseudonym_key: bytes) -> None:
        self.caller = caller
        self.request_id = request_id
        self._pseudonym_key = pseudonym_key
        self._facts: dict[str, Any] = {}
        self._began = False
        self._recorded = False

    def permit(self, operation: str, collection_id: str | None = None) -> None:
        """Do nothing where the operation may be done.

        Raises:
            NotPermitted: the caller's key does not allow it.
        """
        self._began = True
        self._facts["operation"] = operation
        if collection_id is not None:
            self._facts["collection"] = collection_id
        self.caller.permit(operation, collection_id)

    def note(self, **facts: Any) -> None:
        """Add facts to the entry; none may name anybody or hold a template."""
        self._facts.update(facts)

    def note_picture(self, photograph: Photograph) -> None:
        """Add a keyed digest of a picture: who has the picture and the server's key can recognise it."""
        self._facts.setdefault("pictures", []).append(self._digest(f"picture\n{photograph.sha256.hex()}"))

    def subjects(self, collection: Collection, faces: Iterable[EnrolledFace]) -> list[str]:
        """Return the pseudonym of each face's subject, the same for all faces of one."""
        return [self._digest(f"subject\n{collection.key}\n{face.subject}") for face in faces]

    def user(self, collection: Collection, user_id: str) -> str:
        """Return the pseudonym of a user."""
        return self._digest(f"subject\n{collection.key}\n{subject_name('', None, user_id)}")

    @contextmanager
    def changing(self, gallery: Gallery) -> Iterator[Change]:
        """Open a change of the gallery; the entry becomes durable with it."""
        with gallery.changing() as change:
            yield change
            change.writer.append_entry(self._record(DONE))
        self._recorded = True

    def close(self, ledger: Ledger, outcome: str) -> None:
        """Record what was not recorded with a change: a look, a refusal, a failure.

        Raises:
            StoreUnavailable: the entry could not be written, so nothing may be answered.
        """
        if self._began and not self._recorded:
            ledger.append(self._record(outcome))
            self._recorded = True

    def _record(self, outcome: str) -> dict[str, Any]:
        asked = {"v": _VERSION, "request": self.request_id, "key": self.caller.key_id}
        return {**asked, "outcome": outcome, **self._facts}

    def _digest(self, text: str) -> str:
        made = hmac.digest(self._pseudonym_key, text.encode(errors="surrogatepass"), hashlib.sha256)
        return made.hex()[:_DIGEST_CHARACTERS]


class Register:
    """Opens acts and sees to it that each leaves its entry in the ledger."""

    def __init__(self, ledger: Ledger, pseudonym_key: bytes) -> None:
        self._ledger = ledger
        self._pseudonym_key = pseudonym_key

    @contextmanager
    def act(self, caller: AccessKey, request_id: str) -> Iterator[Act]:
        """Open an act; when the block is left, however it is, its entry is durable.

        Raises:
            StoreUnavailable: the entry could not be written.
        """
        act = Act(caller, request_id, self._pseudonym_key)
        try:
            yield act
        except CountenanceError as error:
            act.close(self._ledger, type(error).__name__)
            raise
        except BaseException:
            act.close(self._ledger, "failed")
            raise
        act.close(self._ledger, DONE)


def unrecorded_act() -> Act:
    """Return the act of somebody who works on files of their own, where there is no database."""
    return Act(machine_operator(), "", b"")
