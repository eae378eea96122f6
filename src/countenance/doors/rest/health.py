"""``/healthz``, ``/readyz`` and ``/metrics``: they need no signature and tell of nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from countenance.errors import StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from countenance.doors.metrics import Metrics

_log = structlog.get_logger("countenance.health")

_PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"


def health_routes(check_store: Callable[[], None], metrics: Metrics) -> list[Route]:
    """Return the three routes; ``check_store`` raises StoreUnavailable where the database does not answer."""

    async def alive(_: Request) -> Response:
        return JSONResponse({"status": "alive"})

    async def ready(_: Request) -> Response:
        try:
            await run_in_threadpool(check_store)
        except StoreUnavailable as error:
            # The reason may name machines, and whoever asks here has shown no key.
            _log.warning("not ready", reason=str(error))
            return JSONResponse({"status": "not ready"}, status_code=503)
        return JSONResponse({"status": "ready"})

    async def show_metrics(_: Request) -> Response:
        return Response(metrics.text(), media_type=_PROMETHEUS)

    return [Route("/healthz", alive), Route("/readyz", ready), Route("/metrics", show_metrics)]
