"""The only place where rooms are put together."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING

from countenance.errors import PolicyInvalid, SettingsInvalid
from countenance.gallery import Gallery
from countenance.governance import Moratorium, Scope, Template
from countenance.images import ImageLimits
from countenance.images.sources import LocalBuckets, PictureSources, S3Buckets, VideoSources
from countenance.jobs.worker import Pace, Worker
from countenance.ledger import witness_of
from countenance.notices import Channels, SnsTopics, Webhooks
from countenance.operations.acts import Register
from countenance.operations.callers import caller_of
from countenance.operations.groups.group_faces import GroupingRooms, group_faces
from countenance.operations.identifiers import Identifiers
from countenance.operations.imports.handler import import_faces
from countenance.operations.imports.rooms import ImportRooms
from countenance.operations.monitors.rooms import MonitorRooms
from countenance.operations.monitors.run import RunningRooms
from countenance.operations.monitors.supervisor import Monitors
from countenance.operations.reports.service import ServiceFacts, Transport
from countenance.operations.upkeep import Upkeep
from countenance.operations.videos.do_jobs import do_face_detection, do_face_search
from countenance.operations.videos.notify import notify
from countenance.operations.videos.rooms import VideoRooms
from countenance.operations.videos.start_jobs import DETECTION, NOTIFICATION, SEARCH
from countenance.store import CommandKeyring, FileKeyring, SqlStore, ValueKeyring, open_ledger
from countenance.vision import FaceAnalyzer
from countenance.vision.runtime import Runtime

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from contextlib import AbstractContextManager

    from countenance.jobs.worker import Handler
    from countenance.ledger import LedgerReader
    from countenance.settings import Settings
    from countenance.store import KeyringSource

_BYTES_OF_A_MEGABYTE = 1_000_000
_MASTER_KEY_COMES_FROM: dict[type[object], str] = {
    ValueKeyring: "the settings or the environment",
    CommandKeyring: "a command, such as a key management service's",
    FileKeyring: "a file that only its owner may read",
}


@dataclass(frozen=True, slots=True)
class Office:
    """What operations need that see no pictures: the collections, the records, and the database of both.

    ``service`` is what reports say of the service itself.
    """

    store: SqlStore
    gallery: Gallery
    register: Register
    consents_kept: timedelta
    jobs_kept: timedelta
    video_results_kept: timedelta
    service: ServiceFacts


@dataclass(frozen=True, slots=True)
class ServerRooms:
    """What a server's doors hand to operations, and what goes on beside them.

    ``handlers`` does each kind of job, by its name in `operations.names`, for the ``worker``. The
    ``messenger`` does jobs that take no time, so that they need not wait for those that do.
    """

    office: Office
    upkeep: Upkeep
    handlers: Mapping[str, Handler]
    worker: Worker
    messenger: Worker
    videos: VideoRooms
    monitors: Monitors
    imports: ImportRooms
    vision: FaceAnalyzer
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
        calibration=settings.calibration,
    )


@contextmanager
def open_store(settings: Settings) -> Iterator[SqlStore]:
    """Open the database that the settings name, for as long as the block runs.

    Raises:
        SettingsInvalid: the address is of no database that can be used.
        StoreUnavailable: the database does not answer.
        MasterKeyInvalid: the master key or the subject keys cannot be had, or are not this database's.
    """
    subject_key_file = settings.subject_key_file or settings.data_dir / "subject.keys"
    store = SqlStore.open(_database_address(settings), keyring_source(settings), subject_key_file)
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


@contextmanager
def open_office(settings: Settings) -> Iterator[Office]:
    """Open the database that the settings name, with all that works without models.

    Raises:
        SettingsInvalid: the address is of no database that can be used, or a setting is no policy.
        StoreUnavailable: the database does not answer.
        MasterKeyInvalid: the master key or the subject keys cannot be had, or are not this database's.
    """
    with open_store(settings) as store:
        yield furnish_office(settings, store)


def furnish_office(settings: Settings, store: SqlStore) -> Office:
    """Put the rooms together that need no models; raises SettingsInvalid."""
    try:
        template = Template(settings.jurisdiction, settings.required_tags)
        moratoria = _moratorium_at_start(settings)
    except PolicyInvalid as error:
        raise SettingsInvalid(str(error)) from None
    register = Register(
        ledger=store,
        governance=store,
        pseudonym_key=store.secret("pseudonyms"),
        template=template,
        moratoria=moratoria,
        backups_kept=settings.backups_kept,
        most_jobs=settings.most_jobs,
    )
    gallery = Gallery(store, _index_bytes(settings))
    return Office(
        store=store,
        gallery=gallery,
        register=register,
        consents_kept=settings.consent_records_kept,
        jobs_kept=settings.jobs_kept,
        video_results_kept=settings.video_results_kept,
        service=_service_facts(settings),
    )


def _service_facts(settings: Settings) -> ServiceFacts:
    transport = Transport.NOT_KNOWN
    if settings.tls_certificate is not None:
        transport = Transport.BY_THE_SERVER
    elif settings.endpoint_url is not None and settings.endpoint_url.startswith("https://"):
        transport = Transport.BEFORE_THE_SERVER
    source = keyring_source(settings)
    return ServiceFacts(
        version=version("countenance"),
        pack=settings.pack,
        transport=transport,
        database="SQLite" if _database_address(settings).startswith("sqlite") else "PostgreSQL",
        master_key=_MASTER_KEY_COMES_FROM[type(source)],
        has_witness=settings.witness is not None,
        reads_s3=settings.s3_endpoint_url is not None,
        sweep_every=timedelta(seconds=settings.sweep_seconds),
        consents_kept=settings.consent_records_kept,
        backups_kept=settings.backups_kept,
    )


def _moratorium_at_start(settings: Settings) -> tuple[Moratorium, ...]:
    if settings.moratorium is None:
        return ()
    reason = "the server was started with it, and no key can lift it"
    now = datetime.now(UTC)
    return (Moratorium(None, Scope.parse(settings.moratorium), reason, now, "the settings"),)


def furnish(settings: Settings, office: Office) -> ServerRooms:
    """Put the rooms of a server together.

    Raises:
        PackError: the pack is unknown, not installed or damaged.
        ProviderUnavailable: the provider does not work here.
    """
    local, s3 = LocalBuckets(settings.buckets), None
    if settings.s3_endpoint_url is not None:
        s3 = S3Buckets(_address_of(settings.s3_endpoint_url), settings.s3_region)
    store = office.store
    upkeep = Upkeep(
        gallery=office.gallery,
        register=office.register,
        store=store,
        sweep_seconds=settings.sweep_seconds,
        consents_kept=settings.consent_records_kept,
        jobs_kept=settings.jobs_kept,
        video_results_kept=settings.video_results_kept,
        witness=witness_of(settings.witness) if settings.witness is not None else None,
        witness_seconds=settings.witness_seconds,
    )
    vision = build_analyzer(settings)
    pictures = PictureSources(local, s3)
    videos = VideoRooms(
        vision=vision,
        gallery=office.gallery,
        store=store,
        register=office.register,
        sources=VideoSources(local, s3),
        channels=_channels(settings),
    )
    imports = import_rooms(settings, office, vision, pictures)
    handlers: dict[str, Handler] = {
        "group_faces": partial(group_faces, GroupingRooms(vision, office.gallery, office.register)),
        "import_faces": partial(import_faces, imports),
        DETECTION: partial(do_face_detection, videos),
        SEARCH: partial(do_face_search, videos),
    }
    return ServerRooms(
        office=office,
        upkeep=upkeep,
        handlers=handlers,
        worker=Worker(store, handlers, partial(caller_of, store)),
        messenger=Worker(store, {NOTIFICATION: partial(notify, videos)}, partial(caller_of, store)),
        videos=videos,
        monitors=Monitors(
            RunningRooms(
                monitors=monitor_rooms(settings, store),
                vision=vision,
                gallery=office.gallery,
                register=office.register,
                max_pixels=settings.image_max_pixels,
            )
        ),
        imports=imports,
        vision=vision,
        pictures=pictures,
        identifiers=Identifiers(store.secret("identifiers")),
        limits=image_limits(settings),
        pagination_secret=store.secret("pagination"),
    )


def monitor_rooms(settings: Settings, store: SqlStore) -> MonitorRooms:
    """Return the records of monitors, and what a server lets them do."""
    return MonitorRooms(store, _channels(settings), settings.monitor_sources, settings.most_monitors)


def _address_of(endpoint_url: str) -> str | None:
    """Return the address of a service like one of Amazon's, None for Amazon's own."""
    return None if endpoint_url == "aws" else endpoint_url


def _channels(settings: Settings) -> Channels:
    webhooks = topics = None
    if settings.webhook_secret is not None:
        addresses = {name: address.get_secret_value() for name, address in settings.webhooks.items()}
        webhooks = Webhooks(addresses, settings.webhook_secret.get_secret_value())
    if settings.sns_endpoint_url is not None:
        topics = SnsTopics(_address_of(settings.sns_endpoint_url))
    return Channels(webhooks, topics)


def worker_of_command(rooms: ServerRooms) -> Worker:
    """Return what does a job for a command that waits; it holds jobs shortly.

    Where the command is killed, the same one can go on soon.
    """
    store, pace = rooms.office.store, Pace(lease=10.0, renewal=3.0, poll=0.5)
    return Worker(store, rooms.handlers, partial(caller_of, store), pace=pace)


def import_rooms(
    settings: Settings, office: Office, vision: FaceAnalyzer, pictures: PictureSources
) -> ImportRooms:
    """Put the rooms together that imports work with."""
    return ImportRooms(
        vision=vision,
        gallery=office.gallery,
        register=office.register,
        pictures=pictures,
        identifiers=Identifiers(office.store.secret("identifiers")),
        limits=image_limits(settings),
    )


def _index_bytes(settings: Settings) -> int:
    if settings.index_memory_mb is not None:
        return settings.index_memory_mb * _BYTES_OF_A_MEGABYTE
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2


def seal_anew(settings: Settings, store: SqlStore) -> int:
    """Seal all data keys and secrets of a database with another master key; returns how many.

    The file of the master key gets a new one; where it comes from the environment or a command, the keyring
    given there must name a new current key already.

    Raises:
        StoreUnavailable: the database does not answer.
        MasterKeyInvalid: the master key cannot be had, or is not the one of this database.
    """
    source = keyring_source(settings)
    return store.rotate_master_key(source if isinstance(source, FileKeyring) else None)
