"""The settings, read once and frozen; only `wiring` hands their values to rooms.

What is given to a command counts most, then the environment (``COUNTENANCE_<NAME>``), then the file that
``COUNTENANCE_SETTINGS`` names or ``countenance.toml`` in the working directory, then the default.
"""

from __future__ import annotations

import enum
import os
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal, Self

from platformdirs import user_data_path
from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from countenance.errors import SettingsInvalid

PREFIX = "COUNTENANCE_"
FILE_VARIABLE = "COUNTENANCE_SETTINGS"
FILE_NAME = "countenance.toml"


class Settings(BaseSettings):
    """Everything an operator may set; each field is a name in the file and ``COUNTENANCE_<NAME>``."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    pack: str = Field(
        default="dlib-cc0", description="name of the pack of models, or the path of a pack.toml"
    )
    precision: Literal["float32", "int8"] = Field(default="float32", description="precision of the embedder")
    calibration: Literal["global", "fair"] = Field(
        default="global",
        description="what similarities rest on: global, or fair: by region of template space",
    )
    provider: Literal["cpu", "cuda", "auto"] = Field(
        default="auto", description="ONNX Runtime execution provider"
    )
    threads: int | None = Field(
        default=None, ge=1, le=1024, description="threads per network; default: all processors"
    )
    cache_dir: Path | None = Field(
        default=None, description="folder of prepared packs; default: the user's cache"
    )
    image_max_bytes: int = Field(default=52_428_800, ge=1, description="largest encoded picture, in bytes")
    image_max_pixels: int = Field(default=80_000_000, ge=1, description="largest picture, in pixels")
    image_max_side_px: int = Field(default=30_000, ge=1, description="longest side of a picture, in pixels")

    data_dir: Path = Field(
        default_factory=lambda: user_data_path("countenance"),
        description="folder of the database and the master key",
    )
    database_url: SecretStr | None = Field(
        default=None,
        description="sqlite:///path or postgresql://…; default: countenance.sqlite in data_dir",
    )
    master_key_file: Path | None = Field(
        default=None, description="file of the master key; default: master.key in data_dir, made on first use"
    )
    master_key: SecretStr | None = Field(
        default=None, description="the master key itself, 32 bytes in base64 or hexadecimal, or a keyring"
    )
    master_key_command: SecretStr | None = Field(
        default=None, description="command that prints the master key, such as a key management service's"
    )
    subject_key_file: Path | None = Field(
        default=None,
        description="file of the subjects' data keys; default: subject.keys in data_dir, made on first use",
    )
    jurisdiction: Literal["none", "bipa", "cubi", "gdpr", "eu", "washington"] = Field(
        default="none", description="preset of the policy of collections that declare no jurisdiction"
    )
    required_tags: tuple[str, ...] = Field(
        default=(), description="lines of its policy that every collection must declare by tags, as purpose"
    )
    moratorium: str | None = Field(
        default=None,
        description="scope of a moratorium that no key can lift: search, enrol, all or purpose:NAME",
    )
    sweep_seconds: int = Field(
        default=60, ge=1, description="how often what is due is erased, in seconds; never found meanwhile"
    )
    consent_records_kept: timedelta = Field(
        default=timedelta(days=5 * 365),
        description="how long the record of a consent is kept after it ended, as ISO 8601",
    )
    backups_kept: timedelta | None = Field(
        default=None, description="how long the operator keeps backups, as ISO 8601; stated in receipts"
    )
    witness: str | None = Field(
        default=None, description="folder, or address of a web server, that gets the ledger's checkpoints"
    )
    witness_seconds: int = Field(
        default=60, ge=1, description="how often the witness gets a checkpoint, in seconds"
    )
    host: str = Field(default="127.0.0.1", description="address that the server listens on")
    port: int = Field(default=8080, ge=0, le=65535, description="port that the server listens on; 0 for any")
    tls_certificate: Path | None = Field(default=None, description="certificate chain, PEM; with its key")
    tls_private_key: Path | None = Field(default=None, description="private key of the certificate, PEM")
    endpoint_url: str | None = Field(
        default=None, description="the server's address as clients see it; default: from host and port"
    )
    account_id: str = Field(
        default="000000000000", pattern=r"^\d{12}$", description="the twelve digits in ARNs"
    )
    workers: int = Field(
        default_factory=lambda: os.cpu_count() or 1,
        ge=1,
        le=1024,
        description="requests worked on at the same time; default: as many as processors",
    )
    most_waiting: int = Field(
        default=128, ge=0, le=100_000, description="requests that may wait for a worker; more are throttled"
    )
    jobs_at_once: int = Field(
        default=1, ge=0, le=64, description="jobs that the server works on at the same time; 0 for none"
    )
    most_jobs: int = Field(
        default=1000, ge=1, le=1_000_000, description="jobs that may wait or run; no more are taken"
    )
    jobs_kept: timedelta = Field(
        default=timedelta(days=30),
        description="how long a job, and what it could not do, is kept after it ended, as ISO 8601",
    )
    video_results_kept: timedelta = Field(
        default=timedelta(days=7),
        description="how long what a job found in a video is kept after it ended, as ISO 8601",
    )
    evaluations_kept: timedelta = Field(
        default=timedelta(days=365),
        description="how long the report of an evaluation that the server made is kept, as ISO 8601",
    )
    max_request_bytes: int = Field(
        default=16_777_216, ge=1024, description="largest body of a request, in bytes"
    )
    shutdown_seconds: int = Field(
        default=30, ge=0, description="how long requests may take to finish when the server is stopped"
    )
    index_memory_mb: int | None = Field(
        default=None, ge=1, description="memory of search indexes, in MB; default: half of the machine's"
    )
    buckets: dict[str, Path] = Field(
        default_factory=dict, description="local folders that are read as S3 buckets, by bucket name"
    )
    s3_endpoint_url: str | None = Field(
        default=None, description="address of an S3-compatible store for all other buckets; aws for Amazon's"
    )
    s3_region: str | None = Field(default=None, description="region of the S3-compatible store")
    fetch_hosts: tuple[str, ...] = Field(
        default=(), description="hosts that countenance import may fetch pictures from; *.host for all below"
    )
    fetch_private_hosts: tuple[str, ...] = Field(
        default=(), description="such hosts that may be in the operator's own network"
    )
    sns_endpoint_url: str | None = Field(
        default=None, description="address of an SNS-compatible service for notifications; aws for Amazon's"
    )
    webhooks: dict[str, SecretStr] = Field(
        default_factory=dict,
        description="addresses that notifications are posted to, by name or by the ARN of a topic",
    )
    webhook_secret: SecretStr | None = Field(
        default=None, description="what signs posted notifications: whsec_ and 24 bytes or more in base64"
    )
    monitor_sources: tuple[str, ...] = Field(
        default=(),
        description="cameras and files that monitors may watch, as patterns such as rtsp://camera-*.local/*",
    )
    most_monitors: int = Field(default=4, ge=0, le=64, description="monitors that may run at a time")
    console: bool = Field(default=True, description="whether the server has the web console, at /console")
    console_hides_scores: bool = Field(
        default=True, description="whether the console hides similarities from reviewers until they decided"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="the least important log lines that are written"
    )
    log_format: Literal["json", "console", "auto"] = Field(
        default="auto", description="form of log lines; auto: console on a terminal, else json"
    )

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.tls_certificate is None) != (self.tls_private_key is None):
            raise ValueError("tls_certificate and tls_private_key go together")
        if (
            sum(key is not None for key in (self.master_key_file, self.master_key, self.master_key_command))
            > 1
        ):
            raise ValueError("only one of master_key_file, master_key and master_key_command may be set")
        if self.webhooks and self.webhook_secret is None:
            raise ValueError("webhooks need a webhook_secret, which signs what is sent to them")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Return where settings come from, what counts most first."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


class Origin(enum.StrEnum):
    """Where a setting's value comes from."""

    COMMAND = "command line"
    ENVIRONMENT = "environment"
    FILE = "file"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting as it is in force; a secret's value is not shown."""

    name: str
    value: str
    origin: Origin
    description: str


