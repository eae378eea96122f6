"""What FastAPI's routes need to know of requests that `door` has admitted: who asks, and what."""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.routing import APIRoute

from countenance.doors.desk import Call


async def _call(http: Request) -> Call:
    call: Call = http.scope["countenance.call"]
    return call


TheCall = Annotated[Call, Depends(_call)]
"""How a route asks for the call that it answers."""


def new_router(tag: str) -> APIRouter:
    """Return a router for routes of a subject."""
    return APIRouter(tags=[tag], route_class=_AdmittedRoute)


class _AdmittedRoute(APIRoute):
    """A route whose requests' JSON was read already, by a worker: reading megabytes would halt all others."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        answer = super().get_route_handler()

        async def answer_admitted(http: Request) -> Response:
            return await answer(_AdmittedRequest(http.scope, http.receive))

        return answer_admitted


class _AdmittedRequest(Request):
    async def json(self) -> Any:
        return self.scope["countenance.document"]
