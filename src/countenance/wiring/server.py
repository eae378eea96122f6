"""What a server works with: the models, the rooms of jobs, videos and monitors, and what goes on beside."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from countenance.images import ImageLimits
from countenance.images.sources import LocalBuckets, PictureSources, S3Buckets, VideoSources
from countenance.jobs.worker import Pace, Worker
from countenance.ledger import witness_of
from countenance.notices import Channels, SnsTopics, Webhooks
from countenance.operations.callers import caller_of
from countenance.operations.evaluations.rooms import EvaluationRooms
from countenance.operations.follow_job import JobFollowers
from countenance.operations.groups.group_faces import GroupingRooms, group_faces
from countenance.operations.identifiers import Identifiers
from countenance.operations.imports.handler import import_faces
from countenance.operations.imports.rooms import ImportRooms
from countenance.operations.monitors.rooms import MonitorRooms
from countenance.operations.monitors.run import RunningRooms
from countenance.operations.monitors.supervisor import Monitors
from countenance.operations.overview.forecasting import Forecasts
from countenance.operations.overview.ledger_watch import LedgerWatch
from countenance.operations.overview.show_overview import OverviewRooms
from countenance.operations.upkeep import Upkeep, UpkeepNotes
from countenance.operations.videos.do_jobs import do_face_detection, do_face_search
from countenance.operations.videos.notify import notify
from countenance.operations.videos.rooms import VideoRooms
from countenance.operations.videos.start_jobs import DETECTION, NOTIFICATION, SEARCH
from countenance.vision import FaceAnalyzer
from countenance.vision.runtime import Runtime

if TYPE_CHECKING:
    from collections.abc import Mapping

    from countenance.jobs.run import JobRun
    from countenance.jobs.worker import Handler
    from countenance.settings import Settings
    from countenance.store import SqlStore
    from countenance.wiring.office import Office


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
    overview: OverviewRooms
    evaluations: EvaluationRooms
    followers: JobFollowers
    vision: FaceAnalyzer
    pictures: PictureSources
    identifiers: Identifiers
    limits: ImageLimits
    pagination_secret: bytes
    form_secret: bytes


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
    watch, notes = LedgerWatch(store), UpkeepNotes()
    upkeep = Upkeep(
        gallery=office.gallery,
        register=office.register,
        store=store,
        sweep_seconds=settings.sweep_seconds,
        consents_kept=settings.consent_records_kept,
        jobs_kept=settings.jobs_kept,
        video_results_kept=settings.video_results_kept,
        evaluations_kept=settings.evaluations_kept,
        watch=watch,
        notes=notes,
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
    evaluations = EvaluationRooms(vision, office.register, store, local, image_limits(settings))
    handlers: dict[str, Handler] = {
        "evaluate": partial(_evaluate, evaluations),
        "group_faces": partial(group_faces, GroupingRooms(vision, office.gallery, office.register)),
        "import_faces": partial(import_faces, imports),
        DETECTION: partial(do_face_detection, videos),
        SEARCH: partial(do_face_search, videos),
    }
    monitors = Monitors(
        RunningRooms(
            monitors=monitor_rooms(settings, store),
            vision=vision,
            gallery=office.gallery,
            register=office.register,
            max_pixels=settings.image_max_pixels,
        )
    )
    return ServerRooms(
        office=office,
        upkeep=upkeep,
        handlers=handlers,
        worker=Worker(store, handlers, partial(caller_of, store)),
        messenger=Worker(store, {NOTIFICATION: partial(notify, videos)}, partial(caller_of, store)),
        videos=videos,
        monitors=monitors,
        imports=imports,
        overview=OverviewRooms(
            gallery=office.gallery,
            store=store,
            watch=watch,
            notes=notes,
            forecasts=Forecasts(),
            consents_kept=office.consents_kept,
            pack=settings.pack,
        ),
        evaluations=evaluations,
        followers=JobFollowers(store, monitors.ending),
        vision=vision,
        pictures=pictures,
        identifiers=Identifiers(store.secret("identifiers")),
        limits=image_limits(settings),
        pagination_secret=store.secret("pagination"),
        form_secret=store.secret("forms"),
    )


def _evaluate(rooms: EvaluationRooms, run: JobRun) -> None:
    """Do an evaluation; what measures takes a tenth of a second to load, for which no command waits."""
    from countenance.operations.evaluations.do_evaluation import do_evaluation  # noqa: PLC0415 - see above

    do_evaluation(rooms, run)


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


def monitor_rooms(settings: Settings, store: SqlStore) -> MonitorRooms:
    """Return the records of monitors, and what a server lets them do."""
    return MonitorRooms(store, _channels(settings), settings.monitor_sources, settings.most_monitors)


def worker_of_command(rooms: ServerRooms) -> Worker:
    """Return what does a job for a command that waits; it holds jobs shortly.

    Where the command is killed, the same one can go on soon.
    """
    store, pace = rooms.office.store, Pace(lease=10.0, renewal=3.0, poll=0.5)
    return Worker(store, rooms.handlers, partial(caller_of, store), pace=pace)


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
