"""The counted tables and their cells. The first cells of each list are hidden first (figures/protection)."""

import functools

from amparo.care.cases.picklists import Closing
from amparo.care.people.picklists import Age, Gender
from amparo.foundation.core.picklists import Picklist
from amparo.foundation.places import outline
from amparo.line.contacts.picklists import SUBSTANTIVE, Channel, Type

NOT_SAID = "not_said"  # also for a place code that does not exist
IN_TIME, LATE = "in_time", "late"
MONTHS = ("first", "second", "third")  # of the quarter
SEVERAL = "several"
NEIGHBOURS = ("EC", "CO", "BR", "BO", "CL")  # ISO 3166-1
ABROAD = "abroad"  # any other country
TO = ">"  # between origin and destination in a cell of `ROUTES`


class Table(Picklist):
    """Each table divides one population once: contacts, reports, persons at risk in new cases, or closed cases.

    New cases are not counted beside the persons in them, because the difference would be a small number.
    """

    BY_DEPARTMENT = "contacts_by_department"
    BY_TYPE = "contacts_by_type"
    BY_CHANNEL = "contacts_by_channel"
    BY_MONTH = "contacts_by_month"
    REPORTS = "reports_by_answer"
    PERSONS_BY_AGE = "persons_by_age"
    PERSONS_BY_GENDER = "persons_by_gender"
    PERSONS_BY_MONTH = "persons_by_month"
    ROUTES = "persons_by_route"
    TRANSIT = "persons_by_transit"
    CLOSED = "cases_by_closing"

    @property
    def cells(self) -> tuple[str, ...]:
        departments = sorted(shape.ubigeo for shape in outline.outlines())
        return {
            Table.BY_DEPARTMENT: (NOT_SAID, *departments),
            Table.BY_TYPE: tuple(type.value for type in reversed(Type) if type in SUBSTANTIVE),
            Table.BY_CHANNEL: tuple(channel.value for channel in reversed(Channel)),
            Table.BY_MONTH: MONTHS,
            Table.REPORTS: (LATE, IN_TIME),
            Table.PERSONS_BY_AGE: (Age.UNKNOWN.value, Age.ADULT.value, Age.CHILD.value),
            Table.PERSONS_BY_GENDER: tuple(gender.value for gender in reversed(Gender)),
            Table.PERSONS_BY_MONTH: MONTHS,
            Table.ROUTES: (NOT_SAID, *routes()),
            Table.TRANSIT: (NOT_SAID, SEVERAL, ABROAD, *NEIGHBOURS, *departments),
            Table.CLOSED: tuple(closing.value for closing in reversed(Closing)),
        }[self]


class Crossing(Picklist):
    """Each divides one population by two tables at once. Counted always, published for a year (decision 0035).

    Those of one population share one table, so that they close no circle: any counts behind one fit those of another.
    """

    DEPARTMENT_AND_TYPE = "contacts_by_department_and_type"
    DEPARTMENT_AND_CHANNEL = "contacts_by_department_and_channel"
    AGE_AND_GENDER = "persons_by_age_and_gender"

    @property
    def tables(self) -> tuple[Table, Table]:
        """The table of its rows, and that of its columns."""
        return {
            Crossing.DEPARTMENT_AND_TYPE: (Table.BY_DEPARTMENT, Table.BY_TYPE),
            Crossing.DEPARTMENT_AND_CHANNEL: (Table.BY_DEPARTMENT, Table.BY_CHANNEL),
            Crossing.AGE_AND_GENDER: (Table.PERSONS_BY_AGE, Table.PERSONS_BY_GENDER),
        }[self]


OF_CONTACTS = (Table.BY_DEPARTMENT, Table.BY_TYPE, Table.BY_CHANNEL, Table.BY_MONTH)
BY_MONTHS = (Table.BY_MONTH, Table.PERSONS_BY_MONTH)


@functools.cache
def routes() -> tuple[str, ...]:
    """Every origin and destination of which at least one is in Peru: "15>08", "17>17", "08>BO"."""
    here = sorted(shape.ubigeo for shape in outline.outlines())
    there = (*NEIGHBOURS, ABROAD)
    pairs = [(a, b) for a in (*here, *there) for b in (*here, *there) if a in here or b in here]
    return tuple(f"{a}{TO}{b}" for a, b in pairs)
