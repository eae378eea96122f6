"""Monitors, and what happens before their cameras."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from countenance.doors.rest.models.fields import (
    ID_EXAMPLE,
    KEY_EXAMPLE,
    LINE,
    REQUEST_EXAMPLE,
    TIME_EXAMPLE,
    Asked,
    CollectionId,
    Line,
    Listed,
    Told,
    text,
)
from countenance.operations.monitors.manage import MonitorState
from countenance.operations.monitors.run import Activity

MONITOR_EXAMPLE = "6f1c2a9d4e8b47d0a3f5c6b7d8e9f001"
_SOURCE_EXAMPLE = "rtsp://camera-1.example.org/stream"
_SOURCE = "What is watched: `rtsp://…`, `rtsps://…`, `/dev/video0` or the path of a file."
_WEBHOOK = "The name, in the setting `webhooks`, of who is told of events; null for nobody."
_PREVIEW = "Whether the picture may be looked at while it runs."
_SIMILARITY = "From which similarity on somebody counts as recognised, 0–100."

MonitorId = Annotated[str, text("^[0-9a-f]{32}$", 32, 32)]


class NewMonitor(Asked):
    """A camera that the server is to watch."""

    name: Line = Field(description="What people call it.", examples=["front door"])
    source: Annotated[str, text(LINE, 2048)] = Field(
        description=f"{_SOURCE} It may hold a password, which is encrypted and never shown.",
        examples=[_SOURCE_EXAMPLE],
    )
    collection_id: CollectionId = Field(description="Whom faces are compared with.", examples=["staff"])
    least_similarity: Annotated[float, Field(ge=0, le=100, strict=False)] = Field(
        default=99.0, description=_SIMILARITY, examples=[99.0]
    )
    webhook: Annotated[str, text(LINE, 255)] | None = Field(
        default=None, description=_WEBHOOK, examples=["doorman"]
    )
    preview: bool = Field(default=False, description=_PREVIEW, examples=[False])


class Monitor(Told):
    """A camera that the server watches, or does not."""

    monitor_id: str = Field(description="Its id.", examples=[MONITOR_EXAMPLE])
    name: str = Field(description="What people call it.", examples=["front door"])
    source: str = Field(
        description="What is watched, without user, password and query.", examples=[_SOURCE_EXAMPLE]
    )
    collection_id: str = Field(description="Whom faces are compared with.", examples=["staff"])
    least_similarity: float = Field(description=_SIMILARITY, examples=[99.0])
    webhook: str | None = Field(description=_WEBHOOK, examples=["doorman"])
    preview: bool = Field(description=_PREVIEW, examples=[False])
    state: MonitorState = Field(description="Whether the server is to watch.", examples=["running"])
    activity: Activity = Field(
        description="What it does at the moment; `waiting` is that it may not watch for now, or failed, and "
        "tries again.",
        examples=["watching"],
    )
    message: str = Field(
        description="Why it does not watch; empty where there is nothing to say.", examples=[""]
    )
    events_not_posted: int = Field(
        description="How many events the webhook did not get since the last that it got.", examples=[0]
    )
    created_by: str = Field(description="The access key that made it.", examples=[KEY_EXAMPLE])
    created_at: datetime = Field(description="When it was made.", examples=[TIME_EXAMPLE])
    works_for: str = Field(
        description="The access key that started it last; what that may not do, it may not either.",
        examples=[KEY_EXAMPLE],
    )
    last_event_at: datetime | None = Field(
        description="When something happened, within some seconds.", examples=[TIME_EXAMPLE]
    )


class MonitorPage(Listed[Monitor]):
    """One page of monitors."""


class FrameCounts(Told):
    """How many pictures there were since watching began."""

    read: int = Field(description="All that came.", examples=[1200])
    looked_at: int = Field(description="Those in which faces were looked for.", examples=[400])
    dropped: int = Field(
        description="Those that gave way to newer ones, because the server was too slow.", examples=[0]
    )


class MonitorEvent(Told):
    """Something that happened before a camera; what does not belong to the event is null."""

    number: int = Field(description="Rises from event to event.", examples=[1784000000001])
    event: Literal[
        "started", "appeared", "recognised", "held", "left", "interrupted", "reconnected", "ended"
    ] = Field(description="What happened.", examples=["recognised"])
    at: datetime = Field(description="When.", examples=[TIME_EXAMPLE])
    watch_id: str = Field(
        description="The use it belongs to, from `started` to `ended`; in the ledger under this id.",
        examples=[ID_EXAMPLE],
    )
    track: int | None = Field(
        default=None, description="Which face in the picture, counted from 1.", examples=[1]
    )
    face_id: str | None = Field(
        default=None, description="`recognised`: the enrolled face it is most like.", examples=[ID_EXAMPLE]
    )
    external_image_id: str | None = Field(
        default=None, description="`recognised`: its external image id.", examples=["eileen-collins"]
    )
    user_id: str | None = Field(
        default=None, description="`recognised`: the user it belongs to.", examples=[None]
    )
    similarity_percent: float | None = Field(
        default=None, description="`recognised`: how alike they are, 0–100.", examples=[99.9]
    )
    false_match_rate: float | None = Field(
        default=None, description="`recognised`: how often strangers look that alike.", examples=[1e-05]
    )
    review_id: str | None = Field(
        default=None, description="`held`: the review that says who it is.", examples=[None]
    )
    request_id: str | None = Field(
        default=None,
        description="`recognised` and `held`: by which the decision can be explained.",
        examples=[REQUEST_EXAMPLE],
    )
    first_seen_at: datetime | None = Field(default=None, description="`left`: since when.", examples=[None])
    last_seen_at: datetime | None = Field(default=None, description="`left`: until when.", examples=[None])
    seconds: float | None = Field(default=None, description="`left`: for how long.", examples=[None])
    source: str | None = Field(default=None, description="`started`: what is watched.", examples=[None])
    collection_id: str | None = Field(
        default=None, description="`started`: whom faces are compared with.", examples=[None]
    )
    least_similarity: float | None = Field(
        default=None, description=f"`started`: {_SIMILARITY[0].lower()}{_SIMILARITY[1:]}", examples=[None]
    )
    reason: str | None = Field(default=None, description="`interrupted`, `ended`: why.", examples=[None])
    retry_seconds: float | None = Field(
        default=None, description="`interrupted`: until it is tried again.", examples=[None]
    )
    frames: FrameCounts | None = Field(
        default=None, description="`interrupted`, `ended`: how much was looked at.", examples=[None]
    )


class MonitorEvents(Told):
    """Events of a monitor, oldest first."""

    items: tuple[MonitorEvent, ...] = Field(description="The events.")
