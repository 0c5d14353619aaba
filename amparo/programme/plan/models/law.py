"""Laws and other legal instruments."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q

from amparo.foundation.access.models import Kind
from amparo.foundation.core import row_security

from ..picklists import LawKind, LawState

COORDINATORS = ("hotline/plan_coordinator", "ministry/plan_coordinator")
RESPONDENTS = tuple(f"{kind}/plan_respondent" for kind in Kind.values)
PUBLIC = "says what the State promised in public"


def _not_before(earlier: str, later: str) -> Q:
    """Return the condition that `later` is not before `earlier`, if both are known."""
    return Q(**{earlier: None}) | Q(**{later: None}) | Q(**{f"{later}__gte": F(earlier)})


class LawQuerySet(models.QuerySet["Law"]):
    def newest_first(self) -> Self:
        return self.order_by(F("published_on").desc(nulls_first=True), "-pk")


class Law(models.Model):
    """A law or another legal instrument. Its state follows from its dates; None: not yet, or no day is known."""

    kind = models.CharField(max_length=12, choices=LawKind.options)
    number = models.CharField(max_length=60, unique=True)  # "Ley 28950"
    title = models.CharField(max_length=300)
    enacted_on = models.DateField(null=True)
    published_on = models.DateField(null=True)
    in_effect_from = models.DateField(null=True)
    regulated_on = models.DateField(null=True)
    repealed_on = models.DateField(null=True)
    note = models.CharField(max_length=300, blank=True)
    version = models.PositiveIntegerField(db_default=0, editable=False)  # core/edit_conflicts.py
    edits = models.JSONField(db_default={}, editable=False)

    objects = LawQuerySet.as_manager()
    protected = row_security.WrittenBy("laws are public", *COORDINATORS, web="select, insert, update")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=_not_before("enacted_on", "published_on") & _not_before("published_on", "in_effect_from")
                & _not_before("in_effect_from", "regulated_on") & _not_before("in_effect_from", "repealed_on")
                & _not_before("enacted_on", "in_effect_from") & _not_before("published_on", "repealed_on"),
                name="the_dates_of_a_law_are_in_order",
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.number

    def state(self, today: date) -> LawState:
        """Return the last step that the law had reached on this day."""
        steps = (
            (LawState.REPEALED, self.repealed_on), (LawState.REGULATED, self.regulated_on),
            (LawState.IN_EFFECT, self.in_effect_from), (LawState.PUBLISHED, self.published_on),
            (LawState.ENACTED, self.enacted_on),
        )  # fmt: skip
        return next((state for state, on in steps if on is not None and on <= today), LawState.BILL)

    def valid_from(self, today: date) -> date | None:
        """Return the day from which the law is in effect. None: no day is known, or it was repealed."""
        return None if self.state(today) == LawState.REPEALED else self.in_effect_from
