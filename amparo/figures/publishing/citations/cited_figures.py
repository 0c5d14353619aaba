"""Numbers that others have published, and why two numbers may or may not be compared.

They are in data/published_figures.csv, in English and Spanish. A new number is a new row, and none is overwritten.
They were read from excerpts: open the source before quoting one in public.
"""

import csv
import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from amparo.figures.publishing.sources import Source

FILE = Path(__file__).parent / "data" / "published_figures.csv"


class Figure(Protocol):
    """A number that somebody published, with all that decides what it may be compared with."""

    @property
    def code(self) -> str: ...
    @property
    def value(self) -> int: ...
    @property
    def subject(self) -> str: ...
    @property
    def unit(self) -> str: ...
    @property
    def period(self) -> str: ...
    @property
    def population(self) -> str: ...
    @property
    def definition(self) -> str: ...
    @property
    def publisher(self) -> str: ...
    @property
    def sources(self) -> tuple[Source, ...]: ...


@dataclass(frozen=True)
class CitedFigure:
    code: str
    value: int
    begins: str  # ISO 8601, as exact as the source: 2019, or 2006-03. Empty: the source does not say
    ends: str
    texts: dict[str, str]  # column -> English, and column_es -> Spanish
    source: str  # address

    def _text(self, column: str) -> str:
        return self.texts[column if get_language() == "en" else f"{column}_es"]

    @property
    def subject(self) -> str:
        return self._text("subject")

    @property
    def unit(self) -> str:
        return self._text("unit")

    @property
    def population(self) -> str:
        return self._text("population")

    @property
    def definition(self) -> str:
        return self._text("definition")

    @property
    def publisher(self) -> str:
        return self._text("publisher")

    @property
    def note(self) -> str:
        return self._text("note")

    @property
    def sources(self) -> tuple[Source, ...]:
        return (Source(self.publisher, self.source),)

    @property
    def period(self) -> str:
        return self.begins if self.begins == self.ends else f"{self.begins or '?'} – {self.ends}"


@dataclass(frozen=True)
class Attribute:
    """One of the things that must be the same before two numbers may be compared."""

    label: Promise
    of: Callable[[Figure], str]
    if_different: Promise


ATTRIBUTES = (
    Attribute(
        _("Unit"), lambda it: it.unit, _("They count different things: a person, a case and a call are not one unit.")
    ),
    Attribute(_("Period"), lambda it: it.period, _("They are about different spans of time.")),
    Attribute(
        _("Population"),
        lambda it: it.population,
        _("They are about different sets. Nobody has said how many are in both: do not add or compare them."),
    ),
    Attribute(_("Definition"), lambda it: it.definition, _("Different words decide what counts.")),
)


@functools.cache
def cited_figures() -> dict[str, CitedFigure]:
    """Return all cited figures by code, in the order of the file."""
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {
        row["id"]: CitedFigure(row["id"], int(row["value"]), row["from"], row["to"], row, row["source"]) for row in rows
    }


def differences(one: Figure, other: Figure) -> list[Attribute]:
    """Return the attributes in which two figures differ. Empty: they may be compared."""
    return [it for it in ATTRIBUTES if it.of(one) != it.of(other)]
