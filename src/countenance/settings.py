"""The settings, read once from the environment and frozen; only `wiring` hands their values to rooms."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from countenance.errors import SettingsInvalid


class Settings(BaseSettings):
    """Everything an operator may set; each field is the environment variable ``COUNTENANCE_<FIELD>``."""

    model_config = SettingsConfigDict(env_prefix="COUNTENANCE_", frozen=True)

    pack: str = Field(
        default="dlib-cc0", description="name of the pack of models, or the path of a pack.toml"
    )
    precision: Literal["float32", "int8"] = Field(default="float32", description="precision of the embedder")
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


def read_settings() -> Settings:
    """Read the settings from the environment.

    Raises:
        SettingsInvalid: a variable's value is not allowed.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        variable = f"COUNTENANCE_{'_'.join(str(part) for part in first['loc'])}".upper()
        raise SettingsInvalid(f"{variable}={first['input']!r}: {first['msg']}") from None
