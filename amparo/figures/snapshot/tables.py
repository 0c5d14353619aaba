"""What is counted, and into which cells: the first of each list are hidden first (figures/protection)."""

from amparo.foundation.core.picklists import Picklist
from amparo.foundation.places import outline
from amparo.line.contacts.picklists import SUBSTANTIVE, Channel, Type

NOT_SAID = "not_said"  # or a code that is nowhere
IN_TIME, LATE = "in_time", "late"


class Table(Picklist):
    """One population, divided once. The first three divide the same one."""

    BY_DEPARTMENT = "contacts_by_department"
    BY_TYPE = "contacts_by_type"
    BY_CHANNEL = "contacts_by_channel"
    REPORTS = "reports_by_answer"

    @property
    def cells(self) -> tuple[str, ...]:
        return {
            Table.BY_DEPARTMENT: (NOT_SAID, *sorted(it.ubigeo for it in outline.outlines())),
            Table.BY_TYPE: tuple(it.value for it in reversed(Type) if it in SUBSTANTIVE),
            Table.BY_CHANNEL: tuple(it.value for it in reversed(Channel)),
            Table.REPORTS: (LATE, IN_TIME),
        }[self]
