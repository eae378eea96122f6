"""What works without models: the collections, the records, and the database of both."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from typing import TYPE_CHECKING

from countenance.errors import PolicyInvalid, SettingsInvalid
from countenance.gallery import Gallery
from countenance.governance import Moratorium, Scope, Template
from countenance.operations.acts import Register
from countenance.operations.reports.service import ServiceFacts, Transport
from countenance.store import CommandKeyring, FileKeyring, SqlStore, ValueKeyring
from countenance.wiring.database import database_address, keyring_source, open_store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from countenance.settings import Settings

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
    evaluations_kept: timedelta
    service: ServiceFacts


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
        evaluations_kept=settings.evaluations_kept,
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
        database="SQLite" if database_address(settings).startswith("sqlite") else "PostgreSQL",
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


def _index_bytes(settings: Settings) -> int:
    if settings.index_memory_mb is not None:
        return settings.index_memory_mb * _BYTES_OF_A_MEGABYTE
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
