"""`/v1/monitors`: cameras that the server watches by itself."""

import json
from collections.abc import Iterator
from contextlib import closing
from typing import Annotated, Any

from fastapi import Path, Query
from starlette.responses import StreamingResponse

from countenance.doors.desk import Call
from countenance.doors.rest.calls import TheCall, new_router
from countenance.doors.rest.description import problems
from countenance.doors.rest.models.monitors import (
    MONITOR_EXAMPLE,
    Monitor,
    MonitorEvent,
    MonitorEvents,
    MonitorId,
    MonitorPage,
    NewMonitor,
)
from countenance.doors.rest.paging import ThePaging
from countenance.operations.monitors import look, manage
from countenance.operations.monitors.feed import MOST_EVENTS, NumberedEvent
from countenance.operations.watch_events import event_record

TheMonitorId = Annotated[MonitorId, Path(description="The monitor's id.", examples=[MONITOR_EXAMPLE])]
After = Annotated[
    int | None,
    Query(ge=0, le=2**63 - 1, description="Only events of a greater number; without it, the newest."),
]

router = new_router("monitors")
_NOT_FOUND = problems(_404="There is no such monitor.")
_TOO_MANY = problems(_409="As many run as may.")
_BOUNDARY = "countenance-picture"


@router.post(
    "/monitors", status_code=201, responses=problems(_404="There is no such collection.") | _TOO_MANY
)
async def create_monitor(call: TheCall, new: NewMonitor) -> Monitor:
    """Let the server watch a camera, for the key that asks, until somebody stops it."""
    rooms = call.desk.monitors.rooms
    asked = manage.NewMonitor(**new.model_dump())
    return _shown(call, await call.do(lambda act: manage.create_monitor(rooms, act, asked)))


@router.get("/monitors")
async def list_monitors(call: TheCall, paging: ThePaging) -> MonitorPage:
    """List the monitors of the collections that the key may use, oldest first."""
    belongs_to = {"list": "monitors", "key": call.key.key_id}
    after_key, store = paging.position(belongs_to), call.desk.monitors.rooms.store
    page = await call.do(lambda act: manage.list_monitors(store, act, most=paging.limit, after_key=after_key))
    return paging.listed(MonitorPage, page, belongs_to, lambda monitor: _shown(call, monitor))


@router.get("/monitors/{monitor_id}", responses=_NOT_FOUND)
async def show_monitor(call: TheCall, monitor_id: TheMonitorId) -> Monitor:
    """Show a monitor and what it does."""
    store = call.desk.monitors.rooms.store
    return _shown(call, await call.do(lambda act: manage.show_monitor(store, act, monitor_id)))


@router.post("/monitors/{monitor_id}/start", responses=_NOT_FOUND | _TOO_MANY)
async def start_monitor(call: TheCall, monitor_id: TheMonitorId) -> Monitor:
    """Let the server run a monitor from the next second on, for the key that asks."""
    rooms = call.desk.monitors.rooms
    return _shown(call, await call.do(lambda act: manage.start_monitor(rooms, act, monitor_id)))


@router.post("/monitors/{monitor_id}/stop", responses=_NOT_FOUND)
async def stop_monitor(call: TheCall, monitor_id: TheMonitorId) -> Monitor:
    """Stop a monitor from the next second on."""
    store = call.desk.monitors.rooms.store
    return _shown(call, await call.do(lambda act: manage.stop_monitor(store, act, monitor_id)))


@router.delete("/monitors/{monitor_id}", status_code=204, responses=_NOT_FOUND)
async def delete_monitor(call: TheCall, monitor_id: TheMonitorId) -> None:
    """Stop a monitor and forget it and its events."""
    store = call.desk.monitors.rooms.store
    await call.do(lambda act: manage.delete_monitor(store, act, monitor_id))


@router.get("/monitors/{monitor_id}/events", responses=_NOT_FOUND)
async def list_monitor_events(
    call: TheCall,
    monitor_id: TheMonitorId,
    after: After = None,
    limit: Annotated[int, Query(ge=1, le=MOST_EVENTS, description="How many at most.")] = 100,
) -> MonitorEvents:
    """List the last events of a monitor, oldest first; the newest 500 are kept, in memory."""
    events = await call.do(
        lambda act: look.last_events(call.desk.monitors, act, monitor_id, after=after, most=limit)
    )
    return MonitorEvents(items=tuple(MonitorEvent(**_record(each)) for each in events))


@router.get(
    "/monitors/{monitor_id}/event-stream",
    response_class=StreamingResponse,
    responses=_NOT_FOUND | {200: {"content": {"text/event-stream": {}}}},
)
async def stream_monitor_events(
    call: TheCall, monitor_id: TheMonitorId, after: After = None
) -> StreamingResponse:
    """Send events as they come, as server-sent events whose data is what the list of events shows."""
    looking = await call.do(lambda act: look.look_at_events(call.desk.monitors, act, monitor_id))
    return StreamingResponse(_sent_events(looking, after), media_type="text/event-stream")


@router.get(
    "/monitors/{monitor_id}/preview",
    response_class=StreamingResponse,
    responses=_NOT_FOUND | {200: {"content": {"multipart/x-mixed-replace": {}}}},
)
async def preview_monitor(call: TheCall, monitor_id: TheMonitorId) -> StreamingResponse:
    """Send what a monitor sees, as it sees it, with a frame around each face; it is kept nowhere."""
    looking = await call.do(lambda act: look.look_at_picture(call.desk.monitors, act, monitor_id))
    media_type = f"multipart/x-mixed-replace; boundary={_BOUNDARY}"
    return StreamingResponse(_sent_pictures(looking), media_type=media_type)


def _sent_events(looking: look.Look, after: int | None) -> Iterator[str]:
    yield ": events of a monitor\n\n"
    for events in look.events_as_they_come(looking, after):
        for each in events:
            record = _record(each)
            yield f"id: {each.number}\nevent: {record['event']}\ndata: {json.dumps(record)}\n\n"
        if not events:
            yield ":\n\n"  # so that a client that has gone is noticed


def _sent_pictures(looking: look.Look) -> Iterator[bytes]:
    with closing(look.pictures_as_they_come(looking)) as pictures:
        for jpeg in pictures:
            if jpeg is not None:
                head = f"--{_BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
                yield head.encode() + jpeg + b"\r\n"
            else:
                yield b""
    yield f"--{_BOUNDARY}--\r\n".encode()


def _record(numbered: NumberedEvent) -> dict[str, Any]:
    return {"number": numbered.number} | event_record(numbered.event)


def _shown(call: Call, monitor: manage.Monitor) -> Monitor:
    asked, does = monitor.asked, look.doing(call.desk.monitors, monitor)
    return Monitor(
        monitor_id=monitor.monitor_id,
        name=asked.name,
        source=manage.shown_source(monitor),
        collection_id=asked.collection_id,
        least_similarity=asked.least_similarity,
        webhook=asked.webhook,
        preview=asked.preview,
        state=monitor.state,
        activity=does.activity,
        message=does.message,
        events_not_posted=does.events_not_posted,
        created_by=monitor.created_by,
        created_at=monitor.created_at,
        works_for=monitor.works_for,
        last_event_at=monitor.last_event_at,
    )
