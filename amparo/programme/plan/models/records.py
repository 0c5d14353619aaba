"""Records of a plan that never change: comments, data calls, versions, corrections, yearly reviews."""

from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from amparo.foundation.access.models import User
from amparo.foundation.core import row_security

from ..picklists import PlanState
from ..quarters import quarter_name
from .law import COORDINATORS, PUBLIC, RESPONDENTS
from .plan import Node, Plan

QUARTERS = (1, 4, 7, 10)  # the months that they begin with
LAST_QUARTER = QUARTERS[-1]


class CommentQuerySet(models.QuerySet["Comment"]):
    def in_order(self) -> Self:
        return self.select_related("author").order_by("pk")

    def newest_of_each_line(self) -> Self:
        return self.order_by("node", "-pk").distinct("node")

    def to_read(self, user: User) -> Self:
        """Comments by others in a running review that this user has not answered on the same line."""
        later = Comment.objects.filter(node=OuterRef("node"), author=user, pk__gt=OuterRef("pk"))
        running = self.filter(
            node__plan__state=PlanState.UNDER_REVIEW, written_at__date__gte=F("node__plan__reviewed_from")
        )
        return running.filter(~Exists(later), node__is_removed=False).exclude(author=user)


class Comment(models.Model):
    """A comment of an institution on one line of a plan under review. Append-only."""

    node = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="comments")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    written_at = models.DateTimeField()

    objects = CommentQuerySet.as_manager()
    protected = row_security.WrittenBy(
        "institutions comment for each other to read", *COORDINATORS, *RESPONDENTS, web="select, insert"
    )

    def __str__(self) -> str:
        return f"comment {self.pk}"


class DataCall(models.Model):
    """A request of the coordinator: institutions report the values of one quarter, until a day. Append-only."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="data_calls")
    quarter = models.DateField()  # its first day
    due_on = models.DateField()
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    protected = row_security.WrittenBy(PUBLIC, *COORDINATORS, web="select, insert")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "quarter"], name="a_quarter_is_called_for_once"),
            models.CheckConstraint(
                condition=Q(quarter__day=1, quarter__month__in=QUARTERS), name="a_data_call_is_of_a_quarter"
            ),
        ]

    def __str__(self) -> str:
        return quarter_name(self.quarter)


class Version(models.Model):
    """A plan as it was sent to review. It never changes."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()  # from 1
    document = models.JSONField()  # versions.py
    sent_on = models.DateField()
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    protected = row_security.WrittenBy(PUBLIC, *COORDINATORS, web="select, insert")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "number"], name="versions_of_a_plan_are_numbered")]

    def __str__(self) -> str:
        return f"version {self.number}"


class Correction(models.Model):
    """A correction of the title, days or law of a plan: the values before and after, and the reason. Append-only."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="corrections")
    before = models.JSONField()  # the columns that changed, as plain values; a law by its number
    after = models.JSONField()
    reason = models.CharField(max_length=300)
    corrected_at = models.DateTimeField()
    corrected_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    protected = row_security.WrittenBy(PUBLIC, *COORDINATORS, web="select, insert")

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="a_correction_of_a_plan_has_a_reason")]

    def __str__(self) -> str:
        return f"correction {self.pk}"


class YearReview(models.Model):
    """How a plan stood at the end of a year. It is made once, when the year is over, and never changes.

    Until release 0.3 a year that was not over could be reviewed: such a review says its day.
    """

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="reviews")
    year = models.PositiveSmallIntegerField()
    document = models.JSONField()  # reviews.py
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    protected = row_security.WrittenBy(PUBLIC, *COORDINATORS, web="select, insert")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "year"], name="a_year_of_a_plan_is_reviewed_once")]

    def __str__(self) -> str:
        return str(self.year)

    @property
    def as_of(self) -> date:
        """The day that the review describes: the last of the year, or an earlier one in a review of release 0.3."""
        return date.fromisoformat(self.document["as_of"])
