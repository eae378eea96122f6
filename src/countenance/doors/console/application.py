"""All pages of the console; `navigation` says where readers find them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countenance.doors.console.pages import (
    collection_policy,
    collection_search,
    collections,
    consents,
    enrol,
    erasing,
    evaluations,
    faces,
    holds,
    home,
    imports,
    jobs,
    keys,
    ledger,
    measure,
    moratoria,
    people,
    reports,
    reviews,
    sign_in,
    trying,
    users,
    videos,
)

if TYPE_CHECKING:
    from countenance.doors.console.routing import OpenRoute, PageRoute

PAGES = (
    sign_in,
    home,
    reviews,
    people,
    consents,
    erasing,
    moratoria,
    holds,
    keys,
    reports,
    collections,
    collection_policy,
    collection_search,
    enrol,
    faces,
    users,
    trying,
    jobs,
    imports,
    videos,
    measure,
    evaluations,
    ledger,
)

ROUTES: tuple[PageRoute | OpenRoute, ...] = tuple(route for each in PAGES for route in each.ROUTES)
