"""Imports of many pictures."""

from typing import Annotated, Literal

from pydantic import Field

from countenance.doors.rest.models.fields import Asked, text

_PREFIX = r"^s3://[a-zA-Z0-9][a-zA-Z0-9._\-]{1,254}(/[^\u0000-\u001f\u007f-\u009f]*)?$"


class NewImport(Asked):
    """What is to be imported into a collection, and how."""

    sources: Annotated[
        tuple[Annotated[str, text(_PREFIX, 1300)], ...],
        Field(min_length=1, max_length=100, strict=False),
    ] = Field(
        description="Buckets, local or of S3, with prefixes: all pictures whose names begin so.",
        examples=[["s3://pictures/2026/"]],
    )
    external_ids: Literal["none", "stem", "folder"] = Field(
        default="none",
        description="What external image ids are taken from: file names without their suffix, the names of "
        "the folders that they lie in, or nothing.",
        examples=["folder"],
    )
    source: Annotated[str, text(r"^[a-z\-]+$", 32)] | None = Field(
        default=None,
        description="Where the pictures come from; as the collection's policy says, without it.",
        examples=["licensed"],
    )
    quality: Literal["NONE", "LOW", "MEDIUM", "HIGH", "AUTO"] = Field(
        default="AUTO", description="The quality that faces must have to be enrolled.", examples=["AUTO"]
    )
    max_faces: Annotated[int, Field(ge=1, le=100)] | None = Field(
        default=None, description="How many faces of a picture are enrolled; all without it.", examples=[1]
    )
