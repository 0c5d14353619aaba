"""Events in a person's history of exploitation: recruitment, transit, exploitation."""

import uuid

from django.db import models
from django.db.models import F, Q

from amparo.care.cases.picklists import EventKind
from amparo.care.people.models import Person
from amparo.foundation.core import row_security
from amparo.foundation.places import countries, places
from amparo.foundation.vault.fields import SealedField
from amparo.foundation.vault.models import DataKey


class ValidEvents(models.Manager["Event"]):
    """Default manager: excludes events marked as mistakes."""

    def get_queryset(self) -> models.QuerySet["Event"]:
        return super().get_queryset().filter(is_mistake=False)


class Event(models.Model):
    """An event: what happened to a person, where and when. Figures count origin, transit and destination from it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="events")
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=EventKind.options)
    ubigeo = models.CharField(max_length=6, blank=True)  # place in Peru; blank: abroad or unknown
    country = models.CharField(max_length=2, blank=True)  # ISO 3166-1 alpha-2; blank: unknown
    since = models.DateField(null=True)  # null: unknown, here and in `until`
    until = models.DateField(null=True)
    words = SealedField("event.words", null=True)
    is_mistake = models.BooleanField(default=False, db_default=False)  # the timeline shows that it was marked

    objects = ValidEvents()
    all_objects = models.Manager["Event"]()  # all events, including mistakes
    protected = row_security.ByKey(web="select, insert, update")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(since=None) | Q(until=None) | Q(until__gte=F("since")), name="an_event_ends_after_it_began"
            ),
            models.CheckConstraint(condition=Q(ubigeo="") | Q(country="PE"), name="a_place_with_an_ubigeo_is_in_peru"),
        ]

    def __str__(self) -> str:
        return f"event {self.pk}"

    @property
    def place(self) -> str:
        """Name of the place in Peru, or else of the country. Blank: unknown."""
        return places.place_label(self.ubigeo) or countries.country_name(self.country)
