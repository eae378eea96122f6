"""All templates of a collection, fast: what search indexes are built of.

Each face may have a data key of its own, so per face there are about two hashes and one decryption; the rest
of the loop is kept short.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import structlog
from cryptography.exceptions import InvalidTag

from countenance.gallery.values import TemplateBlock
from countenance.store.rows import sealed_of
from countenance.store.sealing import data_keys, face_data
from countenance.store.tables import faces

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection

    from countenance.gallery.values import Collection
    from countenance.store.key_tree import KeyTree

BLOCK = 8_192
_log = structlog.get_logger("countenance.store")


def all_templates(connection: Connection, tree: KeyTree, collection: Collection) -> Iterator[TemplateBlock]:
    """Yield the templates of a collection by ascending key; one that is damaged is logged and left out."""
    query = sealed_of(collection).order_by(faces.c.key).execution_options(yield_per=BLOCK)
    for rows in connection.execute(query).partitions():
        block = _opened(rows, tree, collection)
        if block is not None:
            yield block


def _opened(rows: Sequence[Any], tree: KeyTree, collection: Collection) -> TemplateBlock | None:
    keys, contents, qualities, user_keys = [], [], [], []
    ciphers = data_keys(tree, [row[-1] for row in rows])
    for key, face_id, sealed, quality, user_key, _, leaf in rows:
        try:
            bound_to = face_data(collection.key, face_id, collection.pack)
            contents.append(ciphers[leaf].decrypt(sealed[:12], sealed[12:], bound_to))
        except (KeyError, InvalidTag, ValueError, TypeError):
            _log.error("a template cannot be decrypted and is left out of searches", face_key=key)
            continue
        keys.append(key)
        qualities.append(quality)
        user_keys.append(user_key or 0)
    if not keys:
        return None
    return TemplateBlock(
        keys=np.array(keys, np.int64),
        vectors=np.frombuffer(b"".join(contents), "<f4").reshape(len(keys), -1),
        qualities=np.array(qualities, np.float32),
        user_keys=np.array(user_keys, np.int64),
    )
