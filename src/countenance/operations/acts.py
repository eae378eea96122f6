"""The way of every request through an operation: decide, do, record.

A door opens an `Act` for whoever asks and hands it to one operation. The operation asks it for leave before
anything else, does the work, and notes what happened; the entry is in the ledger before the door answers. Of
a change it is written in the transaction of the change itself, so that neither is there without the other.
What failed or was refused is recorded, too.
"""

from __future__ import annotations

import hashlib
import hmac
import uuid
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from countenance.access import AccessKey, machine_operator, the_server_itself
from countenance.errors import CountenanceError
from countenance.gallery.values import subject_name
from countenance.governance import Source, Template, decide, policy_of
from countenance.operations.questions import Asked, enrolments_of, question_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from collections.abc import Collection as AnyOf
    from datetime import timedelta

    from countenance.errors import NotPermitted
    from countenance.gallery import Change, Gallery
    from countenance.gallery.ports import GalleryReader
    from countenance.gallery.values import Collection, EnrolledFace
    from countenance.governance import (
        GovernanceReader,
        GovernanceStore,
        GovernanceWriter,
        Moratorium,
        Policy,
        Question,
    )
    from countenance.images import Photograph
    from countenance.ledger import Ledger
    from countenance.operations.questions import Enrolling

DONE = "done"
_VERSION = 1
_DIGEST_CHARACTERS = 32


