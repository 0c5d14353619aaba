"""Who reads and writes rows of the roster."""

from django.db import models

from amparo.foundation.core import row_security

STAFF = ("hotline/operator", "hotline/supervisor")  # roles that answer, and read the roster
SUPERVISOR = "hotline/supervisor"
PLANS_CAMPAIGNS = "hotline/campaign_officer"  # compares the calls that a campaign may bring with the plan


class OwnOrSupervisor(row_security.RowPolicy):
    """The person of a row and supervisors read it; that person writes it, and with `supervisor_writes` supervisors too.

    `column`: the column with the id of the person.
    """

    def __init__(self, column: str = "user_id", *, supervisor_writes: bool = False, **processes: str) -> None:
        super().__init__(**processes)
        self.column, self.supervisor_writes = column, supervisor_writes

    def reads(self, model: type[models.Model]) -> str:
        return f"({self._is_own} or (select acting.role()) = '{SUPERVISOR}')"

    def writes(self, model: type[models.Model]) -> str:
        return self.reads(model) if self.supervisor_writes else self._is_own

    @property
    def _is_own(self) -> str:
        return f"{self.column} = (select acting.user_id())"


class OfTheShift(row_security.RowPolicy):
    """The person of the row's shift and supervisors read the row; supervisors write it. Colleagues do not see it."""

    def reads(self, model: type[models.Model]) -> str:
        own = f"s.id = {model._meta.db_table}.shift_id and s.user_id = (select acting.user_id())"
        return f"({self.writes(model)} or exists (select from roster_shift s where {own}{row_security.EACH}))"

    def writes(self, model: type[models.Model]) -> str:
        return f"(select acting.role()) = '{SUPERVISOR}'"
