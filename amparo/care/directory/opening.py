import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from .models import KEPT, Service
from .picklists import Day


class Schedule(models.Model):
    """On which days a service opens, and from when to when. Closing at or before opening means on the next day."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="schedules")
    byday = ArrayField(models.CharField(max_length=2, choices=Day.choices))
    opens_at = models.TimeField()  # local
    closes_at = models.TimeField()

    protected = KEPT

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
    """A number that a service may be called at, by whoever refers to it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="phones")
    number = models.CharField(max_length=40)
    description = models.CharField(max_length=200, blank=True)

    protected = KEPT

    class Meta:
        indexes = [models.Index(fields=["service"], name="phones_of_a_service")]

    def __str__(self) -> str:
        return f"phone {self.pk}"
