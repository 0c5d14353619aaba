"""The counted tables and their cells. The first cells of each list are hidden first (figures/protection)."""

from amparo.foundation.core.picklists import Picklist
from amparo.foundation.places import outline
from amparo.line.contacts.picklists import SUBSTANTIVE, Channel, Type

NOT_SAID = "not_said"  # also for a place code that does not exist
IN_TIME, LATE = "in_time", "late"


class Table(Picklist):
    """Each table divides one population once. The first three divide the same one: contacts."""

    BY_DEPARTMENT = "contacts_by_department"
    BY_TYPE = "contacts_by_type"
    BY_CHANNEL = "contacts_by_channel"
    REPORTS = "reports_by_answer"

    @property
    def cells(self) -> tuple[str, ...]:
        return {
            Table.BY_DEPARTMENT: (NOT_SAID, *sorted(shape.ubigeo for shape in outline.outlines())),
            Table.BY_TYPE: tuple(type.value for type in reversed(Type) if type in SUBSTANTIVE),
            Table.BY_CHANNEL: tuple(channel.value for channel in reversed(Channel)),
            Table.REPORTS: (LATE, IN_TIME),
        }[self]
