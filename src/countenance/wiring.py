"""The only place where rooms are put together."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from countenance.gallery import Gallery
from countenance.images import ImageLimits
from countenance.images.sources import LocalBuckets, PictureSources, S3Buckets
from countenance.operations.acts import Register
from countenance.operations.identifiers import Identifiers
from countenance.store import CommandKeyring, FileKeyring, SqlStore, ValueKeyring, open_ledger
from countenance.vision import FaceAnalyzer
from countenance.vision.runtime import Runtime

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from countenance.ledger import LedgerReader
    from countenance.settings import Settings
    from countenance.store import KeyringSource

_BYTES_OF_A_MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class ServerRooms:
    """What a server's doors hand to operations."""

    vision: FaceAnalyzer
    gallery: Gallery
    keys: SqlStore
    register: Register
    pictures: PictureSources
    identifiers: Identifiers
    limits: ImageLimits
    pagination_secret: bytes


def image_limits(settings: Settings) -> ImageLimits:
    """Return how large a picture may be."""
    return ImageLimits(
        max_bytes=settings.image_max_bytes,
        max_pixels=settings.image_max_pixels,
        max_side_px=settings.image_max_side_px,
    )


def build_analyzer(settings: Settings) -> FaceAnalyzer:
    """Load the pack that the settings name."""
    return FaceAnalyzer.load(
        settings.pack,
        runtime=Runtime(provider=settings.provider, threads=settings.threads),
        limits=image_limits(settings),
        precision=settings.precision,
        cache_dir=settings.cache_dir,
    )


@contextmanager
def open_store(settings: Settings) -> Iterator[SqlStore]:
    """Open the database that the settings name, for as long as the block runs.

    Raises:
        SettingsInvalid: the address is of no database that can be used.
        StoreUnavailable: the database does not answer.
        MasterKeyInvalid: the master key cannot be had, or is not the one of this database.
    """
    store = SqlStore.open(_database_address(settings), keyring_source(settings))
    try:
        yield store
    finally:
        store.close()


def open_ledger_copy(settings: Settings) -> AbstractContextManager[LedgerReader]:
    """Open the ledger of the database that the settings name, or of a copy, without the master key.

    Raises:
        SettingsInvalid: the address is of no database that can be used.
        StoreUnavailable: the database does not answer, or has no ledger.
    """
    return open_ledger(_database_address(settings))


def _database_address(settings: Settings) -> str:
    if settings.database_url is not None:
        return settings.database_url.get_secret_value()
    return f"sqlite:///{settings.data_dir / 'countenance.sqlite'}"


def keyring_source(settings: Settings) -> KeyringSource:
    """Return where the master key comes from."""
    if settings.master_key is not None:
        return ValueKeyring(settings.master_key.get_secret_value())
    if settings.master_key_command is not None:
        return CommandKeyring(settings.master_key_command.get_secret_value())
    return FileKeyring(settings.master_key_file or settings.data_dir / "master.key")


def furnish(settings: Settings, store: SqlStore) -> ServerRooms:
    """Put the rooms of a server together.

    Raises:
        PackError: the pack is unknown, not installed or damaged.
        ProviderUnavailable: the provider does not work here.
    """
    s3 = None
    if settings.s3_endpoint_url is not None:
        endpoint_url = None if settings.s3_endpoint_url == "aws" else settings.s3_endpoint_url
        s3 = S3Buckets(endpoint_url, settings.s3_region)
    return ServerRooms(
        vision=build_analyzer(settings),
        gallery=Gallery(store, _index_bytes(settings)),
        keys=store,
        register=Register(store, store.secret("pseudonyms")),
        pictures=PictureSources(LocalBuckets(settings.buckets), s3),
        identifiers=Identifiers(store.secret("identifiers")),
        limits=image_limits(settings),
        pagination_secret=store.secret("pagination"),
    )


def _index_bytes(settings: Settings) -> int:
    if settings.index_memory_mb is not None:
        return settings.index_memory_mb * _BYTES_OF_A_MEGABYTE
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2


def rotate_master_key(settings: Settings) -> int:
    """Seal all data keys and secrets anew with another master key, while servers go on; returns how many.

    The file of the master key gets a new one; where it comes from the environment or a command, the keyring
    given there must name a new current key already.

    Raises:
        StoreUnavailable: the database does not answer.
        MasterKeyInvalid: the master key cannot be had, or is not the one of this database.
    """
    source = keyring_source(settings)
    with open_store(settings) as store:
        return store.rotate_master_key(source if isinstance(source, FileKeyring) else None)
