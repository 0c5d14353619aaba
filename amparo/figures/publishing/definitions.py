"""The words beside each published number: unit, population, who counts, and what the number does not mean."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise, lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from amparo.care.cases.picklists import Closing
from amparo.care.people.picklists import Age, Gender
from amparo.figures.snapshot.tables import (
    ABROAD,
    IN_TIME,
    LATE,
    MONTHS,
    NEIGHBOURS,
    NOT_SAID,
    SEVERAL,
    TO,
    Table,
    routes,
)
from amparo.foundation.places import countries, outline
from amparo.line.contacts.picklists import Channel, Type


@dataclass(frozen=True)
class Definition:
    title: Promise
    unit: Promise  # what counts as one
    population: Promise  # out of which set
    counted_by: Promise
    beware: Promise  # what the number does not mean
    cells: Mapping[str, str | Promise]  # labels, in reading order
    by: str | Promise = ""  # divided by what, at the analyst's desk; blank: by months, which is a breakdown in time


CONTACT = {
    "unit": _("One conversation, by telephone or in writing. Who calls twice is counted twice."),
    "population": _("Those in which somebody told or asked something. Not counted: silent ones, pranks, tests."),
    "counted_by": _("The hotline, when a conversation is over."),
}
PERSON = {
    "unit": _("One person at risk in a case. Who is in two cases, not known to be the same person, is counted twice."),
    "population": _("Persons at risk in the cases that were opened in these months."),
    "counted_by": _("The hotline, from what the teams of the cases wrote."),
}
PLACES: dict[str, str | Promise] = {
    **{it.ubigeo: it.name for it in outline.outlines()},
    **{code: lazy(countries.named, str)(code) for code in NEIGHBOURS},
    ABROAD: _("another country"),
}
OF_THE_QUARTER = dict(zip(MONTHS, (_("First month"), _("Second month"), _("Third month")), strict=True))
OF = {
    Table.BY_DEPARTMENT: Definition(
        title=_("Where they contact us from"),
        by=_("by department"),
        beware=_("Few may mean that nobody knows the line there. It never says how much trafficking there is."),
        cells={it.ubigeo: it.name for it in outline.outlines()} | {NOT_SAID: _("Place not said")},
        **CONTACT,
    ),
    Table.BY_TYPE: Definition(
        title=_("What they contact us for"),
        by=_("by what they are about"),
        beware=_("It says what the conversation was about, not what was proved."),
        cells={it.value: it.label for it in Type if it.value in Table.BY_TYPE.cells},
        **CONTACT,
    ),
    Table.BY_CHANNEL: Definition(
        title=_("How they contact us"),
        by=_("by channel"),
        beware=_("A way that is new begins with few."),
        cells={it.value: it.label for it in Channel},
        **CONTACT,
    ),
    Table.BY_MONTH: Definition(
        title=_("When they contact us"),
        beware=_("A month with a campaign has more. Months differ in length."),
        cells=OF_THE_QUARTER,
        **CONTACT,
    ),
    Table.REPORTS: Definition(
        title=_("Police reports decided within 72 hours"),
        by=_("by whether they were decided within 72 hours"),
        unit=_("One report that the line sent to a unit of the police or of the prosecutors."),
        population=_("All that were sent in these months, but those that were called back from the wrong unit."),
        counted_by=_("The hotline, from what each unit answered."),
        beware=_("“Decided” means that the unit said what it does. It does not say that somebody was found."),
        cells={IN_TIME: _("Decided within 72 hours"), LATE: _("Later, or not yet")},
    ),
    Table.PERSONS_BY_AGE: Definition(
        title=_("Persons in new cases, by age"),
        by=_("by age"),
        beware=_("Age when the events happened, not today. It says who reached the line, not who is trafficked."),
        cells={it.value: it.label for it in Age},
        **PERSON,
    ),
    Table.PERSONS_BY_GENDER: Definition(
        title=_("Persons in new cases, by gender"),
        by=_("by gender"),
        beware=_("Campaigns speak to some more than to others: a difference may be one of who is reached."),
        cells={it.value: it.label for it in Gender},
        **PERSON,
    ),
    Table.PERSONS_BY_MONTH: Definition(
        title=_("Persons in new cases, by month"),
        beware=_("The month in which the case was opened, not the one in which the events happened."),
        cells=OF_THE_QUARTER,
        **PERSON,
    ),
    Table.ROUTES: Definition(
        title=_("From where to where"),
        by=_("by origin and destination"),
        beware=_("Arrows join the middles of departments and are no roads. Routes under ten people are not shown."),
        cells={NOT_SAID: _("Place not said, or wholly abroad")}
        | {cell: format_lazy("{} → {}", *(PLACES[end] for end in cell.split(TO))) for cell in routes()},
        **PERSON,
    ),
    Table.TRANSIT: Definition(
        title=_("Through where"),
        by=_("by transit"),
        beware=_("Few teams ask about the places between. “Not said” does not mean a direct way."),
        cells={**PLACES, SEVERAL: _("through several places"), NOT_SAID: _("Place not said")},
        **PERSON,
    ),
    Table.CLOSED: Definition(
        title=_("How cases ended"),
        by=_("by how they ended"),
        unit=_("One case."),
        population=_("Cases that were closed in these months, whenever they were opened."),
        counted_by=_("The hotline, from the reason that the team gave."),
        beware=_("A closed case is no solved crime, and no reason is a verdict on a person."),
        cells={it.value: it.label for it in Closing},
    ),
}
