"""Where every page of the console is, on a server that is filled; what is new here is new in its routes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from console.filled import ARCHIVE, CASES, COLLINS, DOORS, HOPPER
from countenance.doors.console.application import ROUTES
from countenance.doors.console.assets import assets
from countenance.doors.console.routing import OpenRoute

if TYPE_CHECKING:
    from collections.abc import Mapping

    from countenance.doors.console.routing import PageRoute

_PARAMETER = re.compile(r"\{(\w+)(?::\w+)?\}")

# What a page is asked for besides its path; pages with several answers stand there once for each.
_QUERIES: dict[str, tuple[dict[str, str], ...]] = {
    "/collections/{collection_id}/faces": ({}, {"user": COLLINS}),
    "/collections/{collection_id}/enrol": ({"external_id": COLLINS},),
    "/people": ({}, {"name": "e"}, {"name": "nobody-at-all"}),
    "/people/person": ({"subject": COLLINS}, {"subject": HOPPER}, {"subject": "nobody-at-all"}),
    "/people/found": ({"subject": COLLINS},),
    "/people/erase": ({"subject": COLLINS}, {"subject": HOPPER}),
    "/people/report": ({"subject": COLLINS},),
    "/people/new-consent": ({"subject": COLLINS, "purpose": "access-control"},),
    "/reviews": ({}, {"state": "open"}, {"state": "confirmed"}, {"state": "rejected"}),
    "/govern/holds": ({"subject": COLLINS}, {"released": "yes"}),
    "/ledger": ({}, {"operation": "index_faces"}, {"outcome": "NotPermitted"}),
    "/ledger/consistency.json": ({"size": "1"},),
    "/sign-in": ({"done": "ended"}, {"then": "/collections"}),
}
_COLLECTIONS = {"/collections/{collection_id}": (DOORS, CASES, ARCHIVE)}


@dataclass(frozen=True, slots=True)
class Where:
    """A page of a filled server: its route's path, and its own under the server's address."""

    route: str
    path: str


def forms() -> list[PageRoute | OpenRoute]:
    """Return the routes that forms are sent to."""
    return [route for route in ROUTES if "POST" in route.methods]


def pages(ids: Mapping[str, str]) -> list[Where]:
    """Return every page that can be looked at, each of its routes at least once."""
    return [
        Where(route.path, path)
        for route in ROUTES
        if "GET" in route.methods
        for path in _paths(route.path, ids)
    ]


def pages_for_those_who_signed_in(ids: Mapping[str, str]) -> list[Where]:
    """Return the pages that strangers do not see."""
    is_open = {route.path for route in ROUTES if isinstance(route, OpenRoute)}
    return [where for where in pages(ids) if where.route not in is_open]


def filled_in(path: str, ids: Mapping[str, str]) -> str:
    """Return a route's path under the server's address, its parameters replaced."""
    known = {"version": assets().version, "name": "console.css", "kind": "processing", **ids}
    if path.startswith("/videos/"):
        known["job_id"] = known["faces_job_id" if path.endswith("/faces") else "people_job_id"]
    return "/console" + _PARAMETER.sub(lambda found: quote(known[found[1]], safe=""), path)


def _paths(route: str, ids: Mapping[str, str]) -> list[str]:
    bases = [
        filled_in(route, {**ids, "collection_id": collection_id})
        for collection_id in _COLLECTIONS.get(route, (ids["collection_id"],))
    ]
    return [
        f"{base}?{urlencode(query)}" if query else base
        for base in bases
        for query in _QUERIES.get(route, ({},))
    ]
