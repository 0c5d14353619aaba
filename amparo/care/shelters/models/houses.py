import uuid
from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Count, Exists, OuterRef, Q, Subquery, Value
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.care.people.picklists import OLDEST, Age, Gender
from amparo.care.shelters.matching import Party, conditions
from amparo.care.shelters.picklists import GENDER_LABELS, NO_BED, BedKind, OccupancyKind, Region, UnmetReason
from amparo.care.shelters.protection import HOUSE_STAFF, LINE, HousePolicy, InsertOnly
from amparo.foundation.access.models import Agency, User
from amparo.foundation.audit.labels import label_verb
from amparo.foundation.core import row_security
from amparo.foundation.core.ranges import as_range
from amparo.foundation.core.refusal import Refused
from amparo.foundation.vault.fields import SealedField
from amparo.foundation.vault.models import DataKey
from amparo.line.contacts.picklists import Language

STALE = timedelta(hours=12)  # after this the house's last report is old


class HouseQuerySet(models.QuerySet["House"]):
    def visible_to(self, user: User) -> Self:
        """Return all houses to users who search for beds, and to a house's staff their own.

        Row-level security enforces the same.
        """
        role = user.acting().role
        return self if role in LINE else self.filter(agency=user.agency_id) if role == HOUSE_STAFF else self.none()

    def open(self) -> Self:
        return self.filter(closed_at=None)

    def get_locked(self, pk: int) -> "House":
        """Lock and return one row of this queryset until the transaction ends. Raise `Refused` if it is not in it."""
        found = self.filter(pk=pk).select_for_update(of=("self",)).first()
        if found is None:
            raise Refused(_("It does not exist, or you have no access."))
        return found

    def with_free(self, now: datetime) -> Self:
        """Annotate how many beds are free at this moment, and how many of them are cots."""
        free = Bed.objects.free(now).filter(house=OuterRef("pk")).order_by().values("house")
        count = free.annotate(how_many=Count("pk")).values("how_many")
        cots = free.filter(kind=BedKind.COT).annotate(how_many=Count("pk")).values("how_many")
        return self.annotate(
            free=models.functions.Coalesce(Subquery(count), 0), free_cots=models.functions.Coalesce(Subquery(cots), 0)
        )

    def with_fit_for(self, party: Party, now: datetime) -> Self:
        """Annotate for each condition whether the house meets it for this party: `fits_full`, `fits_age` and so on."""
        answers = {f"fits_{why}": _as_column(condition) for why, condition in conditions(party).items()}
        return self.with_free(now).annotate(**answers)

    def that_fit(self, party: Party, now: datetime) -> Self:
        """Return the houses that accept all of these people together and have a bed for each."""
        return self.with_fit_for(party, now).filter(**{f"fits_{why}": True for why in conditions(party)})


class House(models.Model):
    """A safe house, known by its code name. Its address is in `HouseAddress`, and only a placement opens it."""

    code_name = models.CharField(max_length=40, unique=True)  # "Casa Tucán"
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")  # who runs it
    region = models.CharField(max_length=16, choices=Region.options)
    genders = ArrayField(models.CharField(max_length=24, choices=Gender.options))  # who is accepted
    from_age = models.PositiveSmallIntegerField(null=True, blank=True)  # years; null: of any age
    to_age = models.PositiveSmallIntegerField(null=True, blank=True)
    only_families = models.BooleanField(default=False)
    takes_families = models.BooleanField(default=False)
    takes_babies = models.BooleanField(default=False)
    is_step_free = models.BooleanField(default=False)
    takes_pets = models.BooleanField(default=False)
    languages = ArrayField(models.CharField(max_length=8, choices=Language.options), default=list)
    rules = models.TextField(blank=True)  # the house's rules, for all to know
    confirmed_at = models.DateTimeField()  # when the house last confirmed its state
    closed_at = models.DateTimeField(null=True)  # null: open
    version = models.PositiveIntegerField(db_default=0, editable=False)  # core/edit_conflicts.py
    edits = models.JSONField(db_default={}, editable=False)

    objects = HouseQuerySet.as_manager()
    protected = HousePolicy(*LINE, web="select, insert, update")  # a trigger limits the house's staff to `confirmed_at`

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=(Q(from_age=None) | Q(to_age=None) | Q(from_age__lte=models.F("to_age")))
                & (Q(to_age=None) | Q(to_age__lte=OLDEST)),
                name="a_house_takes_an_age_up_to_a_higher_one",
            ),
            models.CheckConstraint(
                condition=Q(only_families=False) | Q(takes_families=True), name="a_house_of_families_takes_families"
            ),
        ]

    def __str__(self) -> str:
        return self.code_name

    def is_silent(self, now: datetime) -> bool:
        """Has the house not confirmed its state for a long time?"""
        return self.confirmed_at < now - STALE

    @property
    def accepted_genders(self) -> str:
        """Describe whom the house accepts."""
        return ", ".join(str(GENDER_LABELS[Gender(it)]) for it in self.genders)

    @property
    def spoken(self) -> list[str]:
        return [str(Language(code).label) for code in self.languages]


