"""Where the console's pages are found: what a key may not use is not shown."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from countenance.doors.console.marking import N_

if TYPE_CHECKING:
    from countenance.doors.console.visit import Arrival


@dataclass(frozen=True, slots=True)
class Place:
    """An entry of the navigation.

    Attributes:
        path: under ``/console``; pages below it belong to it.
        label: what it is called.
        needs: operations any of which shows it; none: everybody's.
        group: under which heading it stands.
        also: other paths whose pages belong to it.
    """

    path: str
    label: str
    needs: tuple[str, ...]
    group: str
    also: tuple[str, ...] = ()


_FACES, _PEOPLE, _ACCOUNT = N_("Faces"), N_("People"), N_("Accountability")

PLACES = (
    Place("/", N_("Home"), (), ""),
    Place("/collections", N_("Collections"), ("list_collections",), _FACES, ("/new-collection",)),
    Place("/try", N_("Try"), ("detect_faces", "compare_faces", "search_faces_by_image"), _FACES),
    Place("/jobs", N_("Jobs"), ("list_jobs",), _FACES, ("/imports", "/videos")),
    Place("/reviews", N_("Reviews"), ("list_reviews",), _PEOPLE),
    Place(
        "/people", N_("People"), ("list_subjects", "show_subject", "list_consents"), _PEOPLE, ("/consents",)
    ),
    Place("/govern", N_("Moratoria and holds"), ("list_moratoria", "list_holds"), _PEOPLE),
    Place("/ledger", N_("Ledger"), ("look_at_ledger", "browse_ledger", "show_receipt"), _ACCOUNT),
    Place("/measure", N_("Measure"), ("list_evaluations", "show_accuracy", "show_model_card"), _ACCOUNT),
    Place(
        "/reports",
        N_("Reports"),
        ("report_processing", "report_retention", "report_accountability"),
        _ACCOUNT,
    ),
    Place("/keys", N_("Access keys"), ("list_keys",), _ACCOUNT, ("/new-key",)),
)


def places_of(visit: Arrival) -> list[tuple[str, list[Place]]]:
    """Return the places that the reader may go to, by heading."""
    shown = [place for place in PLACES if not place.needs or visit.may(*place.needs)]
    return [(heading, list(places)) for heading, places in groupby(shown, key=lambda place: place.group)]


def is_here(visit: Arrival, place: Place) -> bool:
    """Tell whether the page belongs to a place."""
    path = visit.http.scope["path"].removeprefix("/console")
    if place.path == "/":
        return bool(path == "/")
    return any(f"{path}/".startswith(f"{each}/") for each in (place.path, *place.also))
