"""The services of an institution: target groups, opening hours, places, and how to refer a person."""

import uuid
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q, Value
from django.utils import timezone

from amparo.foundation.places import languages, places

from .. import search
from ..criteria import SearchCriteria
from ..picklists import Accepts, Day, Status, Trust
from .organization import EDITABLE, UBIGEO, Location, Organization

OLDEST = 120  # years
LONGEST = 730  # days between two verifications
DUE_SOON = timedelta(days=14)  # how long before its due date a service is on the editor's list


class ServiceQuerySet(models.QuerySet["Service"]):
    def offered(self) -> Self:
        """Return active services of institutions that are not suspended."""
        return self.filter(status=Status.ACTIVE).exclude(organization__trust=Trust.SUSPENDED)

    def accepting(self, sought: SearchCriteria, *, now: datetime) -> Self:
        """Return services that accept this person: the nearest first, then the latest verified.

        Annotates `distance` (km), `is_partial` (serves only a part of the place), `asks_age` (rejects a possible age),
        `is_stale` (`with_freshness`) and `is_open` (at `now`).
        """
        found = self.offered().filter(
            search.serves_place(sought), search.accepts_age(sought.years), accepts__contains=sorted(sought.needs)
        )
        if sought.accepted_groups:
            found = found.filter(accepts__overlap=sought.accepted_groups)
        if sought.language:
            found = found.filter(languages__contains=[sought.language])
        if sought.moment:
            found = found.filter(search.is_open_at(sought.moment))
        return found.with_freshness(now).annotate(
            distance=search.kilometres_from(sought.ubigeo), is_partial=search.covers_only_part(sought),
            asks_age=search.asks_age(sought.years),
            is_open=models.Case(models.When(search.is_open_at(now), then=Value(True)), default=Value(False)),
        ).order_by(
            F("distance").asc(nulls_last=True), F("verified_at").desc(nulls_last=True), "name", "pk"
        )  # fmt: skip

    def with_freshness(self, now: datetime) -> Self:
        """Annotate `due`, when a service must be verified again, and `is_stale`: it is overdue or was never verified.

        `due` is null for a service that was never verified.
        """
        due = models.ExpressionWrapper(
            F("verified_at") + F("verify_every_days") * Value(timedelta(days=1), models.DurationField()),
            models.DateTimeField(),
        )
        return self.annotate(due=due).annotate(
            is_stale=models.Case(
                models.When(due__gte=now, then=Value(False)), default=Value(True), output_field=models.BooleanField()
            )
        )

    def fresh(self, now: datetime) -> Self:
        return self.with_freshness(now).filter(is_stale=False)

    def falling_due(self, now: datetime) -> Self:
        """Return what an editor verifies next: never verified, due or nearly due, or with an expired agreement."""
        soon, over = Q(due=None) | Q(due__lt=now + DUE_SOON), Q(agreement_until__lt=timezone.localdate(now))
        found = self.with_freshness(now).filter(soon | over).exclude(status=Status.DEFUNCT)
        return found.order_by(F("due").asc(nulls_first=True), "name", "pk")

    def with_details(self) -> Self:
        """Fetch the institution, hours, telephones, areas and locations with the services."""
        return self.select_related("organization").prefetch_related("schedules", "phones", "areas", "locations")