class Act:
    """One request, from who asks to what is recorded of it.

    Attributes:
        caller: the key that asks.
        request_id: the id by which the client knows the request.
        policy: that of the collection that is asked about; None where there is none.
        source: where a picture that is enrolled comes from.
        review_id: the review that the answer waits for, if it does.
        gallery_size: how many faces or users a search looked at; None where nothing was searched.
    """

    def __init__(self, caller: AccessKey, request_id: str, register: Register | None) -> None:
        self.caller = caller
        self.request_id = request_id
        self.policy: Policy | None = None
        self.source = Source.UNKNOWN.value
        self.review_id: str | None = None
        self.gallery_size: int | None = None
        self._register = register
        self._facts: dict[str, Any] = {}
        self._alongside: list[Callable[[GovernanceWriter], None]] = []
        self._began = False
        self._recorded = False

    def permit(
        self,
        operation: str,
        collection_id: str | None = None,
        *,
        purpose: str | None = None,
        enrolling: Enrolling | None = None,
        tags: Mapping[str, str] | None = None,
        without: AnyOf[str] = (),
    ) -> None:
        """Do nothing where the operation may be done; the reasons are noted.

        Args:
            operation: its name, as in `names`.
            collection_id: the collection that it is about.
            purpose: what it is for, where no collection says so.
            enrolling: who is to be enrolled.
            tags: those that are to be added, where a collection is made or its tags are changed.
            without: names of those that are to be removed.

        Raises:
            NotPermitted: the caller's key, a moratorium, the policy or a missing consent does not allow it.
            PolicyInvalid: the tags are no policy, or it is no purpose.
        """
        self._begin(operation, collection_id)
        if self._register is None:
            return
        now, register = datetime.now(UTC), self._register
        asked = Asked(operation, collection_id, purpose, enrolling, tags, without)
        with register.governance.reading() as reader:
            question = self._question(asked, register, reader, now)
        self._obey(question, now)

    def permit_each(
        self,
        operation: str,
        collection_id: str,
        enrolling: Sequence[Enrolling],
        reader: GovernanceReader | None = None,
    ) -> list[NotPermitted | None]:
        """Ask as `permit` does for many who are to be enrolled; returns, for each, what refuses it, if any.

        Args:
            operation: its name, as in `names`.
            collection_id: the collection.
            enrolling: who is to be enrolled, from where.
            reader: a transaction that has begun, where the answer must hold for what is written in it.

        Raises:
            NotPermitted: the operation as such is not allowed, whoever is enrolled.
            PolicyInvalid: there is no such source.
        """
        self._begin(operation, collection_id)
        register, now = self.register, datetime.now(UTC)
        with nullcontext(reader) if reader is not None else register.governance.reading() as records:
            question = self._question(Asked(operation, collection_id), register, records, now)
            policy = question.policy
            enrolments = enrolments_of(enrolling, policy, records) if policy is not None else []
        self._obey(question, now)
        if policy is None:  # there is no such collection, which whoever reads it next is told
            return [None] * len(enrolling)
        return [decide(replace(question, enrolment=each), now).refusal for each in enrolments]

    def go_on(self, operation: str) -> None:
        """Begin what follows from something that was permitted: nobody has to be asked again."""
        self._began = True
        self._facts["operation"] = operation

    def note(self, **facts: Any) -> None:
        """Add facts to the entry; none may name anybody or hold a template."""
        self._facts.update(facts)

    def note_more(self, name: str, fact: Any) -> None:
        """Add to a list of facts of that name."""
        self._facts.setdefault(name, []).append(fact)

    @contextmanager
    def going_on(self, operation: str) -> Iterator[Act]:
        """Open another act of the same request, for what follows from what was permitted."""
        with self.register.following(self.request_id, operation, self.caller) as act:
            yield act

    def note_picture(self, photograph: Photograph) -> None:
        """Add a keyed digest of a picture: who has the picture and the server's key can recognise it."""
        self.note_picture_of(photograph.sha256)

    def note_picture_of(self, sha256: bytes) -> None:
        """Add a keyed digest of a picture whose own one is known."""
        if self._register is not None:
            self.note_more("pictures", self._register.digest(f"picture\n{sha256.hex()}"))

    def subjects(
        self, reader: GalleryReader, collection: Collection, faces: Iterable[EnrolledFace]
    ) -> list[str]:
        """Return the pseudonym of each face's subject, the same for all faces of one.

        It is made with the subject's own key, so that nobody can tell whose it was once they are erased.
        """
        names = [face.subject for face in faces]
        return self._pseudonyms(reader, collection, names)

    def users(self, reader: GalleryReader, collection: Collection, user_ids: Iterable[str]) -> list[str]:
        """Return the pseudonyms of users."""
        names = [subject_name("", None, user_id) for user_id in user_ids]
        return self._pseudonyms(reader, collection, names)

    @property
    def register(self) -> Register:
        """Where acts are opened."""
        assert self._register is not None  # noqa: S101 - only work on files of one's own is unrecorded
        return self._register

    @property
    def moratoria_at_start(self) -> tuple[Moratorium, ...]:
        """The moratoria that no key can lift."""
        return self._register.moratoria if self._register is not None else ()

    @property
    def operation(self) -> str:
        """The operation that leave was asked for."""
        return str(self._facts["operation"])

    @property
    def governance(self) -> GovernanceStore:
        """The records that decisions rest on."""
        return self.register.governance

    @contextmanager
    def changing(self, gallery: Gallery) -> Iterator[Change]:
        """Open a change of the gallery; the entry becomes durable with it."""
        with gallery.changing() as change:
            yield change
            change.writer.append_entry(self._record(DONE))
        self._recorded = True

    @contextmanager
    def recording(self) -> Iterator[GovernanceWriter]:
        """Open a change of the records; the entry becomes durable with it."""
        with self.governance.writing() as writer:
            yield writer
            for write in self._alongside:
                write(writer)
            writer.append_entry(self._record(DONE))
        self._recorded = True

    def alongside(self, write: Callable[[GovernanceWriter], None]) -> None:
        """Let something more become durable with the entry, whoever opens the change of the records."""
        self._alongside.append(write)

    def close(self, ledger: Ledger, outcome: str) -> None:
        """Record what was not recorded with a change: a look, a refusal, a failure.

        Raises:
            StoreUnavailable: the entry could not be written, so nothing may be answered.
        """
        if self._began and not self._recorded:
            ledger.append(self._record(outcome))
            self._recorded = True

    def _begin(self, operation: str, collection_id: str | None) -> None:
        """Note what leave is asked for, and ask the key; raises NotPermitted."""
        self._began = True
        self._facts["operation"] = operation
        if collection_id is not None:
            self._facts["collection"] = collection_id
        self.caller.permit(operation, collection_id)

    def _question(
        self, asked: Asked, register: Register, reader: GovernanceReader, now: datetime
    ) -> Question:
        question = question_of(asked, self.caller, reader, register.template, register.moratoria, now)
        self.policy = question.policy
        if question.enrolment is not None and question.enrolment.source is not None:
            self.source = question.enrolment.source.value
        return question

    def _obey(self, question: Question, now: datetime) -> None:
        """Note the reasons of the decision; raises NotPermitted where it is a refusal."""
        decision = decide(question, now)
        if decision.reasons:
            self._facts["reasons"] = list(decision.reasons)
        if decision.refusal is not None:
            raise decision.refusal

    def _pseudonyms(self, reader: GalleryReader, collection: Collection, names: list[str]) -> list[str]:
        known = reader.pseudonyms(collection, list(dict.fromkeys(names)))
        return [known.get(name, "erased") for name in names]

    def _record(self, outcome: str) -> dict[str, Any]:
        asked = {"v": _VERSION, "request": self.request_id, "key": self.caller.key_id}
        return {**asked, "outcome": outcome, **self._facts}


