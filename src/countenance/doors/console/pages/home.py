"""The first page: what is held, what is due, what waits for people, and whether all is well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countenance.doors.console import charts
from countenance.doors.console.routing import page
from countenance.operations.overview.show_overview import show_overview

if TYPE_CHECKING:
    from starlette.responses import Response

    from countenance.doors.console.visit import Visit

_DAY = "day"


async def show_home(visit: Visit) -> Response:
    """Show how things stand, or only where to go where the key may not know more."""
    if not visit.may("show_overview"):
        return visit.page("home/home.html", overview=None)
    overview = await visit.do(lambda act: show_overview(visit.desk.overview, act))
    traffic, over_day = visit.desk.metrics.traffic, visit.query.get("traffic") == _DAY
    periods = traffic.last_day() if over_day else traffic.last_hour()
    return visit.page(
        "home/home.html",
        overview=overview,
        periods=periods,
        over_day=over_day,
        counts_since=traffic.started_at,
        requests=sum(each.requests for each in periods),
        failed=sum(each.failed for each in periods),
        requests_chart=charts.requests_chart(periods),
        latency_chart=charts.latency_chart(periods),
        frame=charts,
    )


ROUTES = (page("/", show_home),)
