import secrets
import uuid
from datetime import date
from decimal import Decimal
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy

from amparo.foundation.audit.labels import label_verb
from amparo.foundation.core import row_security
from amparo.foundation.places import places
from amparo.foundation.vault.fields import SealedField
from amparo.foundation.vault.models import DataKey
from amparo.programme.campaigns.models import OFFICER, Campaign
from amparo.programme.campaigns.picklists import Currency

from .picklists import EventKind, Outlet, Qualifier


class EventQuerySet(models.QuerySet["Event"]):
    def newest_first(self) -> Self:
        return self.order_by("-starts_at", "-pk")

    def published(self) -> Self:
        return self.filter(published_at__isnull=False, taken_off_at=None)


class Event(models.Model):
    """A performance, talk or exhibition: who was invited, who came, and what it cost. It names no private person."""

    campaign = models.ForeignKey(Campaign, null=True, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=12, choices=EventKind.options)
    title = models.CharField(max_length=160)
    venue = models.CharField(max_length=160)
    ubigeo = models.CharField(max_length=6, blank=True)
    starts_at = models.DateTimeField()
    about_es = models.TextField(blank=True)  # for the public page
    about_en = models.TextField(blank=True)
    # In these numbers, None means not counted.
    invited = models.PositiveIntegerField(null=True)
    attendance = models.PositiveIntegerField(null=True)
    attendance_qualifier = models.CharField(max_length=10, choices=Qualifier.options, default=Qualifier.EXACTLY)
    decision_makers = models.PositiveIntegerField(null=True)  # of those who came: ministers, judges, officers
    media_pieces = models.PositiveIntegerField(null=True)
    cost = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    currency = models.CharField(max_length=3, choices=Currency.options, default=Currency.PEN)
    published_at = models.DateTimeField(null=True)  # the first time; None: never on the public pages
    taken_off_at = models.DateTimeField(null=True)  # None: not taken off, or shown again
    version = models.PositiveIntegerField(db_default=0, editable=False)  # core/edit_conflicts.py
    edits = models.JSONField(db_default={}, editable=False)

    objects = EventQuerySet.as_manager()
    protected = row_security.WrittenBy("says what was held in public", OFFICER, web="select, insert, update, delete")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(cost=None) | Q(cost__gte=0), name="an_event_costs_nothing_or_more"),
            models.CheckConstraint(
                condition=Q(attendance=None) | Q(decision_makers=None) | Q(decision_makers__lte=models.F("attendance")),
                name="decision_makers_are_among_those_who_came",
            ),
            models.CheckConstraint(
                condition=Q(taken_off_at=None) | Q(published_at__isnull=False), name="what_is_taken_off_was_public"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_public(self) -> bool:
        return self.published_at is not None and self.taken_off_at is None

    @property
    def place(self) -> str:
        return places.place_label(self.ubigeo)

    @property
    def currency_sign(self) -> str:
        return Currency(self.currency).sign

    @property
    def cost_per_head(self) -> Decimal | None:
        """Cost divided by attendance. If "more than" so many came, the true value is lower. None: not known."""
        return round(self.cost / self.attendance, 2) if self.cost is not None and self.attendance else None


class PledgeQuerySet(models.QuerySet["Pledge"]):
    def in_order(self) -> Self:
        return self.order_by(models.F("due").asc(nulls_last=True), "pk")

    def overdue(self, today: date) -> Self:
        return self.filter(was_kept=None, due__lt=today)


class Pledge(models.Model):
    """What an institution promised at an event, until which day, and whether it was kept."""

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="pledges")
    text = models.CharField(max_length=300)
    made_by = models.CharField(max_length=160)  # an institution
    due = models.DateField(null=True)  # None: no date was said yet
    was_kept = models.BooleanField(null=True)  # None: open
    closed_on = models.DateField(null=True)
    evidence = models.CharField(max_length=300, blank=True)
    version = models.PositiveIntegerField(db_default=0, editable=False)  # core/edit_conflicts.py
    edits = models.JSONField(db_default={}, editable=False)

    objects = PledgeQuerySet.as_manager()
    protected = row_security.WrittenBy(
        "says what institutions promised in public", OFFICER, web="select, insert, update, delete"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(was_kept=None, closed_on=None) | Q(was_kept__isnull=False, closed_on__isnull=False),
                name="a_pledge_is_closed_on_a_day",
            )
        ]

    def __str__(self) -> str:
        return f"pledge {self.pk}"

    def state(self, today: date) -> str:
        """Return the pledge's state on this day: kept, not_kept, overdue, open or undated."""
        if self.was_kept is not None:
            return "kept" if self.was_kept else "not_kept"
        if self.due is None:
            return "undated"
        return "overdue" if self.due < today else "open"


