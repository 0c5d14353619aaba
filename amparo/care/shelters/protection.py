"""Who may see the rows of houses and placements, where the gate's own rules do not say it (foundation/core/gate.py)."""

from django.db import models

from amparo.foundation.access.models import Kind, Role
from amparo.foundation.access.permissions import CASE_WORK
from amparo.foundation.core import row_security

OFFICER = f"{Kind.HOTLINE}/{Role.PLACEMENT_OFFICER}"
LINE = (*(f"{Kind.HOTLINE}/{role}" for role in CASE_WORK), OFFICER)  # who looks for beds
HOUSE_STAFF = f"{Kind.SHELTER}/{Role.SHELTER_STAFF}"


class OfHouse(row_security.ByRole):
    """Whoever looks for beds, and the staff of the agency that runs the house; placement officers add."""

    def reads(self, model: type[models.Model]) -> str:
        own = f"agency_id = (select acting.agency_id()) and (select acting.role()) = '{HOUSE_STAFF}'"
        return f"{super().reads(model)} or {own}"

    def adds(self, model: type[models.Model]) -> str:
        return row_security.ByRole(OFFICER).reads(model)


class Unseen(row_security.RowPolicy):
    """Nobody reads or changes it, whatever they hold; placement officers add. One function shows a row, and says so."""

    def reads(self, model: type[models.Model]) -> str:
        return "false"

    def adds(self, model: type[models.Model]) -> str:
        return row_security.ByRole(OFFICER).reads(model)


class InOwnName(row_security.ByKey):
    """Whoever holds the row's data key; each adds what they say themselves, in the role that they act in."""

    def writes(self, model: type[models.Model]) -> str:
        own = "by_id = (select acting.user_id()) and as_role = (select acting.role())"
        return f"{own} and {self.reads(model)}"
