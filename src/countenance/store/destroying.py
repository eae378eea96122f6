"""Destroys the data keys of subjects that were deleted, and keeps the database and the key file in step.

A transaction that deletes subjects notes their leaves in the database; afterwards they are destroyed in the
file. So whatever is killed in between is brought to its end when the database is opened next; and an older
copy of either that was put back shows by its generation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import structlog
from sqlalchemy import delete, func, select, update

from countenance.store.evaluation_rows import forget_evaluations
from countenance.store.evaluation_tables import evaluations
from countenance.store.governance_tables import review_candidates, reviews
from countenance.store.group_rows import forget_faces, forget_users
from countenance.store.job_writing import forget_items
from countenance.store.key_tree import as_leaves
from countenance.store.ledger_log import append_entries
from countenance.store.picture_rows import forget_pictures_without_faces
from countenance.store.review_rows import delete_reviews_of, forget_candidates
from countenance.store.rows import in_parts
from countenance.store.tables import dead_leaves, faces, ledger_head, subjects, users
from countenance.store.video_rows import forget_matches, forget_tracks
from countenance.store.video_tables import video_tracks

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from sqlalchemy import Connection

    from countenance.store.key_tree import KeyTree, Leaves
    from countenance.store.subject_keys import SubjectKeys

_ROWS = 8_192
_LEAVES_AT_ONCE = 1 << 24
_log = structlog.get_logger("countenance.store")


def destroy_keys(connection: Connection, keys: SubjectKeys, signing_key: Ed25519PrivateKey) -> bool:
    """Bring database and file in step, with no key left to destroy; tells whether they were not.

    1. Keep other writers out, and see what there is to do.
    2. An older database was put back: erase again whose keys were destroyed since it was copied.
    3. Destroy the keys of deleted subjects; where an older file was put back, all that nobody has.
    4. Record it and the new generation.

    Done twice, or killed at any point and done again, it comes to the same.
    """
    # 1
    generation, next_leaf = connection.execute(
        select(ledger_head.c.key_generation, ledger_head.c.next_leaf).with_for_update()
    ).one()
    state = keys.now()
    if state.generation != generation:
        state = keys.now(read_again=True)
    if state.generation == generation and not _count_by_request(connection):
        return False
    records: list[dict[str, Any]] = []
    # 2
    if state.generation > generation:
        records += _erase_again(connection, state.tree, generation, state.generation)
    # 3
    by_request = _count_by_request(connection)
    left, reached = state.tree.without(_all(connection, select(dead_leaves.c.leaf))), state.generation
    if state.generation < generation:
        left, count = _without_unowned(connection, left, next_leaf)
        reached = generation
        records.append(_record("-", "destroy_keys_again", generation=reached + 1, keys=count))
        _log.warning(
            "an older copy of the subject keys was put back: those that no subject has are destroyed again",
            generation_of_the_file=state.generation,
            generation_of_the_database=generation,
            keys=count,
        )
    if left is not state.tree or state.generation < generation:
        reached += 1
        keys.replace(reached, left)
    # 4
    records += [
        _record(request or "-", "destroy_keys", generation=reached, keys=count)
        for request, count in by_request
    ]
    connection.execute(delete(dead_leaves))
    connection.execute(update(ledger_head).values(key_generation=reached))
    if records:
        append_entries(connection, signing_key, records)
    return True


def _erase_again(connection: Connection, tree: KeyTree, before: int, now: int) -> list[dict[str, Any]]:
    """Delete all subjects whose key is destroyed, with faces and users, and such tracks and evaluations."""
    tracks = _without_key(connection, tree, select(video_tracks.c.key, video_tracks.c.leaf))
    forget_tracks(connection, tracks)
    reports = _without_key(connection, tree, select(evaluations.c.key, evaluations.c.leaf))
    forget_evaluations(connection, reports)
    keys = _without_key(connection, tree, select(subjects.c.key, subjects.c.leaf))
    count = 0
    for part in in_parts(keys):
        named = connection.execute(select(subjects.c.name).where(subjects.c.key.in_(part))).scalars()
        # Who asks for a job names people without saying whether they are external image ids or users.
        forget_items(connection, [name.partition(":")[2] for name in named])
        gone = list(connection.execute(select(faces.c.key).where(faces.c.subject_key.in_(part))).scalars())
        forget_candidates(connection, review_candidates.c.face_key, gone)
        forget_matches(connection, gone)
        forget_faces(connection, gone)
        delete_reviews_of(connection, reviews.c.subject_key.in_(part))
        count += connection.execute(delete(faces).where(faces.c.subject_key.in_(part))).rowcount
        theirs = select(users.c.key).where(users.c.subject_key.in_(part))
        connection.execute(update(faces).where(faces.c.user_key.in_(theirs)).values(user_key=None))
        forget_users(connection, list(connection.execute(theirs).scalars()))
        connection.execute(delete(users).where(users.c.subject_key.in_(part)))
        connection.execute(delete(subjects).where(subjects.c.key.in_(part)))
        forget_pictures_without_faces(connection)
    _log.warning(
        "the subject keys are newer than the database: an older copy of it was put back, or a server was "
        "killed while it destroyed keys; subjects whose key was destroyed are erased again",
        generation_of_the_file=now,
        generation_of_the_database=before,
        subjects=len(keys),
        faces=count,
        tracks=len(tracks),
        evaluations=len(reports),
    )
    others = {"tracks": len(tracks), "evaluations": len(reports)}
    others = {name: number for name, number in others.items() if number}
    if not keys and not others:
        return []
    return [_record("-", "erase_again", subjects=len(keys), faces=count, **others)]


def _without_key(connection: Connection, tree: KeyTree, query: Any) -> list[int]:
    """Return the keys of rows, of which a query selects key and leaf, whose data key is destroyed."""
    return [
        key
        for rows in connection.execute(query.execution_options(yield_per=_ROWS)).partitions()
        for (key, _), is_live in zip(rows, tree.are_live(as_leaves(row.leaf for row in rows)), strict=True)
        if not is_live
    ]


def _without_unowned(connection: Connection, tree: KeyTree, next_leaf: int) -> tuple[KeyTree, int]:
    """Return the tree without the keys that were given out and that nobody has, and how many it loses."""
    of_subjects = _all(connection, select(subjects.c.leaf))
    of_tracks = _all(connection, select(video_tracks.c.leaf))
    of_reports = _all(connection, select(evaluations.c.leaf))
    owned, count = np.sort(np.concatenate([of_subjects, of_tracks, of_reports])), 0
    for start in range(0, next_leaf, _LEAVES_AT_ONCE):
        stop = min(start + _LEAVES_AT_ONCE, next_leaf)
        leaves = as_leaves(range(start, stop))
        first, end = np.searchsorted(owned, (start, stop))
        dead = tree.are_live(leaves)
        dead[owned[first:end] - start] = False
        tree, count = tree.without(leaves[dead]), count + int(dead.sum())
    return tree, count


def _count_by_request(connection: Connection) -> list[tuple[str | None, int]]:
    query = select(dead_leaves.c.request, func.count()).group_by(dead_leaves.c.request)
    rows = connection.execute(query.order_by(func.min(dead_leaves.c.leaf)))
    return [(request, count) for request, count in rows]


def _all(connection: Connection, query: Any) -> Leaves:
    return as_leaves(connection.execute(query.execution_options(yield_per=_ROWS)).scalars())


def _record(request: str, operation: str, **facts: int) -> dict[str, Any]:
    asked = {"v": 1, "request": request, "key": "system"}
    return {**asked, "operation": operation, "outcome": "done", **facts}
