"""Public holidays of Peru, by the library `holidays`."""

import functools
from collections.abc import Iterable
from datetime import date

from django.utils.translation import get_language

LANGUAGES = {"en": "en_US"}  # what the library calls a language; every other one reads Spanish


def holidays_among(days: Iterable[date]) -> dict[date, str]:
    """The public holidays among these days, with their names in the language of the page."""
    language = LANGUAGES.get(get_language() or "", "es")
    return {day: known[day] for day in days if day in (known := _holidays_of(day.year, language))}


@functools.lru_cache(16)
def _holidays_of(year: int, language: str) -> dict[date, str]:
    import holidays  # late: it brings the calendars of all of Asia, a tenth of what the pages import

    return dict(holidays.country_holidays("PE", years=year, language=language))
