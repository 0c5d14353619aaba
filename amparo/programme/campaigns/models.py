from datetime import date, datetime, timedelta
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from amparo.foundation.core import row_security
from amparo.foundation.core.dates import midnight, monday_of
from amparo.foundation.places import places
from amparo.line.contacts.models.code_word import LONGEST_CODE
from amparo.line.contacts.picklists import Language

from .picklists import Currency, Medium

OFFICER = "hotline/campaign_officer"


class CampaignQuerySet(models.QuerySet["Campaign"]):
    def newest_first(self) -> Self:
        return self.order_by("-starts", "-pk")


class Campaign(models.Model):
    """An information campaign: with whom, what for, when, where, and at what cost."""

    name = models.CharField(max_length=120, unique=True)
    goal = models.CharField(max_length=300)
    partners = ArrayField(models.CharField(max_length=120), default=list, blank=True)  # names of institutions
    starts = models.DateField()
    ends = models.DateField()
    cost = models.DecimalField(max_digits=12, decimal_places=2, null=True)  # None: not known
    currency = models.CharField(max_length=3, choices=Currency.options, default=Currency.PEN)
    expected_lift = models.PositiveSmallIntegerField(null=True)  # percent more calls than usual; None: not said
    languages = ArrayField(models.CharField(max_length=8), default=list, blank=True)
    ubigeos = ArrayField(models.CharField(max_length=6), default=list, blank=True)  # empty: the whole country
    version = models.PositiveIntegerField(db_default=0, editable=False)  # core/edit_conflicts.py
    edits = models.JSONField(db_default={}, editable=False)

    objects = CampaignQuerySet.as_manager()
    protected = row_security.WrittenBy("says what was broadcast to everybody", OFFICER, web="select, insert, update")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends__gte=F("starts")), name="a_campaign_ends_after_it_starts"),
            models.CheckConstraint(condition=Q(cost=None) | Q(cost__gte=0), name="a_campaign_costs_nothing_or_more"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def currency_sign(self) -> str:
        return Currency(self.currency).sign

    @property
    def language_names(self) -> list[str]:
        return [str(Language(code).label) for code in self.languages]

    @property
    def places(self) -> list[str]:
        return [places.place_label(ubigeo) for ubigeo in self.ubigeos]

    @property
    def span(self) -> tuple[datetime, datetime]:
        """Begin and end of the whole weeks in which it runs, so correcting its days reveals no count of one day."""
        return midnight(monday_of(self.starts)), midnight(monday_of(self.ends) + timedelta(weeks=1))

    def is_running(self, today: date) -> bool:
        return self.starts <= today <= self.ends


class SpotQuerySet(models.QuerySet["Spot"]):
    def in_order(self) -> Self:
        return self.order_by("aired_at", "pk")


class Spot(models.Model):
    """One message of a campaign, at the moment when it was first heard or seen.

    If it has its own line (one of the hotline's numbers) or a code word that people say, the contacts that it brought
    can be counted.
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="spots")
    name = models.CharField(max_length=120)
    medium = models.CharField(max_length=8, choices=Medium.options)
    where = models.CharField(max_length=120, blank=True)  # station, channel, terminal
    aired_at = models.DateTimeField()
    line = models.CharField(max_length=40, blank=True)  # as `switchboard.Call.line` has it; blank: the general number
    code = models.CharField(max_length=LONGEST_CODE, blank=True)  # a word on the poster, a `CodeWord`; blank: none
    cost = models.DecimalField(
        max_digits=12, decimal_places=2, null=True
    )  # in the campaign's currency; None: not known
    version = models.PositiveIntegerField(db_default=0, editable=False)  # core/edit_conflicts.py
    edits = models.JSONField(db_default={}, editable=False)

    objects = SpotQuerySet.as_manager()
    protected = row_security.WrittenBy(
        "says what was broadcast to everybody", OFFICER, web="select, insert, update, delete"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(cost=None) | Q(cost__gte=0), name="a_spot_costs_nothing_or_more"),
            models.UniqueConstraint(fields=["campaign", "name", "aired_at"], name="a_spot_is_written_down_once"),
        ]

    def __str__(self) -> str:
        return self.name
