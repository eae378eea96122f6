"""Searches by face that lead back to where pictures came from."""

from typing import Annotated

from pydantic import Field

from countenance.doors.rest.models.fields import ID_EXAMPLE, Asked, Told
from countenance.doors.rest.models.templates import FoundFace, Image


class NewSearch(Asked):
    """Whom to search for, and what counts as found."""

    image: Image = Field(description="The picture: either its `bytes`, or a `bucket` and a `name`.")
    most: Annotated[int, Field(ge=1, le=4096)] = Field(
        default=20, description="How many matches at most.", examples=[20]
    )
    least_similarity: Annotated[float, Field(ge=0, le=100, strict=False)] = Field(
        default=80.0, description="The least similarity of a match, 0–100.", examples=[99.0]
    )


class PictureRecord(Told):
    """What a picture came with when it was imported."""

    kind: str = Field(description="`article`, or `manifest` for a row with tags.", examples=["article"])
    source_file: str = Field(
        description="The text or manifest, as a path in what was imported.", examples=["2026/crew.md"]
    )
    title: str | None = Field(default=None, description="The article's title.", examples=["Crew returns"])
    published_at: str | None = Field(
        default=None, description="When it appeared, as it says so.", examples=["2026-03-01T09:00:00Z"]
    )
    web_url: str | None = Field(
        default=None, description="Its address.", examples=["https://news.example.org/crew"]
    )
    provider: str | None = Field(default=None, description="Who published it.", examples=["Example News"])
    topics: tuple[str, ...] = Field(default=(), description="What it is about.", examples=[["space"]])
    found_in: str | None = Field(
        default=None,
        description="Where in it the picture is: `images`, `related` or `provider`.",
        examples=["images"],
    )
    related_title: str | None = Field(
        default=None, description="The title of the related article that shows the picture.", examples=[None]
    )
    related_url: str | None = Field(default=None, description="Its address.", examples=[None])
    tags: dict[str, str] = Field(
        default_factory=dict, description="The tags of a row of a manifest.", examples=[{"roll": "17"}]
    )


class SearchMatch(Told):
    """An enrolled face that is like the one searched for."""

    face_id: str = Field(description="The face's id.", examples=[ID_EXAMPLE])
    image_id: str = Field(description="Its picture's id.", examples=[ID_EXAMPLE])
    external_image_id: str | None = Field(description="Whose face it is said to be.", examples=["collins"])
    user_id: str | None = Field(description="The user that it is associated with.", examples=[None])
    similarity_percent: float = Field(description="How alike they are, 0–100.", examples=[99.98])
    false_match_rate: float = Field(
        description="How often two strangers are at least as alike.", examples=[0.00001]
    )
    records: tuple[PictureRecord, ...] = Field(description="What its picture came with.")


class Search(Told):
    """The answer of a search."""

    pack: str = Field(description="What compared the faces.", examples=["dlib-cc0"])
    searched_face: FoundFace = Field(description="The largest face of the picture.")
    review_id: str | None = Field(
        description="The review that the answer waits for; there are no matches before it is decided.",
        examples=[None],
    )
    matches: tuple[SearchMatch, ...] = Field(description="Who was found, most similar first.")
