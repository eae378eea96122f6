"""From a template and what it shows to HTML; everything is escaped, in the reader's language."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from countenance.doors.console.assets import assets
from countenance.doors.console.languages import LANGUAGES, language
from countenance.doors.console.navigation import is_here, places_of
from countenance.doors.console.paths import PREFIX, at
from countenance.doors.pages import visible
from countenance.doors.report_pages import FILTERS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from countenance.doors.console.visit import Arrival


def rendered(visit: Arrival, template: str, shown: Mapping[str, Any]) -> str:
    """Return a page of the console."""
    values = {
        "visit": visit,
        "may": visit.may,
        "token": lambda: _token(visit),
        "query": visit.query,
        "done": visit.query.get("done", ""),
        **shown,
    }
    return _environment(visit.language.code).get_template(template).render(values)


@functools.cache
def _environment(code: str) -> Environment:
    spoken = language(code)
    environment = Environment(
        loader=ChoiceLoader([PackageLoader("countenance.doors.console"), PackageLoader("countenance.doors")]),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(spoken.translations, newstyle=True)  # type: ignore[attr-defined]
    environment.filters.update(
        number=spoken.number,
        percent=spoken.percent,
        moment=spoken.moment,
        day=spoken.day,
        ago=spoken.ago,
        bytes=spoken.bytes,
        exact=_exact,
        **FILTERS,
    )
    environment.globals.update(
        asset=_asset, at=_at, languages=LANGUAGES, places_of=places_of, is_here=is_here
    )
    return environment


def _shown(value: object) -> object:
    """Make plain text visible; what is markup already is left as it is."""
    return visible(value) if type(value) is str else value


def _exact(value: str) -> Markup:
    """Return text for a form's field, character by character, so that it comes back as it was."""
    return escape(value)


def _token(visit: Arrival) -> Markup:
    """Return the hidden field that every form that is posted must have."""
    return Markup('<input type="hidden" name="form_token" value="{}">').format(visit.form_token)


def _at(*parts: object, **query: object) -> str:
    return f"{PREFIX}{at(*parts, **query)}"


def _asset(name: str) -> str:
    found = assets()
    if name not in found.by_name:
        raise KeyError(f"there is no asset {name}")
    return f"/console/assets/{found.version}/{name}"
