"""The languages of the console: catalogues of messages, and how each writes numbers and times."""

from __future__ import annotations

import functools
import io
from datetime import UTC, datetime
from gettext import GNUTranslations, NullTranslations
from importlib import resources
from typing import TYPE_CHECKING

from babel import Locale, negotiate_locale
from babel.dates import format_date, format_timedelta
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent

if TYPE_CHECKING:
    from datetime import date

LANGUAGES = {
    "en": "English",
    "de": "Deutsch",
    "es": "Español",
    "fr": "Français",
    "hi": "हिन्दी",
    "zh": "中文",
}
"""By code, what speakers call their language. Messages in the code are English."""

_MOST_CHARACTERS_NEGOTIATED = 200


class Language:
    """What a page in one language needs.

    Attributes:
        code: one of `LANGUAGES`, which also is what HTML's ``lang`` says.
        translations: the messages.
    """

    def __init__(self, code: str) -> None:
        self.code = code
        self.translations = _catalogue(code)
        # The English of the messages is British, and most of the world puts the day before the month.
        self._locale = Locale("en", "GB") if code == "en" else Locale(code)

    def say(self, message: str, **values: object) -> str:
        """Return a message in this language, with ``%(name)s`` replaced."""
        told = self.translations.gettext(message)
        return told % values if values else told

    def number(self, value: float, digits: int = 0) -> str:
        """Return a number, rounded to so many decimal digits, as 12,345.6 in English."""
        rounded = round(value, digits) + 0  # which makes a zero of -0.0
        return format_decimal(rounded, locale=self._locale, decimal_quantization=False)

    def percent(self, share: float, digits: int = 1) -> str:
        """Return a share from 0 to 1 in percent."""
        rounded = round(share, digits + 2)
        return format_percent(rounded, locale=self._locale, decimal_quantization=False)

    def moment(self, at: datetime) -> str:
        """Return a time in UTC, to the minute."""
        return f"{self.day(at)}, {at.astimezone(UTC):%H:%M} UTC"

    def day(self, at: date) -> str:
        """Return a day; of a time, its day in UTC."""
        if isinstance(at, datetime):
            at = at.astimezone(UTC)
        return format_date(at, "medium", locale=self._locale)

    def ago(self, at: datetime) -> str:
        """Return how long ago something was, or when it will be, in one unit: ``3 minutes ago``."""
        return format_timedelta(at - datetime.now(UTC), add_direction=True, locale=self._locale)

    def bytes(self, count: float) -> str:
        """Return a number of bytes in kB, MB or GB."""
        for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
            if count >= size:
                return f"{self.number(count / size, 1)} {unit}"
        return f"{self.number(count)} B"


@functools.cache
def language(code: str) -> Language:
    """Return one of `LANGUAGES`."""
    return Language(code)


def language_of(chosen: str | None, accepted: str | None) -> Language:
    """Return the language of a request.

    Args:
        chosen: what the reader has chosen, where they have.
        accepted: the request's header ``Accept-Language``.
    """
    if chosen in LANGUAGES:
        return language(chosen)
    wanted = [
        part.partition(";")[0].strip().replace("-", "_")
        for part in (accepted or "")[:_MOST_CHARACTERS_NEGOTIATED].split(",")
    ]
    found = negotiate_locale([each for each in wanted if each], list(LANGUAGES))
    return language(found or "en")


def _catalogue(code: str) -> NullTranslations:
    if code == "en":
        return NullTranslations()
    file = resources.files("countenance.doors.console").joinpath("catalogues", f"{code}.po")
    compiled = io.BytesIO()
    with file.open("rb") as text:
        write_mo(compiled, read_po(text, locale=code))
    compiled.seek(0)
    return GNUTranslations(compiled)