class EarlierClosing(models.Model):
    """How a pledge was closed before somebody opened it again."""

    pledge = models.ForeignKey(Pledge, on_delete=models.PROTECT, related_name="earlier_closings")
    was_kept = models.BooleanField()
    closed_on = models.DateField()
    evidence = models.CharField(max_length=300, blank=True)
    reopened_at = models.DateTimeField()
    reopened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    protected = row_security.WrittenBy("says what institutions promised in public", OFFICER, web="select, insert")

    def __str__(self) -> str:
        return f"earlier closing of pledge {self.pledge_id}"


def new_code() -> str:
    return secrets.token_hex(6)


class Testimony(models.Model):
    """A survivor's words, sealed. It never holds the survivor's name: `signed_as` is a name that they chose.

    The survivor can withdraw one permission, or the testimony itself: then the words are destroyed, and the row stays.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    code = models.CharField(max_length=12, unique=True, default=new_code, editable=False)  # in the public address
    event = models.ForeignKey(Event, null=True, on_delete=models.PROTECT, related_name="testimonies")
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+")
    text_es = SealedField("testimony.text_es")
    text_en = SealedField("testimony.text_en", null=True)  # None: not translated
    signed_as = SealedField("testimony.signed_as", null=True)  # None: without a name
    explained_at = models.DateTimeField()  # where and how long it is used, how to withdraw it
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField(null=True)  # None: never on the public page
    withdrawn_at = models.DateTimeField(null=True)  # None: not withdrawn

    # Publishers read the row, for a note that quotes the testimony; the words need its key.
    protected = row_security.ByRole(OFFICER, "hotline/publisher", by=OFFICER, web="select, insert, update")

    class Meta:
        verbose_name_plural = "testimonies"

    def __str__(self) -> str:
        return f"testimony {self.code}"

    @property
    def is_withdrawn(self) -> bool:
        return self.withdrawn_at is not None

    def allows(self, outlet: str, today: date) -> bool:
        return self.permissions.live(today).filter(outlet=outlet).exists()


label_verb("look testimony", gettext_lazy("read a testimony"))
label_verb("move_event", gettext_lazy("corrected the time or place of an event"))


class TestimonyPermissionQuerySet(models.QuerySet["TestimonyPermission"]):
    def current(self) -> Self:
        """The newest permission of each outlet, unless it was withdrawn. Its last day may be over."""
        return self.filter(withdrawn_at=None, replaced_at=None)

    def live(self, today: date) -> Self:
        """Current permissions whose last day is not over."""
        return self.current().filter(until__gte=today)

    def in_order(self) -> Self:
        return self.order_by("outlet", "pk")


class TestimonyPermission(models.Model):
    """A survivor's permission to use their words in one outlet, until a day. A later one replaces it."""

    testimony = models.ForeignKey(Testimony, on_delete=models.PROTECT, related_name="permissions")
    outlet = models.CharField(max_length=10, choices=Outlet.options)
    until = models.DateField()  # the last day
    given_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)  # None: not withdrawn
    replaced_at = models.DateTimeField(null=True)  # None: the newest one for its outlet

    objects = TestimonyPermissionQuerySet.as_manager()
    protected = row_security.ByRole(OFFICER, web="select, insert, update (withdrawn_at, replaced_at)")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["testimony", "outlet"], condition=Q(withdrawn_at=None, replaced_at=None),
                name="an_outlet_is_allowed_once",
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.outlet} of {self.testimony_id}"
