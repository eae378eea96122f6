"""Pages for people that stand by themselves: templates in which everything is escaped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jinja2 import Template


_SPACES = "\n\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}"
"""What many languages write within numbers; Python does not take them to be printable."""


def visible(text: str) -> str:
    """Return text in which characters that cannot be seen are replaced: some make a name read as another."""
    return "".join(
        character if character.isprintable() or character in _SPACES else "\N{REPLACEMENT CHARACTER}"
        for character in text
    )


def page_template(
    name: str, visible: Callable[[str], str], filters: Mapping[str, Callable[..., Any]] | None = None
) -> Template:
    """Return a template of `doors/templates`.

    Args:
        name: the file's.
        visible: makes text of which every character can be seen: some could make a name read as another.
            What is markup already is left as it is.
        filters: what the template may call besides, by name.
    """

    def shown(given: object) -> object:
        return visible(given) if type(given) is str else given

    environment = Environment(
        loader=PackageLoader("countenance.doors"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(filters or {})
    return environment.get_template(name)
