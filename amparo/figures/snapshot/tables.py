"""The counted tables: what each divides, into which cells, and the words that stand beside each number.

`snapshot_take` (sql/functions.sql) counts them. All else follows from what stands here: what is hidden, the pages, the
files, the analyst's desk.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise, lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from amparo.care.cases.picklists import Closing, EventKind
from amparo.care.people.picklists import Age, Gender
from amparo.care.screening.picklists import Act, Means, Purpose
from amparo.foundation.core.picklists import Picklist
from amparo.foundation.places import countries, outline
from amparo.line.contacts.picklists import SUBSTANTIVE, Channel, Type

from .picklists import (
    ABROAD,
    DEPARTMENTS,
    IN_TIME,
    LATE,
    MONTHS,
    NATIONALITIES,
    NEIGHBOURS,
    NOT_SAID,
    OF_THE_QUARTER,
    PLACES,
    SEVERAL,
    TO,
    ExploitationForm,
    MeansOfControl,
    route_cells,
)
from .populations import CONTACT, PERSON, RATE, SIGNED, VICTIM

BY = "_by_"  # in a table's name, between its population and what divides it


class Table(Picklist):
    """The tables that are counted. A table divides one population (persons, contacts, reports, events or cases) into
    cells, and each member is in one of them.

    If a table `allows_several_cells`, a person may be in several cells, or in none. New cases are not counted as a
    population of their own: with the number of persons in them, readers could compute a small difference.
    """

    BY_DEPARTMENT = "contacts_by_department"
    BY_TYPE = "contacts_by_type"
    BY_CHANNEL = "contacts_by_channel"
    BY_MONTH = "contacts_by_month"
    REPORTS = "reports_by_answer"
    PERSONS_BY_AGE = "persons_by_age"
    PERSONS_BY_GENDER = "persons_by_gender"
    PERSONS_BY_NATIONALITY = "persons_by_nationality"
    PERSONS_BY_MONTH = "persons_by_month"
    ROUTES = "persons_by_route"
    TRANSIT = "persons_by_transit"
    PERSONS_BY_ACT = "persons_by_act"
    PERSONS_BY_MEANS = "persons_by_means"
    PERSONS_BY_PURPOSE = "persons_by_purpose"
    PERSONS_BY_CONTROL = "persons_by_control"
    VICTIMS_BY_AGE = "victims_by_age"
    VICTIMS_BY_GENDER = "victims_by_gender"
    VICTIMS_BY_FORM = "victims_by_form"
    EVENTS = "events_by_kind"
    PERPETRATORS = "perpetrators_by_gender"
    CLOSED = "cases_by_closing"

    @property
    def definition(self) -> "Definition":
        return OF[self]

    @property
    def cells(self) -> tuple[str, ...]:
        """The cells in the order in which they are hidden."""
        return self.definition.hidden_first or tuple(reversed([*self.definition.cells]))

    @property
    def population(self) -> str:
        return self.value.split(BY)[0]

    @property
    def dimensions(self) -> tuple[str, ...]:
        """The columns of a snapshot's file by which the table divides."""
        return ("origin", "destination") if self == Table.ROUTES else (self.value.split(BY)[1],)

    @property
    def is_by_month(self) -> bool:
        return self.dimensions == ("month",)

    @property
    def allows_several_cells(self) -> bool:
        """Whether one person may be in several cells, or in none."""
        return self.definition.allows_several_cells

    @property
    def partitions(self) -> tuple[str, ...]:
        """The partitions of the population that are protected one by one, as `Snapshot.partition_counts` takes them.

        "" stands for all cells of the table. Where one person may be in several cells, each cell has its own partition:
        the cell, and everybody else.
        """
        return self.cells if self.allows_several_cells else ("",)


class Crossing(Picklist):
    """Crossed tables: two tables of one population at once. They are always counted, and published for years (decision
    0035).

    All crossings of one population have one table in common. So they never form a circle of tables, from which a hidden
    count could be computed: any counts behind one crossing are compatible with those behind another.
    """

    DEPARTMENT_AND_TYPE = "contacts_by_department_and_type"
    DEPARTMENT_AND_CHANNEL = "contacts_by_department_and_channel"
    AGE_AND_GENDER = "persons_by_age_and_gender"

    @property
    def tables(self) -> tuple[Table, Table]:
        """The table in its rows, and the table in its columns."""
        return {
            Crossing.DEPARTMENT_AND_TYPE: (Table.BY_DEPARTMENT, Table.BY_TYPE),
            Crossing.DEPARTMENT_AND_CHANNEL: (Table.BY_DEPARTMENT, Table.BY_CHANNEL),
            Crossing.AGE_AND_GENDER: (Table.PERSONS_BY_AGE, Table.PERSONS_BY_GENDER),
        }[self]