class HouseAddress(models.Model):
    """The address of a house, under a key that no user holds.

    `shelters_open_address` opens it for an active placement.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    house = models.OneToOneField(House, on_delete=models.PROTECT, related_name="+")
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+")
    address = SealedField("house_address.address")
    kept_at = models.DateTimeField()

    protected = InsertOnly(web="insert")

    class Meta:
        verbose_name_plural = "house addresses"

    def __str__(self) -> str:
        return f"address of house {self.house_id}"


label_verb("look houseaddress", gettext_lazy("read where the house is"))


class BedQuerySet(models.QuerySet["Bed"]):
    def free(self, now: datetime) -> Self:
        """Return the beds with no occupancy at this moment."""
        return self.filter(~Exists(Occupancy.objects.filter(bed=OuterRef("pk"), period__contains=now)))

    def retired(self, now: datetime) -> Self:
        """Return the beds that are retired now. A bed of a closed house does not count as retired."""
        return self.filter(occupancies__kind=OccupancyKind.GONE, occupancies__period__contains=now)

    def in_use(self, now: datetime) -> Self:
        """Return the beds that count as beds of their house at this moment: neither retired nor of a closed house."""
        gone = Occupancy.objects.filter(bed=OuterRef("pk"), kind__in=NO_BED, period__contains=now)
        return self.filter(~Exists(gone))


class Bed(models.Model):
    house = models.ForeignKey(House, on_delete=models.PROTECT, related_name="beds")
    room = models.PositiveSmallIntegerField()
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=4, choices=BedKind.options, default=BedKind.BED)

    objects = BedQuerySet.as_manager()
    protected = row_security.ThroughParent("house_id", "shelters.House", web="select, insert")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["house", "number"], name="beds_of_a_house_have_numbers_of_their_own")
        ]

    def __str__(self) -> str:
        return f"{self.house}, {self.number}"


class Occupancy(models.Model):
    """A period in which a bed is not free: reserved, in use or out of service. `Stay` names the person in it.

    A constraint lets no two occupancies overlap in one bed, whatever code tries: a house is never fuller than it has
    beds, and no bed is taken away, nor a house closed, while somebody is in it or on the way. A hold that has expired
    blocks nobody: its period is over.
    """

    bed = models.ForeignKey(Bed, on_delete=models.PROTECT, related_name="occupancies", db_index=False)
    kind = models.CharField(max_length=6, choices=OccupancyKind.options)
    period = DateTimeRangeField()  # without an end: until further notice

    protected = row_security.ThroughParent("bed_id", "shelters.Bed", web="select, insert, update (period)")

    class Meta:
        verbose_name_plural = "occupancies"
        constraints = [
            ExclusionConstraint(
                name="a_bed_is_taken_once_at_a_time",
                expressions=[(as_range("bed"), RangeOperators.OVERLAPS), ("period", RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(
                condition=~Q(kind=OccupancyKind.HOLD) | Q(period__isempty=True) | Q(period__upper_inf=False),
                name="a_hold_ends",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of bed {self.bed_id}"


class UnmetNeed(models.Model):
    """A request for which no bed was suitable. It stores age, gender and reason, and never a name."""

    at = models.DateTimeField()
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    people = models.PositiveSmallIntegerField(default=1)
    age = models.CharField(max_length=8, choices=Age.options)  # the age of the eldest
    gender = models.CharField(max_length=24, choices=Gender.options)
    why = models.CharField(max_length=14, choices=UnmetReason.options)

    protected = row_security.ByRole(*LINE, web="select, insert")

    class Meta:
        indexes = [models.Index(fields=["at"], name="unmet_needs_by_time")]
        constraints = [models.CheckConstraint(condition=Q(people__gte=1), name="a_need_is_somebodys")]

    def __str__(self) -> str:
        return f"unmet need {self.pk}"


def _as_column(condition: Q) -> Any:
    return models.ExpressionWrapper(condition, output_field=models.BooleanField()) if condition else Value(True)