class Register:
    """Opens acts and sees to it that each leaves its entry in the ledger.

    Attributes:
        governance: the records that decisions rest on.
        template: what holds for every collection.
        moratoria: those that were given when the process started; no key can lift them.
        backups_kept: how long the operator keeps backups, where that is known.
        most_jobs: how many jobs may wait or run at a time.
    """

    def __init__(
        self,
        ledger: Ledger,
        governance: GovernanceStore,
        pseudonym_key: bytes,
        template: Template,
        moratoria: tuple[Moratorium, ...] = (),
        backups_kept: timedelta | None = None,
        most_jobs: int = 1000,
    ) -> None:
        self.backups_kept = backups_kept
        self.most_jobs = most_jobs
        self.governance = governance
        self.template = template
        self.moratoria = moratoria
        self._ledger = ledger
        self._pseudonym_key = pseudonym_key

    @contextmanager
    def act(self, caller: AccessKey, request_id: str | None = None) -> Iterator[Act]:
        """Open an act; when the block is left, however it is, its entry is durable.

        Without a request id it gets one of its own.

        Raises:
            StoreUnavailable: the entry could not be written.
        """
        act = Act(caller, request_id or str(uuid.uuid4()), self)
        try:
            yield act
        except CountenanceError as error:
            act.close(self._ledger, type(error).__name__)
            raise
        except BaseException:
            act.close(self._ledger, "failed")
            raise
        act.close(self._ledger, DONE)

    @contextmanager
    def following(self, request_id: str, operation: str, caller: AccessKey | None = None) -> Iterator[Act]:
        """Open an act for what follows from a request that was permitted; by default the server does it."""
        with self.act(caller or the_server_itself(), request_id) as act:
            act.go_on(operation)
            yield act

    def policy_of(self, tags: Mapping[str, str]) -> Policy:
        """Return the policy that tags declare here; raises PolicyInvalid."""
        return policy_of(tags, self.template)

    def digest(self, text: str) -> str:
        """Return a keyed digest, 32 hexadecimal characters."""
        made = hmac.digest(self._pseudonym_key, text.encode(errors="surrogatepass"), hashlib.sha256)
        return made.hex()[:_DIGEST_CHARACTERS]


def unrecorded_act() -> Act:
    """Return the act of somebody who works on files of their own, where there is no database."""
    return Act(machine_operator(), "", None)
