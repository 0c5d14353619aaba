"""The populations that several tables divide, in the words that stand beside their numbers."""

from typing import TypedDict

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Population(TypedDict):
    """What all tables of one population have in common."""

    unit: Promise
    population: Promise
    counted_by: Promise


CONTACT: Population = {
    "unit": _("One conversation, by telephone or in writing. Who calls twice is counted twice."),
    "population": _("Those in which somebody told or asked something. Not counted: silent ones, pranks, tests."),
    "counted_by": _("The hotline, when a conversation is over."),
}
PERSON: Population = {
    "unit": _("One person at risk in a case. Who is in two cases, not known to be the same person, is counted twice."),
    "population": _("Persons at risk in the cases that were opened in these months."),
    "counted_by": _("The hotline, from what the teams of the cases wrote."),
}
VICTIM: Population = {
    "unit": _("One person whom a competent body recognised as a victim of trafficking. The hotline never decides it."),
    "population": _(
        "Persons of our cases whom the police, the prosecution, a court or another authority first recognised on a day"
        " of these months, and of whom no later decision says otherwise."
    ),
    "counted_by": _("The hotline, from the decisions that the teams of the cases wrote down."),
}
RATE = _(
    "Numerator of SDG indicator 16.2.2. The rate per 100,000 inhabitants is missing: it needs population figures with a"
    " source and a licence. It says who reached the line, not how many victims the country has."
)
SIGNED = _(
    "Several are possible, so the parts may add up to more than all. Only what the newest signed assessment answers"
    " with yes; who has none is in no part."
)
