from datetime import date
from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from amparo.foundation.access.models import Agency, Kind
from amparo.foundation.core import row_security

from . import lights
from .picklists import Frequency, LawKind, LawState, NodeKind, PlanState, PublishedMeasure, Reason
from .quarters import quarter_name

COORDINATORS = ("hotline/plan_coordinator", "ministry/plan_coordinator")
RESPONDENTS = tuple(f"{kind}/plan_respondent" for kind in Kind.values)
PUBLIC = "says what the State promised in public"
QUARTERS = (1, 4, 7, 10)  # the months that they begin with
LAST_QUARTER = QUARTERS[-1]


def _in_order(earlier: str, later: str) -> Q:
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

    objects = LawQuerySet.as_manager()
    protected = row_security.WrittenBy("laws are public", *COORDINATORS, web="select, insert, update")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=_in_order("enacted_on", "published_on") & _in_order("published_on", "in_effect_from")
                & _in_order("in_effect_from", "regulated_on") & _in_order("in_effect_from", "repealed_on")
                & _in_order("enacted_on", "in_effect_from") & _in_order("published_on", "repealed_on"),
                name="the_dates_of_a_law_are_in_order",
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.number

    def state(self, today: date) -> LawState:
        """The last step that was reached on this day."""
        steps = (
            (LawState.REPEALED, self.repealed_on), (LawState.REGULATED, self.regulated_on),
            (LawState.IN_EFFECT, self.in_effect_from), (LawState.PUBLISHED, self.published_on),
            (LawState.ENACTED, self.enacted_on),
        )  # fmt: skip
        return next((state for state, on in steps if on is not None and on <= today), LawState.BILL)

    def valid_from(self, today: date) -> date | None:
        """From when it is in effect; None: no day is known, or it was repealed."""
        return None if self.state(today) == LawState.REPEALED else self.in_effect_from


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
    """Rows of the plan as it stands. One that was removed stays in the table, for its comments and earlier versions."""

    def get_queryset(self) -> models.QuerySet[Any]:
        return super().get_queryset().filter(is_removed=False)

    def with_removed(self) -> models.QuerySet[Any]:
        return super().get_queryset()


class Node(models.Model):
    """A branch of the plan, of any kind and depth."""

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


class IndicatorQuerySet(models.QuerySet["Indicator"]):
    def to_report(self) -> Self:
        """Indicators that the newest data call of their plan asks for and that have no value since its quarter began.

        Those that are measured yearly are asked for in the call of the last quarter. `asked_until` is the call's day.
        Nobody is asked for those that fill themselves.
        """
        calls = DataCall.objects.filter(plan=OuterRef("node__plan"), plan__state=PlanState.OPERATIONAL)
        newest = calls.order_by("-quarter")
        found = self.annotate(
            asked_from=Subquery(newest.values("quarter")[:1]), asked_until=Subquery(newest.values("due_on")[:1])
        )
        answered = Measurement.objects.filter(indicator=OuterRef("pk"), as_of__gte=OuterRef("asked_from"))
        is_asked = ~Q(frequency=Frequency.YEARLY) | Q(asked_from__month=LAST_QUARTER)
        return found.filter(is_asked, ~Exists(answered), asked_from__isnull=False, measure="")


class Indicator(models.Model):
    """How the plan measures a node. One body answers for it; others may share the work."""

    node = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="indicators")
    number = models.CharField(max_length=24)
    text = models.CharField(max_length=500)
    unit = models.CharField(max_length=60)
    baseline = models.FloatField(null=True)  # None: not known
    baseline_on = models.DateField()
    target = models.FloatField()
    due_on = models.DateField()
    verification = models.CharField(max_length=200, blank=True)  # means of verification
    frequency = models.CharField(max_length=10, choices=Frequency.options, default=Frequency.QUARTERLY)
    responsible = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    co_responsible = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    budget = models.CharField(max_length=200, blank=True)  # amount and source, in words
    measure = models.CharField(max_length=60, blank=True, choices=PublishedMeasure.options)  # blank: people report it
    is_removed = models.BooleanField(default=False)
    asked_until: date  # of the data call; only what `to_report` finds has it

    objects = NotRemovedManager.from_queryset(IndicatorQuerySet)()
    protected = row_security.WrittenBy(PUBLIC, *COORDINATORS, web="select, insert, update", worker="select")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["node", "number"], condition=Q(is_removed=False), name="an_indicator_has_a_number_of_its_own"
            ),
            models.CheckConstraint(
                condition=Q(due_on__gt=F("baseline_on")), name="an_indicator_is_due_after_its_start"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.text}"


class MeasurementQuerySet(models.QuerySet["Measurement"]):
    def newest_of_each(self) -> Self:
        return self.order_by("indicator", "-as_of", "-pk").distinct("indicator")


class ByPeopleOrTheWorker(row_security.WrittenBy):
    """Only the worker writes values that are marked as published figures. A person cannot."""

    def adds(self, model: type[models.Model]) -> str:
        return f"{super().adds(model)} and figure is null"


class Measurement(models.Model):
    """A value of an indicator, with its evidence. Append-only: a later one supersedes it.

    A person reports it, or it is a published figure. A figure that is not shown has no value.
    """

    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="measurements")
    value = models.FloatField(null=True)  # None: published figures hide it
    as_of = models.DateField()
    evidence = models.CharField(max_length=300)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    figure = models.JSONField(null=True)  # measure, period and editions (figures/publishing); None: a person's

    objects = MeasurementQuerySet.as_manager()
    protected = ByPeopleOrTheWorker(PUBLIC, *COORDINATORS, *RESPONDENTS, web="select, insert", worker="select, insert")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(evidence=""), name="a_measurement_has_evidence"),
            models.CheckConstraint(
                condition=Q(figure__isnull=True, author__isnull=False, value__isnull=False)
                | Q(figure__isnull=False, author__isnull=True),
                name="a_measurement_is_a_person_s_or_a_published_figure",
            ),
        ]

    def __str__(self) -> str:
        return f"measurement {self.pk}"

    @property
    def shown_evidence(self) -> str:
        """What shows the value, in the language of the reader; what a person wrote stays as it is."""
        if self.figure is None:
            return self.evidence
        numbers = ", ".join(map(str, self.figure["editions"]))
        values = {"day": date_format(self.as_of), "numbers": numbers}
        return _("Published figures until %(day)s, edition %(numbers)s") % values


class CommentQuerySet(models.QuerySet["Comment"]):
    def in_order(self) -> Self:
        return self.select_related("author").order_by("pk")


class Comment(models.Model):
    """What an institution says about one line of a plan under review. Append-only."""

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
    """The coordinator asks the institutions for the values of one quarter, until a day. Append-only."""

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


class YearReview(models.Model):
    """How a plan stood at the end of a year, or on the day of the review. It is made once and never changes."""

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
        """The day whose values it holds."""
        return date.fromisoformat(self.document["as_of"])
