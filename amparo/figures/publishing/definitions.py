"""The words beside each published number: unit, population, who counts, and what the number does not mean."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from amparo.figures.snapshot.tables import IN_TIME, LATE, NOT_SAID, Table
from amparo.foundation.places import outline
from amparo.line.contacts.picklists import Channel, Type


@dataclass(frozen=True)
class Definition:
    title: Promise
    unit: Promise  # what counts as one
    population: Promise  # out of which set
    counted_by: Promise
    beware: Promise  # what the number does not mean
    cells: dict[str, str | Promise]  # labels, in reading order


CONTACT = {
    "unit": _("One conversation, by telephone or in writing. Who calls twice is counted twice."),
    "population": _("Those in which somebody told or asked something. Not counted: silent ones, pranks, tests."),
    "counted_by": _("The hotline, when a conversation is over."),
}
OF = {
    Table.BY_DEPARTMENT: Definition(
        title=_("Where they contact us from"),
        beware=_("Few may mean that nobody knows the line there. It never says how much trafficking there is."),
        cells={it.ubigeo: it.name for it in outline.outlines()} | {NOT_SAID: _("Place not said")},
        **CONTACT,
    ),
    Table.BY_TYPE: Definition(
        title=_("What they contact us for"),
        beware=_("It says what the conversation was about, not what was proved."),
        cells={it.value: it.label for it in Type if it.value in Table.BY_TYPE.cells},
        **CONTACT,
    ),
    Table.BY_CHANNEL: Definition(
        title=_("How they contact us"),
        beware=_("A way that is new begins with few."),
        cells={it.value: it.label for it in Channel},
        **CONTACT,
    ),
    Table.REPORTS: Definition(
        title=_("Police reports decided within 72 hours"),
        unit=_("One report that the line sent to a unit of the police or of the prosecutors."),
        population=_("All that were sent in these months, but those that were called back from the wrong unit."),
        counted_by=_("The hotline, from what each unit answered."),
        beware=_("“Decided” means that the unit said what it does. It does not say that somebody was found."),
        cells={IN_TIME: _("Decided within 72 hours"), LATE: _("Later, or not yet")},
    ),
}
