"""The columns of the plan's two sheets: the heads, how a cell is read, and how a value is shown."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from amparo.foundation.access.models import Agency
from amparo.foundation.core.dates import DAYS, FIRST_YEAR, LAST_YEAR
from amparo.foundation.core.picklists import Picklist
from amparo.programme.campaigns.picklists import Currency

from .models import Node
from .picklists import Frequency, NodeKind, PublishedMeasure

LONGEST_NAME = 120  # of a co-responsible body
AMOUNT = re.compile(r"\d{1,12}([.,]\d{1,2})?", re.ASCII)


@dataclass(frozen=True)
class Column:
    """A column of a sheet. `read` turns a cell into a value, or raises `ValueError` with a sentence for the user."""

    name: str
    label: str | Promise
    read: Callable[[Any], Any]
    show: Callable[[Any], Any] = lambda value: value
    may_be_missing: bool = False  # files that were exported before it was added do not have it

    @property
    def is_day(self) -> bool:
        return self.read is _read_day

    @property
    def accepted_heads(self) -> set[str]:
        """The texts that its first cell may have, in small letters: its label in any language, or its name."""
        found = {self.name}
        for code, _language in settings.LANGUAGES:
            with override(code):
                found.add(str(self.label).casefold())
        return found


def _text_reader(longest: int, *, required: bool = True) -> Callable[[Any], str]:
    """Return a reader for a text of at most `longest` characters."""

    def read(cell: Any) -> str:
        text = f"{cell:g}" if isinstance(cell, float) else str("" if cell is None else cell)
        text = text.strip()
        if required and not text:
            raise ValueError(_("It is empty."))
        if len(text) > longest:
            raise ValueError(_("It is too long: at most %d letters.") % longest)
        return text

    return read


def _number_reader(*, required: bool) -> Callable[[Any], float | None]:
    def read(cell: Any) -> float | None:
        if cell is None or cell == "":
            if required:
                raise ValueError(_("It is empty."))
            return None
        try:
            value = float(str(cell).replace(",", ".")) if not isinstance(cell, bool) else float("nan")
        except ValueError:
            value = float("nan")
        if not -1e15 < value < 1e15:
            raise ValueError(_("It is no number."))
        return value

    return read


def _read_amount(cell: Any) -> Decimal | None:
    """Read an amount of money. The text 12.500 is refused, because it may mean twelve thousand."""
    typed = str("" if cell is None else cell).strip()
    if not typed:
        return None
    if isinstance(cell, float) and round(cell, 2) != cell:
        raise ValueError(_("An amount has at most two decimals."))
    if not AMOUNT.fullmatch(typed):
        raise ValueError(_("Write an amount without separators of thousands, such as 12500.50."))
    return Decimal(typed.replace(",", "."))


def _read_currency(cell: Any) -> str:
    return _choice_reader(Currency)(cell) if str("" if cell is None else cell).strip() else ""


def _read_day(cell: Any) -> date:
    if isinstance(cell, datetime):
        cell = cell.date().isoformat()
    for form in DAYS:
        try:
            day = datetime.strptime(str(cell).strip(), form).date()  # a day has no zone
        except ValueError:
            continue
        if FIRST_YEAR <= day.year <= LAST_YEAR:
            return day
    raise ValueError(_("Write a day, such as 31/12/2026."))


def _read_measure(cell: Any) -> str:
    return _choice_reader(PublishedMeasure)(cell) if str("" if cell is None else cell).strip() else ""


def _label_of_measure(value: str) -> str:
    return _label_in(PublishedMeasure)(value) if value else ""


def _choice_reader(words: type[Picklist]) -> Callable[[Any], str]:
    """Return a reader for cells of a picklist: it accepts a label in any language, or the code word."""

    def read(cell: Any) -> str:
        typed = str("" if cell is None else cell).strip().casefold()
        for code, _name in settings.LANGUAGES:
            with override(code):
                for word in words:
                    if typed in (str(word.label).casefold(), word.value.casefold()):
                        return word.value
        raise ValueError(_("Choose one of the list: %(words)s.") % {"words": ", ".join(str(w.label) for w in words)})

    return read


def _read_agency(cell: Any) -> Agency:
    name = str("" if cell is None else cell).strip()
    found = Agency.objects.filter(name__iexact=name).first()
    if found is None:
        raise ValueError(_("No institution is called “%(name)s”.") % {"name": name[:60]})
    return found


def read_names(cell: Any) -> list[str]:
    """Return names that are separated by semicolons. Raises `ValueError` with a sentence."""
    name = _text_reader(LONGEST_NAME)
    return [name(part) for part in str("" if cell is None else cell).split(";") if part.strip()]


def _number_of(node: Node | None) -> str:
    return node.number if node else ""


def _label_in(words: type[Picklist]) -> Callable[[Any], str]:
    """Return a function that gives the label of a code word of a picklist."""
    return lambda value: str(words(value).label)


NODES = (
    Column("kind", gettext_lazy("Kind"), _choice_reader(NodeKind), _label_in(NodeKind)),
    Column("number", gettext_lazy("Number"), _text_reader(20)),
    Column("parent", gettext_lazy("Below"), _text_reader(20, required=False), _number_of),
    Column("text", gettext_lazy("Text"), _text_reader(500)),
)
INDICATORS = (
    Column("node", gettext_lazy("Line"), _text_reader(20), _number_of),
    Column("number", gettext_lazy("Number"), _text_reader(24)),
    Column("text", gettext_lazy("What is measured"), _text_reader(500)),
    Column("unit", gettext_lazy("Unit of measurement"), _text_reader(60)),
    Column("baseline", gettext_lazy("Baseline"), _number_reader(required=False)),
    Column("baseline_on", gettext_lazy("Day of the baseline"), _read_day),
    Column("target", gettext_lazy("Target"), _number_reader(required=True)),
    Column("due_on", gettext_lazy("Due on"), _read_day),
    Column("verification", gettext_lazy("Means of verification"), _text_reader(200, required=False)),
    Column("frequency", gettext_lazy("How often"), _choice_reader(Frequency), _label_in(Frequency)),
    Column("responsible", gettext_lazy("The one responsible body"), _read_agency, str),
    Column("co_responsible", gettext_lazy("Co-responsible, separated by ;"), read_names, "; ".join),
    Column("budget", gettext_lazy("Budget and its source"), _text_reader(200, required=False)),
    Column("budget_amount", gettext_lazy("Amount of the budget"), _read_amount, may_be_missing=True),
    Column("budget_currency", gettext_lazy("Currency of the budget"), _read_currency, may_be_missing=True),
    Column("measure", gettext_lazy("Published figure, if it fills itself"), _read_measure, _label_of_measure),
)
