"""Row-level security for houses and placements, where the general rules do not cover it
(foundation/core/row_security.py).
"""

from django.db import models

from amparo.foundation.access.models import Kind, Role
from amparo.foundation.access.permissions import CASE_WORK
from amparo.foundation.core import row_security

OFFICER = f"{Kind.HOTLINE}/{Role.PLACEMENT_OFFICER}"
LINE = (*(f"{Kind.HOTLINE}/{role}" for role in CASE_WORK), OFFICER)  # who searches for beds
HOUSE_STAFF = f"{Kind.SHELTER}/{Role.SHELTER_STAFF}"


class HousePolicy(row_security.ByRole):
    """Visible to those who search for beds and to the staff of the agency that runs the house; placement officers
    insert.
    """

    def reads(self, model: type[models.Model]) -> str:
        own = f"agency_id = (select acting.agency_id()) and (select acting.role()) = '{HOUSE_STAFF}'"
        return f"{super().reads(model)} or {own}"

    def adds(self, model: type[models.Model]) -> str:
        return row_security.ByRole(OFFICER).reads(model)


class InsertOnly(row_security.RowPolicy):
    """Nobody may select or update rows, whatever keys they hold; placement officers insert.

    One database function returns a row, and logs it.
    """

    def reads(self, model: type[models.Model]) -> str:
        return "false"

    def adds(self, model: type[models.Model]) -> str:
        return row_security.ByRole(OFFICER).reads(model)


class InOwnName(row_security.ByKey):
    """Visible to holders of the row's data key; each user inserts rows in their own name and current role."""

    def writes(self, model: type[models.Model]) -> str:
        own = "by_id = (select acting.user_id()) and as_role = (select acting.role())"
        return f"{own} and {self.reads(model)}"
