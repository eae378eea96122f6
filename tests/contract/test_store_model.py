"""Whatever is done in whatever order: a store answers as a few dictionaries would."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import TypeVar

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from contract.databases import Database
from contract.erasing import tree_of
from countenance.errors import UserExists
from countenance.gallery.values import Collection, EnrolledFace
from countenance.store import SqlStore
from new_faces import PACK, face_id, new_face, template

PAGE = 3
NUMBERS = st.lists(st.integers(1, 12), min_size=1, max_size=4)
EXTERNAL_IDS = st.sampled_from([None, "x", "y"])
USER_IDS = st.sampled_from(["x", "X", "y", "z"])
PLACES = st.integers(0, 100)

T = TypeVar("T")

_collection_numbers = count(1)


@dataclass
class Model:
    """What must be there: numbers of faces in the order of their enrolment, and users in that of theirs."""

    external: dict[int, str | None] = field(default_factory=dict)
    owner: dict[int, str] = field(default_factory=dict)
    users: list[str] = field(default_factory=list)

    def subjects(self) -> set[str]:
        """Return the names of those whose data keys must be there."""
        return {self._subject(number) for number in self.external} | {f"user:{name}" for name in self.users}

    def _subject(self, number: int) -> str:
        if (name := self.external[number]) is not None:
            return f"external:{name}"
        return f"user:{self.owner[number]}" if number in self.owner else f"face:{face_id(number)}"


class StoreMachine(RuleBasedStateMachine):
    """Does the same to a collection of its own and to a model."""

    def __init__(self, store: SqlStore, database: Database) -> None:
        super().__init__()
        self.store, self.database, self.model = store, database, Model()
        with store.writing() as writer:
            self.collection: Collection = writer.create_collection(
                f"model{next(_collection_numbers)}", PACK, {}
            )
        self.keys: dict[int, int] = {}
        self.enrolled_at: dict[int, datetime] = {}

    @rule(numbers=NUMBERS, external=EXTERNAL_IDS)
    def enrol(self, numbers: list[int], external: str | None) -> None:
        with self.store.writing() as writer:
            answers = writer.add_faces(self.collection, [new_face(number, external) for number in numbers])
        for number, (face, is_new) in zip(numbers, answers, strict=True):
            assert face.face_id == face_id(number)
            assert is_new == (number not in self.model.external)
            self.model.external.setdefault(number, external)
            self.keys[number], self.enrolled_at[number] = face.key, face.enrolled_at

    @rule(numbers=NUMBERS)
    def delete_faces(self, numbers: list[int]) -> None:
        with self.store.writing() as writer:
            writer.delete_faces(self.collection, self.keys_of(numbers))
        for number in numbers:
            self.model.external.pop(number, None)
            self.model.owner.pop(number, None)

    @rule(user_id=USER_IDS)
    def create_user(self, user_id: str) -> None:
        if user_id in self.model.users:
            with pytest.raises(UserExists), self.store.writing() as writer:
                writer.create_user(self.collection, user_id)
            return
        with self.store.writing() as writer:
            assert writer.create_user(self.collection, user_id).user_id == user_id
        self.model.users.append(user_id)

    @precondition(lambda self: self.model.users)
    @rule(place=PLACES, numbers=NUMBERS)
    def associate(self, place: int, numbers: list[int]) -> None:
        user_id = self.model.users[place % len(self.model.users)]
        with self.store.writing() as writer:
            writer.associate(self.collection, writer.user(self.collection, user_id), self.keys_of(numbers))
        self.model.owner |= {number: user_id for number in numbers if number in self.model.external}

    @rule(numbers=NUMBERS)
    def disassociate(self, numbers: list[int]) -> None:
        with self.store.writing() as writer:
            writer.disassociate(self.collection, self.keys_of(numbers))
        for number in numbers:
            self.model.owner.pop(number, None)

    @precondition(lambda self: self.model.users)
    @rule(place=PLACES)
    def delete_user(self, place: int) -> None:
        user_id = self.model.users.pop(place % len(self.model.users))
        with self.store.writing() as writer:
            writer.delete_user(self.collection, writer.user(self.collection, user_id))
        self.model.owner = {number: owner for number, owner in self.model.owner.items() if owner != user_id}

    @invariant()
    def listings_are_those_of_the_model(self) -> None:
        with self.store.reading() as reader:
            faces = pages(
                lambda after: reader.faces(self.collection, after_key=after, most=PAGE), lambda face: face.key
            )
            users = pages(
                lambda after: reader.users(self.collection, after_key=after, most=PAGE), lambda user: user.key
            )
            assert reader.count_faces(self.collection) == len(faces)
            assert reader.count_users(self.collection) == len(users)
        assert faces == [self.expected_face(number) for number in self.model.external]
        owners = list(self.model.owner.values())
        assert [(user.user_id, user.face_count) for user in users] == [
            (user_id, owners.count(user_id)) for user_id in self.model.users
        ]

    def teardown(self) -> None:
        """Look at what takes longer: all templates, and that there is a key for each subject and no other."""
        read = {
            key: vector
            for block in self.store.all_templates(self.collection)
            for key, vector in zip(block.keys.tolist(), block.vectors, strict=True)
        }
        assert list(read) == [self.keys[number] for number in self.model.external]
        assert all(
            np.array_equal(read[self.keys[number]], template(number)) for number in self.model.external
        )
        subjects = self.database.statement(
            "SELECT name FROM subjects WHERE collection_key = :key", key=self.collection.key
        )
        assert {name for (name,) in subjects} == self.model.subjects()
        ((next_leaf,),) = self.database.statement("SELECT next_leaf FROM ledger_head")
        owned = {leaf for (leaf,) in self.database.statement("SELECT leaf FROM subjects")}
        tree = tree_of(self.database)
        assert {leaf for leaf in range(next_leaf) if tree.is_live(leaf)} == owned

    def keys_of(self, numbers: list[int]) -> list[int]:
        """Return the keys that faces have or had; those that never were there have an impossible one."""
        return [self.keys.get(number, 0) for number in numbers]

    def expected_face(self, number: int) -> EnrolledFace:
        new = new_face(number, self.model.external[number])
        return EnrolledFace(
            key=self.keys[number],
            face_id=new.face_id,
            image_id=new.image_id,
            external_image_id=new.external_image_id,
            user_id=self.model.owner.get(number),
            box=new.box,
            confidence=new.confidence,
            quality=new.quality,
            enrolled_at=self.enrolled_at[number],
            source=new.source,
        )


def pages(page_after: Callable[[int], list[T]], key: Callable[[T], int]) -> list[T]:
    """Return everything, read page by page."""
    everything: list[T] = []
    while page := page_after(key(everything[-1]) if everything else 0):
        everything += page
    return everything


def test_any_sequence_of_changes_leaves_what_a_model_says(store: SqlStore, database: Database) -> None:
    class OnThisStore(StoreMachine):
        def __init__(self) -> None:
            super().__init__(store, database)

    run_state_machine_as_test(
        OnThisStore, settings=settings(max_examples=25, stateful_step_count=20, deadline=None)
    )