OF_CONTACTS = tuple(table for table in Table if table.population == "contacts")
BY_MONTHS = tuple(table for table in Table if table.is_by_month)
# Who is in few cells each quarter is counted for a year alone, from its own data (decision 0086).
OF_A_YEAR = tuple(table for table in Table if table.population not in ("contacts", "reports"))


@dataclass(frozen=True)
class Definition:
    title: Promise
    unit: Promise  # what counts as one
    population: Promise  # out of which set
    counted_by: Promise
    caution: Promise  # what the number does not mean
    cells: Mapping[str, str | Promise]  # labels, in reading order
    by: str | Promise = ""  # divided by what, at the analyst's desk; blank: by months, which is a breakdown in time
    hidden_first: tuple[str, ...] = ()  # the order in which cells are hidden; blank: from the last in reading order
    allows_several_cells: bool = False  # of one person
    words: type[Picklist] | None = None  # whose added words count under shipped ones; None: nobody adds one

    @property
    def total_label(self) -> Promise:
        return _("In all, also those in no part") if self.allows_several_cells else _("In all")


OF = {
    Table.BY_DEPARTMENT: Definition(
        title=_("Where they contact us from"),
        by=_("by department"),
        caution=_("Few may mean that nobody knows the line there. It never says how much trafficking there is."),
        cells={it.ubigeo: it.name for it in outline.outlines()} | {NOT_SAID: _("Place not said")},
        hidden_first=(NOT_SAID, *DEPARTMENTS),
        **CONTACT,
    ),
    Table.BY_TYPE: Definition(
        title=_("What they contact us for"),
        by=_("by what they are about"),
        caution=_("It says what the conversation was about, not what was proved."),
        cells={it.value: it.label for it in Type if it in SUBSTANTIVE},
        **CONTACT,
    ),
    Table.BY_CHANNEL: Definition(
        title=_("How they contact us"),
        by=_("by channel"),
        caution=_("A way that is new begins with few."),
        cells={it.value: it.label for it in Channel},
        **CONTACT,
    ),
    Table.BY_MONTH: Definition(
        title=_("When they contact us"),
        caution=_("A month with a campaign has more. Months differ in length."),
        cells=OF_THE_QUARTER,
        hidden_first=MONTHS,
        **CONTACT,
    ),
    Table.REPORTS: Definition(
        title=_("Police reports decided within 72 hours"),
        by=_("by whether they were decided within 72 hours"),
        unit=_("One report that the line sent to a unit of the police or of the prosecutors."),
        population=_("All that were sent in these months, except those whose sending to a wrong unit was cancelled."),
        counted_by=_("The hotline, from what each unit answered."),
        caution=_("“Decided” means that the unit said what it does. It does not say that somebody was found."),
        cells={IN_TIME: _("Decided within 72 hours"), LATE: _("Later, or not yet")},
    ),
    Table.PERSONS_BY_AGE: Definition(
        title=_("Persons in new cases, by age"),
        by=_("by age"),
        caution=_("Age when the events happened, not today. It says who reached the line, not who is trafficked."),
        cells={it.value: it.label for it in Age},
        **PERSON,
    ),
    Table.PERSONS_BY_GENDER: Definition(
        title=_("Persons in new cases, by gender"),
        by=_("by gender"),
        caution=_("Campaigns speak to some more than to others: a difference may be one of who is reached."),
        cells={it.value: it.label for it in Gender},
        **PERSON,
    ),
    Table.PERSONS_BY_NATIONALITY: Definition(
        title=_("Persons in new cases, by nationality"),
        by=_("by nationality"),
        caution=_(
            "As the person says. Who has two, from another program, is under “Not said”. It says nothing of a right to"
            " stay."
        ),
        cells={
            **{code: lazy(countries.country_name, str)(code) for code in NATIONALITIES},
            ABROAD: _("another country"),
            NOT_SAID: _("Not said"),
        },
        hidden_first=(NOT_SAID, ABROAD, *reversed(NATIONALITIES)),
        **PERSON,
    ),
    Table.PERSONS_BY_MONTH: Definition(
        title=_("Persons in new cases, by month"),
        caution=_("The month in which the case was opened, not the one in which the events happened."),
        cells=OF_THE_QUARTER,
        hidden_first=MONTHS,
        **PERSON,
    ),
    Table.ROUTES: Definition(
        title=_("From where to where"),
        by=_("by origin and destination"),
        caution=_("Arrows join the middles of departments and are no roads. Routes under ten people are not shown."),
        cells={NOT_SAID: _("Place not said, or wholly abroad")}
        | {cell: format_lazy("{} → {}", *(PLACES[end] for end in cell.split(TO))) for cell in route_cells()},
        hidden_first=(NOT_SAID, *route_cells()),
        **PERSON,
    ),
    Table.TRANSIT: Definition(
        title=_("Through where"),
        by=_("by transit"),
        caution=_("Few teams ask about the places between. “Not said” does not mean a direct way."),
        cells={**PLACES, SEVERAL: _("through several places"), NOT_SAID: _("Place not said")},
        hidden_first=(NOT_SAID, SEVERAL, ABROAD, *NEIGHBOURS, *DEPARTMENTS),
        **PERSON,
    ),
    Table.PERSONS_BY_ACT: Definition(
        title=_("Persons in new cases, by act"),
        by=_("by act"),
        caution=format_lazy("{} {}", SIGNED, _("The acts of Penal Code art. 129-A; none is proved by it.")),
        cells={it.value: it.label for it in Act},
        allows_several_cells=True,
        **PERSON,
    ),
    Table.PERSONS_BY_MEANS: Definition(
        title=_("Persons in new cases, by means"),
        by=_("by means"),
        caution=format_lazy("{} {}", SIGNED, _("Of a child no means is needed, so few may be asked.")),
        cells={it.value: it.label for it in Means},
        allows_several_cells=True,
        **PERSON,
    ),
    Table.PERSONS_BY_PURPOSE: Definition(
        title=_("Persons in new cases, by purpose of exploitation"),
        by=_("by purpose"),
        caution=format_lazy("{} {}", SIGNED, _("A purpose counts even if no exploitation took place.")),
        cells={it.value: it.label for it in Purpose},
        allows_several_cells=True,
        **PERSON,
    ),
    Table.PERSONS_BY_CONTROL: Definition(
        title=_("Persons in new cases, by means of control"),
        by=_("by means of control"),
        caution=format_lazy("{} {}", SIGNED, _("From the ILO's signs for labour; few ask them of others.")),
        cells={it.value: it.label for it in MeansOfControl},
        allows_several_cells=True,
        **PERSON,
    ),
    Table.VICTIMS_BY_AGE: Definition(
        title=_("Persons recognised as victims, by age"),
        by=_("by age"),
        caution=format_lazy("{} {}", RATE, _("Age when the events happened, not today.")),
        cells={it.value: it.label for it in Age},
        **VICTIM,
    ),
    Table.VICTIMS_BY_GENDER: Definition(
        title=_("Persons recognised as victims, by gender"),
        by=_("by gender"),
        caution=format_lazy("{} {}", RATE, _("The indicator asks for sex; we write down gender.")),
        cells={it.value: it.label for it in Gender},
        **VICTIM,
    ),
    Table.VICTIMS_BY_FORM: Definition(
        title=_("Persons recognised as victims, by form of exploitation"),
        by=_("by form of exploitation"),
        caution=format_lazy("{} {}", RATE, _("The form is that of the newest signed assessment, not of the decision.")),
        cells={it.value: it.label for it in ExploitationForm},
        **VICTIM,
    ),
    Table.EVENTS: Definition(
        title=_("What happened to persons, in closed cases"),
        by=_("by kind"),
        unit=_("One event of one person: recruitment, transit or exploitation. The same kind twice counts once."),
        population=_(
            "Events in cases that were closed in these months, but those taken out as mistakes. A person in two cases,"
            " known to be the same, counts once, with the case into which the other record was merged."
        ),
        counted_by=_("The hotline, from what the teams of the cases wrote."),
        caution=_("Events are not persons: one person may have three. Few teams ask about transit."),
        cells={it.value: it.label for it in EventKind},
    ),
    Table.PERPETRATORS: Definition(
        title=_("Alleged perpetrators in new cases"),
        by=_("by gender"),
        unit=_("One alleged perpetrator in a case. Who is in two cases, not known to be the same, is counted twice."),
        population=_("Alleged perpetrators written down in the cases that were opened in these months."),
        counted_by=_("The hotline, from what the teams of the cases wrote."),
        caution=_("Alleged by the person at risk or a caller. Nobody was convicted by it, and most cases name nobody."),
        cells={it.value: it.label for it in Gender},
    ),
    Table.CLOSED: Definition(
        title=_("How cases ended"),
        by=_("by how they ended"),
        unit=_("One case."),
        population=_("Cases that were closed in these months, whenever they were opened."),
        counted_by=_("The hotline, from the reason that the team gave."),
        caution=_("A closed case is no solved crime, and no reason is a verdict on a person."),
        cells={it.value: it.label for it in Closing},
        words=Closing,
    ),
}