class Service(models.Model):
    """A service of an institution: its target groups, opening hours, places, and how to refer a person."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="services")
    name = models.CharField(max_length=200)
    description = models.TextField(max_length=4000, blank=True)
    status = models.CharField(max_length=20, choices=Status.options, default=Status.ACTIVE)
    accepts = ArrayField(models.CharField(max_length=12, choices=Accepts.options), default=list, blank=True)
    minimum_age = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MaxValueValidator(OLDEST)]
    )  # null: no limit
    maximum_age = models.PositiveSmallIntegerField(null=True, blank=True, validators=[MaxValueValidator(OLDEST)])
    languages = ArrayField(models.CharField(max_length=8), default=list, blank=True)
    application_process = models.TextField(max_length=4000, blank=True)  # how to refer
    wait_time = models.CharField(max_length=200, blank=True)
    fees_description = models.CharField(max_length=400, blank=True)
    alert = models.CharField(max_length=400, blank=True)
    answer_hours = models.PositiveSmallIntegerField(
        default=24, validators=[MinValueValidator(1), MaxValueValidator(720)]
    )  # hours within which it answers a referral
    verified_at = models.DateTimeField(null=True, blank=True)  # null: never
    verify_every_days = models.PositiveSmallIntegerField(
        default=90, validators=[MinValueValidator(1), MaxValueValidator(LONGEST)]
    )
    agreement_until = models.DateField(null=True, blank=True)  # null: there is none
    public_since = models.DateTimeField(null=True, blank=True)  # null: it is not named on the public pages
    public_by = models.ForeignKey(  # who decided that it may be named; null: nobody
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    public_phone = models.CharField(max_length=40, blank=True)  # that everybody may have; blank: none
    locations = models.ManyToManyField(Location, related_name="services")

    objects = ServiceQuerySet.as_manager()
    protected = EDITABLE
    protected_joins = {"directory_service_locations": EDITABLE}

    class Meta:
        indexes = [models.Index(fields=["organization"], name="services_of_an_organization")]
        constraints = [
            models.CheckConstraint(
                condition=Q(minimum_age=None) | Q(maximum_age=None) | Q(minimum_age__lte=F("maximum_age")),
                name="the_youngest_is_not_older_than_the_oldest",
            ),
            models.CheckConstraint(
                condition=Q(public_since=None, public_by=None, public_phone="")
                | Q(public_since__isnull=False, public_by__isnull=False),
                name="somebody_decides_that_a_service_is_public",
            ),
            models.CheckConstraint(
                condition=Q(verify_every_days__range=(1, LONGEST)), name="a_service_is_verified_again"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def due_at(self) -> datetime | None:
        """Return when it must be verified again; None: it never was verified."""
        return self.verified_at and self.verified_at + timedelta(days=self.verify_every_days)

    def is_stale_at(self, now: datetime) -> bool:
        due = self.due_at()
        return due is None or due < now

    def has_no_agreement(self, now: datetime) -> bool:
        return self.agreement_until is not None and self.agreement_until < timezone.localdate(now)

    @property
    def taken(self) -> list[str]:
        return [str(Accepts(it).label) for it in Accepts if it in self.accepts]

    @property
    def spoken(self) -> list[str]:
        return [languages.language_name(code) or code for code in self.languages]

    @property
    def open_always(self) -> bool:
        return any(hours.is_always for hours in self.schedules.all())

    @property
    def served(self) -> list[str]:
        """The names of the areas served; the name of the whole country is blank."""
        return [places.place_label(area.ubigeo) for area in self.areas.all()]

    @property
    def public_places(self) -> list[Location]:
        """The public locations, in a stable order."""
        return sorted((it for it in self.locations.all() if not it.is_confidential), key=lambda it: it.pk)

    @property
    def is_confidential(self) -> bool:
        return any(it.is_confidential for it in self.locations.all())


class ServiceArea(models.Model):
    """A place that a service covers, with everything within it. A blank `ubigeo` is the whole country."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="areas")
    ubigeo = models.CharField(max_length=6, blank=True, validators=[UBIGEO])

    protected = EDITABLE

    class Meta:
        constraints = [models.UniqueConstraint(fields=["service", "ubigeo"], name="a_service_serves_a_place_once")]
        indexes = [models.Index(fields=["ubigeo"], name="areas_by_place")]

    def __str__(self) -> str:
        return f"area {self.ubigeo}"


class Schedule(models.Model):
    """Opening days and hours of a service. Closing at or before opening means on the next day."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="schedules")
    byday = ArrayField(models.CharField(max_length=2, choices=Day.options))
    opens_at = models.TimeField()  # local time
    closes_at = models.TimeField()

    protected = EDITABLE

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(byday__len__gt=0), name="hours_are_of_some_day")]
        indexes = [models.Index(fields=["service"], name="hours_of_a_service")]

    def __str__(self) -> str:
        return f"hours {self.pk}"

    @property
    def is_always(self) -> bool:
        return len(set(self.byday)) == len(Day) and self.opens_at == self.closes_at

    @property
    def days(self) -> list[str]:
        return [str(day.label) for day in Day if day in self.byday]


class Phone(models.Model):
    """A telephone number of a service, for those who refer to it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="phones")
    number = models.CharField(max_length=40)
    description = models.CharField(max_length=200, blank=True)

    protected = EDITABLE

    class Meta:
        indexes = [models.Index(fields=["service"], name="phones_of_a_service")]

    def __str__(self) -> str:
        return f"phone {self.pk}"
