"""Answers remembered for request tokens, so that what a client sends twice happens once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from contract.databases import Database
from countenance.access import AccessKey, machine_operator
from countenance.errors import RequestTokenReused
from countenance.gallery import Gallery
from countenance.gallery.ports import GalleryWriter
from countenance.gallery.values import Collection, RememberedAnswer
from countenance.operations.once import once
from countenance.store import SqlStore
from countenance.store.tables import remembered_answers
from new_faces import face_id, new_faces

ANSWER = RememberedAnswer(request="d" * 64, answer='{"faces": ["é ✓ \\u0000"]}')
SCOPE = "CTNCABCDEFGHIJKLMNOP associate_faces"


def remember(store: SqlStore, scope: str, token: str, answer: RememberedAnswer = ANSWER) -> None:
    with store.writing() as writer:
        writer.remember_answer(scope, token, answer)


def recall(store: SqlStore, scope: str, token: str) -> RememberedAnswer | None:
    with store.reading() as reader:
        return reader.remembered_answer(scope, token)


def let_pass(database: Database, time: timedelta) -> None:
    """Make all that is remembered older."""
    table = remembered_answers
    (remembered_at,) = {
        row[0] for row in database.statement(table.select().with_only_columns(table.c.created_at))
    }
    database.statement(update(table).values(created_at=remembered_at.replace(tzinfo=UTC) - time))


def test_an_answer_is_remembered_under_its_scope_and_token(store: SqlStore) -> None:
    remember(store, SCOPE, "token")
    assert recall(store, SCOPE, "token") == ANSWER
    assert recall(store, SCOPE, "Token") is None
    assert recall(store, SCOPE.lower(), "token") is None
    assert recall(store, SCOPE, "another token") is None


def test_one_token_in_two_scopes_means_two_requests(store: SqlStore) -> None:
    other = RememberedAnswer("e" * 64, "[]")
    remember(store, "a create_user", "token")
    remember(store, "b create_user", "token", other)
    assert recall(store, "a create_user", "token") == ANSWER
    assert recall(store, "b create_user", "token") == other


def test_an_answer_is_remembered_after_reopening(database: Database) -> None:
    with database.opened() as store:
        remember(store, SCOPE, "t" * 64)
    with database.opened() as store:
        assert recall(store, SCOPE, "t" * 64) == ANSWER


def test_an_answer_is_remembered_for_a_day(store: SqlStore, database: Database) -> None:
    remember(store, SCOPE, "token")
    let_pass(database, timedelta(hours=23, minutes=59))
    assert recall(store, SCOPE, "token") == ANSWER
    let_pass(database, timedelta(minutes=1))
    assert recall(store, SCOPE, "token") is None


def test_what_was_remembered_longer_is_deleted_and_its_token_free(
    store: SqlStore, database: Database
) -> None:
    remember(store, SCOPE, "token")
    let_pass(database, timedelta(days=1))
    remember(store, SCOPE, "token", RememberedAnswer("f" * 64, "null"))
    assert database.statement("SELECT request FROM remembered_answers") == [("f" * 64,)]


def test_an_answer_of_a_request_that_failed_is_not_remembered(store: SqlStore) -> None:
    with pytest.raises(KeyError), store.writing() as writer:
        remember_and_fail(writer)
    assert recall(store, SCOPE, "token") is None


def remember_and_fail(writer: GalleryWriter) -> None:
    writer.remember_answer(SCOPE, "token", ANSWER)
    raise KeyError("what was asked for")


def enrol_once(
    gallery: Gallery, collection: Collection, caller: AccessKey, token: str, number: int
) -> object:
    """Enrol a face whose id is another one each time, as one request with a token would."""
    with gallery.changing() as change:

        def act() -> str:
            count = change.writer.count_faces(collection)
            (face,) = change.enrol(collection, new_faces(1000 * number + count))
            return face.face_id

        return once(change.writer, caller, "index_faces", token, {"number": number}, act)


def test_a_request_that_comes_from_many_threads_at_once_happens_once(
    store: SqlStore, staff: Collection
) -> None:
    gallery, caller = Gallery(store, 10**9), machine_operator()
    everyone_is_here = threading.Barrier(8)

    def ask(_: int) -> object:
        everyone_is_here.wait()
        return enrol_once(gallery, staff, caller, "token", 1)

    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(ask, range(8)))
    assert answers == {face_id(1000)}
    with store.reading() as reader:
        assert reader.count_faces(staff) == 1


def test_a_token_that_comes_with_another_request_is_refused(store: SqlStore, staff: Collection) -> None:
    gallery, caller = Gallery(store, 10**9), machine_operator()
    enrol_once(gallery, staff, caller, "token", 1)
    with pytest.raises(RequestTokenReused, match="token"):
        enrol_once(gallery, staff, caller, "token", 2)
    with store.reading() as reader:
        assert reader.count_faces(staff) == 1


def test_two_callers_may_use_the_same_token(store: SqlStore, staff: Collection) -> None:
    gallery = Gallery(store, 10**9)
    for number, key_id in enumerate(("CTNCA", "CTNCB"), start=1):
        caller = AccessKey(key_id, "", "somebody", datetime.now(UTC))
        enrol_once(gallery, staff, caller, "token", number)
    with store.reading() as reader:
        assert reader.count_faces(staff) == 2


@pytest.mark.parametrize("texts", [["é ✓"], ["nobody", "%", "_", "é ✓", *map(str, range(1_200))]])
def test_answers_that_hold_any_of_the_texts_are_forgotten(store: SqlStore, texts: list[str]) -> None:
    other = RememberedAnswer("e" * 64, '{"faces": ["another"]}')
    remember(store, SCOPE, "token", RememberedAnswer("d" * 64, '{"faces": ["é ✓"]}'))
    remember(store, SCOPE, "another token", other)
    with store.writing() as writer:
        writer.forget_answers(texts)
    assert recall(store, SCOPE, "token") is None
    assert recall(store, SCOPE, "another token") == other
