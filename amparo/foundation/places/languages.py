"""The languages of Peru by code, kept in memory: ISO 639-1 if there is one, otherwise ISO 639-3."""

import functools
import json

from django.utils.translation import get_language

from .places import DATA

SPOKEN_MOST = ("es", "qu", "ay", "en")  # offered first; the rest by name
FOREIGN = {"en": {"name_es": "inglés", "name_en": "English"}}


def language_name(code: str) -> str:
    """Return a language's name in the language of the screen; blank for an unknown code."""
    known = _languages().get(code)
    return known["name_en" if get_language() == "en" else "name_es"] if known else ""


def language_codes() -> list[str]:
    """Return the codes of the languages: the most spoken first, then by Spanish name."""
    others = sorted(_languages().keys() - set(SPOKEN_MOST), key=lambda code: _languages()[code]["name_es"])
    return [*SPOKEN_MOST, *others]


def language_choices() -> list[tuple[str, str]]:
    return [(code, language_name(code)) for code in language_codes()]


@functools.cache
def _languages() -> dict[str, dict[str, str]]:
    rows = json.loads((DATA / "languages_pe.json").read_text(encoding="utf-8"))["languages"]
    return {row["iso639_1"] or row["key"]: row for row in rows} | FOREIGN
