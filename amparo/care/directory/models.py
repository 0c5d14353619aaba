import uuid
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q, Value
from django.utils import timezone

from amparo.care.consent.picklists import Recipient
from amparo.foundation.core import row_security
from amparo.foundation.places import languages, places

from . import search
from .criteria import SearchCriteria
from .picklists import Accepts, Day, Status, Trust

EDITOR = "hotline/directory_editor"
READERS: tuple[str, ...] = ("hotline/operator", "hotline/supervisor", "hotline/case_worker", EDITOR)
ALL = "select, insert, update, delete"
EDITABLE = row_security.ByRole(*READERS, by=EDITOR, web=ALL, worker=ALL)  # the worker: commands typed on the machine

RECIPIENTS = [  # police and prosecutors get a report instead
    (it.value, it.label) for it in (Recipient.SERVICE_PROVIDER, Recipient.CHILD_PROTECTION, Recipient.EMBASSY)
]
OLDEST = 120  # years
LONGEST = 730  # days between two verifications
DUE_SOON = timedelta(days=14)  # how long before its due date a service is on the editor's list
UBIGEO = RegexValidator(r"^(\d{2}){0,3}$")


class OrganizationQuerySet(models.QuerySet["Organization"]):
    def for_consent(self) -> Self:
        """Load only the columns with which a consent names an institution (consent/institutions.py)."""
        return self.only("name", "recipient_kind", "trust")


class Organization(models.Model):
    """An institution that helps people. Fields have the names of HSDS 3.0, where it has one."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=200)
    alternate_name = models.CharField(max_length=200, blank=True)
    description = models.TextField(max_length=4000)
    email = models.EmailField(blank=True)
    website = models.URLField(blank=True)
    trust = models.CharField(max_length=12, choices=Trust.options, default=Trust.PROVISIONAL)
    recipient_kind = models.CharField(  # the kind of recipient as which a consent names it
        max_length=20, choices=RECIPIENTS, default=Recipient.SERVICE_PROVIDER
    )
    is_invented = models.BooleanField(default=False)

    objects = OrganizationQuerySet.as_manager()
    protected = EDITABLE

    class Meta:
        indexes = [models.Index(fields=["name"], name="organizations_by_name")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_suspended(self) -> bool:
        return self.trust == Trust.SUSPENDED


class Location(models.Model):
    """Where an institution can be found. Nothing is stored of a confidential place."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="locations")
    is_confidential = models.BooleanField(default=False)
    name = models.CharField(max_length=200, blank=True)
    address_1 = models.CharField(max_length=200, blank=True)
    ubigeo = models.CharField(max_length=6, blank=True, validators=[UBIGEO])
    transportation = models.CharField(max_length=400, blank=True)
    latitude = models.FloatField(
        null=True, blank=True, validators=[MinValueValidator(-90), MaxValueValidator(90)]
    )  # null: not known
    longitude = models.FloatField(null=True, blank=True, validators=[MinValueValidator(-180), MaxValueValidator(180)])

    protected = EDITABLE

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(is_confidential=False)
                | Q(name="", address_1="", ubigeo="", transportation="", latitude=None, longitude=None),
                name="a_confidential_location_has_no_address",
            ),
            models.CheckConstraint(
                condition=Q(latitude=None, longitude=None) | Q(latitude__isnull=False, longitude__isnull=False),
                name="a_point_has_two_coordinates",
            ),
        ]

    def __str__(self) -> str:
        return f"location {self.pk}"

    @property
    def place(self) -> str:
        return places.named(self.ubigeo)


class ServiceQuerySet(models.QuerySet["Service"]):
    def offered(self) -> Self:
        """Return active services of institutions that are not suspended."""
        return self.filter(status=Status.ACTIVE).exclude(organization__trust=Trust.SUSPENDED)

    def accepting(self, sought: SearchCriteria, *, now: datetime) -> Self:
        """Return services that accept this person: the nearest first, then the latest verified.

        Annotated with `distance`, `is_partial`, `asks_age` and `is_stale`.
        """
        found = self.offered().filter(
            search.serves(sought), search.is_of_age(sought.years), accepts__contains=sorted(sought.needs)
        )
        if sought.any_of:
            found = found.filter(accepts__overlap=sought.any_of)
        if sought.language:
            found = found.filter(languages__contains=[sought.language])
        if sought.moment:
            found = found.filter(search.is_open(sought.moment))
        return found.with_freshness(now).annotate(
            distance=search.kilometres_from(sought.ubigeo), is_partial=search.is_partial(sought),
            asks_age=search.asks_age(sought.years),
        ).order_by(
            F("distance").asc(nulls_last=True), F("verified_at").desc(nulls_last=True), "name", "pk"
        )  # fmt: skip

    def with_freshness(self, now: datetime) -> Self:
        """Annotate `is_stale`: not verified within the service's own interval."""
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

    def with_all(self) -> Self:
        return self.select_related("organization").prefetch_related("schedules", "phones", "areas", "locations")


class Service(models.Model):
    """A service of an institution: for whom, when, where, and how to refer to it."""

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
        return [languages.named(code) or code for code in self.languages]

    @property
    def open_always(self) -> bool:
        return any(hours.is_always for hours in self.schedules.all())

    @property
    def served(self) -> list[str]:
        """Name the areas served; the whole country is blank."""
        return [places.named(area.ubigeo) for area in self.areas.all()]

    @property
    def public_places(self) -> list[Location]:
        """Return the public locations in a stable order."""
        return sorted((it for it in self.locations.all() if not it.is_confidential), key=lambda it: it.pk)

    @property
    def is_confidential(self) -> bool:
        return any(it.is_confidential for it in self.locations.all())


class ServiceArea(models.Model):
    """A place that a service covers, with everything within it; blank: the whole country."""

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


class VerificationTaskQuerySet(models.QuerySet["VerificationTask"]):
    def waiting(self) -> Self:
        """Return the open tasks, the oldest first."""
        return self.filter(done_at=None).select_related("service", "asked_by").order_by("asked_at", "pk")


class VerificationTask(models.Model):
    """A task for an editor: verify a service that was the only match, or find one where there is none.

    It says what is missing in which department. No row says which person the search was for.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    service = models.ForeignKey(
        Service, null=True, on_delete=models.CASCADE, related_name="verification_tasks"
    )  # null: find one
    department = models.CharField(max_length=2, blank=True)
    accepts = ArrayField(models.CharField(max_length=12, choices=Accepts.options), default=list)
    language = models.CharField(max_length=8, blank=True)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    objects = VerificationTaskQuerySet.as_manager()
    protected = row_security.ByRole(*READERS, web="select, insert, update (done_at, done_by_id)")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["service", "department", "accepts", "language"], condition=Q(done_at=None),
                nulls_distinct=False, name="a_verification_is_requested_once",
            ),
            models.CheckConstraint(
                condition=Q(done_at=None, done_by=None) | Q(done_at__isnull=False, done_by__isnull=False),
                name="a_done_verification_names_its_user",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"task {self.pk}"

    @property
    def place(self) -> str:
        return places.named(self.department)

    @property
    def lacking(self) -> list[str]:
        words = [str(Accepts(it).label) for it in self.accepts]
        return [*words, *filter(None, [languages.named(self.language)])]
