"""The FastAPI application of `/v1`: its routers, what it says of errors, and its description."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from countenance.doors.rest import (
    accuracy,
    collections,
    consents,
    evidence,
    groups,
    holds,
    imports,
    jobs,
    keys,
    monitors,
    moratoria,
    reports,
    reviews,
    searches,
    subjects,
    templates,
)
from countenance.doors.rest.description import describe, operation_name
from countenance.doors.rest.door import PREFIX
from countenance.doors.rest.problems import invalid
from countenance.errors import CountenanceError

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from countenance.doors.rest.door import Exchange

ROUTERS = tuple(
    each.router
    for each in (
        collections,
        groups,
        consents,
        holds,
        moratoria,
        reviews,
        accuracy,
        subjects,
        reports,
        evidence,
        templates,
        searches,
        imports,
        jobs,
        monitors,
        keys,
    )
)


def rest_app() -> FastAPI:
    """Return the routes without the rooms behind them."""
    app = FastAPI(
        openapi_url=None,  # `describe` shows it, and there are no pages that load scripts from elsewhere
        redirect_slashes=False,
        generate_unique_id_function=operation_name,
    )
    for router in ROUTERS:
        app.include_router(router, prefix=PREFIX)
    for kind in (CountenanceError, RequestValidationError, HTTPException, Exception):
        app.add_exception_handler(kind, _refuse)
    describe(app)
    return app


async def _refuse(http: Request, error: Exception) -> Response:
    exchange: Exchange = http.scope["countenance.exchange"]
    if isinstance(error, RequestValidationError):
        return exchange.response(invalid(error.errors()))
    if isinstance(error, HTTPException) and error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        # Starlette names the methods of the first route alone.
        error.headers = {"allow": _allowed(http.scope["path"])}
    return exchange.response(error)


def _allowed(path: str) -> str:
    matching = [
        route.methods or ()
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute) and route.path_regex.match(path.removeprefix(PREFIX))
    ]
    return ", ".join(sorted({method for methods in matching for method in methods}))
