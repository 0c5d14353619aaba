"""The plan of action and its nodes: axes, objectives, goals and activities."""

from datetime import date
from typing import Any

from django.db import models
from django.db.models import F, Q

from amparo.foundation.core import row_security

from .. import lights
from ..picklists import NodeKind, PlanState, Reason
from .law import COORDINATORS, PUBLIC, Law


class Plan(models.Model):
    """A plan of action. It becomes operational only when it is approved and the law that it waits for is in effect."""

    title = models.CharField(max_length=200, unique=True)
    starts_on = models.DateField()
    ends_on = models.DateField()
    law = models.ForeignKey(Law, null=True, on_delete=models.PROTECT, related_name="plans")  # that it waits for
    state = models.CharField(max_length=12, choices=PlanState.options, default=PlanState.DRAFT)
    reviewed_from = models.DateField(null=True)
    approved_on = models.DateField(null=True)
    approved_by = models.CharField(max_length=200, blank=True)  # the body that approved it
    approved_through = models.CharField(max_length=200, blank=True)  # the instrument, such as a resolution
    operational_on = models.DateField(null=True)
    closed_on = models.DateField(null=True)
    is_invented = models.BooleanField(default=False)
    # Copied from `Publication` for the version before, by plan_copy_publication(); dropped one release later.
    published_at = models.DateTimeField(null=True)  # None: not on the public pages
    document = models.JSONField(null=True)  # exactly what the public page shows

    protected = row_security.WrittenBy(PUBLIC, *COORDINATORS, web="select, insert, update", worker="select")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gt=F("starts_on")), name="a_plan_ends_after_it_starts"),
            models.CheckConstraint(
                condition=Q(state__in=(PlanState.DRAFT, PlanState.UNDER_REVIEW))
                | Q(approved_on__isnull=False) & ~Q(approved_by="") & ~Q(approved_through=""),
                name="an_approved_plan_says_by_whom_and_through_what",
            ),
            models.CheckConstraint(
                condition=~Q(state=PlanState.OPERATIONAL) | Q(law__isnull=False, operational_on__isnull=False),
                name="an_operational_plan_has_a_law",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def why_not_operational(self, today: date) -> Reason | None:
        return lights.why_not_operational(self.state, self.law.valid_from(today) if self.law else None, today)

    def waits_for_law(self, today: date) -> bool:
        return self.state == PlanState.APPROVED and self.why_not_operational(today) is not None

    @property
    def is_open_to_changes(self) -> bool:
        return self.state == PlanState.DRAFT


class NotRemovedManager(models.Manager[Any]):
    """Leaves out rows that were removed. They stay in the table, for their comments and for earlier versions."""

    def get_queryset(self) -> models.QuerySet[Any]:
        return super().get_queryset().filter(is_removed=False)

    def with_removed(self) -> models.QuerySet[Any]:
        return super().get_queryset()


class Node(models.Model):
    """A line of the plan, of any kind and depth: an axis, an objective, an activity."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="nodes")
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="children")
    kind = models.CharField(max_length=10, choices=NodeKind.options)
    number = models.CharField(max_length=20)  # "1.2.3", as the plan prints it
    text = models.CharField(max_length=500)
    is_removed = models.BooleanField(default=False)

    objects = NotRemovedManager()
    protected = row_security.WrittenBy(PUBLIC, *COORDINATORS, web="select, insert, update", worker="select")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "number"], condition=Q(is_removed=False), name="a_number_stands_once_in_a_plan"
            ),
            models.CheckConstraint(condition=Q(parent=None) | ~Q(parent=F("id")), name="a_node_is_not_its_own_parent"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.text}"
