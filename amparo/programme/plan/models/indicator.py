"""Indicators, which measure the lines of a plan, and their measurements."""

from datetime import date
from decimal import Decimal
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery, Sum
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from amparo.foundation.access.models import Agency
from amparo.foundation.core import row_security
from amparo.programme.campaigns.picklists import Currency

from ..picklists import Frequency, PlanState, PublishedMeasure
from .law import COORDINATORS, PUBLIC, RESPONDENTS
from .plan import Node, NotRemovedManager
from .records import LAST_QUARTER, DataCall


class IndicatorQuerySet(models.QuerySet["Indicator"]):
    def to_report(self) -> Self:
        """Filter to indicators that an institution still has to report for the newest data call.

        They have no value dated in or after the quarter of the call. Yearly indicators are asked for in the fourth
        quarter alone, and automatic indicators never. Annotates `asked_until`, the last day of the call.
        """
        calls = DataCall.objects.filter(plan=OuterRef("node__plan"), plan__state=PlanState.OPERATIONAL)
        newest = calls.order_by("-quarter")
        found = self.annotate(
            asked_from=Subquery(newest.values("quarter")[:1]), asked_until=Subquery(newest.values("due_on")[:1])
        )
        answered = Measurement.objects.filter(indicator=OuterRef("pk"), as_of__gte=OuterRef("asked_from"))
        is_asked = ~Q(frequency=Frequency.YEARLY) | Q(asked_from__month=LAST_QUARTER)
        return found.filter(is_asked, ~Exists(answered), asked_from__isnull=False, measure="")

    def budget_sums(self) -> list[tuple[str, Decimal]]:
        """Return the sign of each currency, and the sum of the budgets in it."""
        found = self.exclude(budget_amount=None).values_list("budget_currency").order_by("budget_currency")
        return [(Currency(code).sign, total) for code, total in found.annotate(total=Sum("budget_amount"))]


class Indicator(models.Model):
    """How the plan measures a line. One body is responsible for it; others may share the work."""

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
    budget = models.CharField(max_length=200, blank=True)  # its source and conditions, in words
    budget_amount = models.DecimalField(max_digits=14, decimal_places=2, null=True)  # None: not known
    budget_currency = models.CharField(max_length=3, choices=Currency.options, blank=True)  # blank: without an amount
    measure = models.CharField(max_length=60, blank=True, choices=PublishedMeasure.options)  # blank: people report it
    is_removed = models.BooleanField(default=False)
    asked_until: date  # last day of the data call; set by `to_report` alone

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
            models.CheckConstraint(
                condition=Q(budget_amount=None, budget_currency="")
                | Q(budget_amount__isnull=False, budget_amount__gte=0) & ~Q(budget_currency=""),
                name="a_budget_is_an_amount_in_a_currency",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.text}"

    @property
    def currency_sign(self) -> str:
        return Currency(self.budget_currency).sign


class MeasurementQuerySet(models.QuerySet["Measurement"]):
    def newest_of_each(self) -> Self:
        return self.order_by("indicator", "-as_of", "-pk").distinct("indicator")


class MeasurementPolicy(row_security.WrittenBy):
    """Row policy: only the worker adds measurements that are published figures; people add all others."""

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
    protected = MeasurementPolicy(PUBLIC, *COORDINATORS, *RESPONDENTS, web="select, insert", worker="select, insert")

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
        """The evidence of the value: as a person wrote it, or the edition of a figure in the reader's language."""
        if self.figure is None:
            return self.evidence
        numbers = ", ".join(map(str, self.figure["editions"]))
        values = {"day": date_format(self.as_of), "numbers": numbers}
        return _("Published figures until %(day)s, edition %(numbers)s") % values