def read_settings(file: Path | None = None, **given: Any) -> Settings:
    """Read the settings; ``given`` are those of the command line, None where a flag was not used.

    Raises:
        SettingsInvalid: a value is not allowed, a name in the file is unknown, or the file cannot be read.
    """
    try:
        return _reading(file)(**_used(given))
    except ValidationError as error:
        first = error.errors()[0]
        raise SettingsInvalid(_problem(first, _settings_file(file))) from None
    except (OSError, ValueError) as error:
        raise SettingsInvalid(f"the settings cannot be read: {error}") from None


def explain_settings(file: Path | None = None, **given: Any) -> list[Setting]:
    """Return every setting as it is in force, and where its value comes from.

    Raises:
        SettingsInvalid: as `read_settings`.
    """
    settings, kind = read_settings(file, **given), _reading(file)
    origins = {
        Origin.FILE: TomlConfigSettingsSource(kind)(),
        Origin.ENVIRONMENT: EnvSettingsSource(kind)(),
        Origin.COMMAND: InitSettingsSource(kind, _used(given))(),
    }
    explained = []
    for name, field in Settings.model_fields.items():
        origin = next((each for each in reversed(origins) if name in origins[each]), Origin.DEFAULT)
        value = getattr(settings, name)
        explained.append(Setting(name, "" if value is None else str(value), origin, field.description or ""))
    return explained


def _used(given: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value is not None}


def _settings_file(file: Path | None) -> Path | None:
    if file is None and FILE_VARIABLE in os.environ:
        file = Path(os.environ[FILE_VARIABLE])
    if file is not None:
        if not file.is_file():
            raise SettingsInvalid(f"the settings file {file} does not exist")
        return file
    found = Path(FILE_NAME)
    return found if found.is_file() else None


def _reading(file: Path | None) -> type[Settings]:
    class ReadSettings(Settings):
        model_config = SettingsConfigDict(toml_file=_settings_file(file))

    return ReadSettings


def _problem(error: Any, file: Path | None) -> str:
    name = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        return f"there is no setting {name} ({file or 'given'}); see countenance settings"
    if not name:
        return str(error["msg"]).removeprefix("Value error, ")
    variable = f"{PREFIX}{name}".upper()
    field = Settings.model_fields.get(name.split(".")[0])
    shown = "" if field is not None and "Secret" in str(field.annotation) else f"={error['input']!r}"
    return f"{variable if variable in os.environ else name}{shown}: {error['msg']}"
