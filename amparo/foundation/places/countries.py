"""The countries of the world by ISO 3166-1 alpha-2 code, kept in memory."""

import csv
import functools

from django.utils.translation import get_language

from .places import DATA

NEAREST = ("PE", "BO", "BR", "CL", "CO", "EC", "VE", "AR")  # offered first; the rest by name


def country_name(code: str) -> str:
    """Return a country's name in the language of the screen; blank for an unknown code."""
    known = _countries().get(code)
    return known["name_en" if get_language() == "en" else "name_es"] if known else ""


def country_choices() -> list[tuple[str, str]]:
    """Return the choices of a form field: none, Peru and its neighbours, then the other countries by name."""
    others = sorted(_countries().keys() - set(NEAREST), key=country_name)
    return [("", "—"), *((code, country_name(code)) for code in (*NEAREST, *others))]


@functools.cache
def _countries() -> dict[str, dict[str, str]]:
    with (DATA / "countries.csv").open(encoding="utf-8", newline="") as rows:
        return {row["alpha_2"]: row for row in csv.DictReader(rows)}
