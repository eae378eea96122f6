"""All templates of a collection, fast: what search indexes are built of.

Each face may have a data key of its own, so per face there are two decryptions; the rest of the loop is kept
short.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from countenance.gallery.values import TemplateBlock
from countenance.store.reading import sealed_of
from countenance.store.sealing import face_data, subject_data
from countenance.store.tables import faces

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection, Row

    from countenance.gallery.values import Collection
    from countenance.store.sealing import MasterKeys

BLOCK = 8_192
_log = structlog.get_logger("countenance.store")


def all_templates(
    connection: Connection, master_keys: MasterKeys, collection: Collection
) -> Iterator[TemplateBlock]:
    """Yield the templates of a collection by ascending key; one that is damaged is logged and left out."""
    query = sealed_of(collection).order_by(faces.c.key).execution_options(yield_per=BLOCK)
    for rows in connection.execute(query).partitions():
        opened = _opened(rows, master_keys, collection)
        if opened:
            kept, contents = zip(*opened, strict=True)
            yield TemplateBlock(
                keys=np.array([row.key for row in kept], np.int64),
                vectors=np.frombuffer(b"".join(contents), "<f4").reshape(len(kept), -1),
                qualities=np.array([row.quality for row in kept], np.float32),
                user_keys=np.array([row.user_key or 0 for row in kept], np.int64),
            )


def _opened(
    rows: Sequence[Row[Any]], master_keys: MasterKeys, collection: Collection
) -> list[tuple[Row[Any], bytes]]:
    opened: list[tuple[Row[Any], bytes]] = []
    data_keys: dict[int, AESGCM] = {}
    for row in rows:
        try:
            data_key = data_keys.get(row.subject_key)
            if data_key is None:
                wrapped = row.wrapped_key
                cipher = master_keys.cipher(row.master_key_id)
                unwrapped = cipher.decrypt(wrapped[:12], wrapped[12:], subject_data(collection.key, row.name))
                data_key = data_keys[row.subject_key] = AESGCM(unwrapped)
            sealed = row.template
            bound_to = face_data(collection.key, row.face_id, collection.pack)
            opened.append((row, data_key.decrypt(sealed[:12], sealed[12:], bound_to)))
        except (InvalidTag, ValueError):
            _log.error("a template cannot be decrypted and is left out of searches", face_key=row.key)
    return opened
