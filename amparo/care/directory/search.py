"""The conditions of the directory's one search query: distance, age, area, opening hours."""

from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Exists, F, Min, OuterRef, Q, Value
from django.db.models.functions import ASin, Cos, Least, Power, Radians, Round, Sin, Sqrt
from django.utils import timezone

from amparo.care.people.ages import AgeRange
from amparo.foundation.places.places import place_position

from .criteria import SearchCriteria
from .picklists import Day

EARTH = 6371.0  # km, the mean radius


def kilometres_from(ubigeo: str) -> Any:
    """Return whole kilometres from a place to a service's nearest public location, as an expression.

    It is null without a place or without a public location.
    """
    here = place_position(ubigeo)
    if here is None:
        return Value(None, models.FloatField())
    door = apps.get_model("directory", "Location").objects.filter(services=OuterRef("pk"), is_confidential=False)
    nearest = door.values("services").annotate(km=Min(_kilometres(*here))).values("km")
    return Round(models.Subquery(nearest, models.FloatField()))


def _kilometres(latitude: float, longitude: float) -> Any:
    """Return the haversine distance in km to a location."""
    up = Power(Sin(Radians(F("latitude") - latitude) / 2), 2)
    across = Power(Sin(Radians(F("longitude") - longitude) / 2), 2)
    inner = up + Cos(Radians(Value(latitude))) * Cos(Radians(F("latitude"))) * across
    return 2 * EARTH * ASin(Sqrt(Least(inner, Value(1.0))))


def serves_place(sought: SearchCriteria) -> Q:
    """Match services that cover the place or a part of it.

    If only the department is known, a service for one of its provinces may be right.
    """
    if not sought.ubigeo or sought.is_anywhere:
        return Q()
    covers_place, is_inside = Q(ubigeo__in=sought.areas_around), Q(ubigeo__startswith=sought.ubigeo)
    return Q(Exists(_areas_of_service().filter(covers_place | is_inside)))


def covers_only_part(sought: SearchCriteria) -> Any:
    """Return an expression: true for a service that covers only a part of the place."""
    if not sought.ubigeo or sought.is_anywhere:
        return Value(False)
    return ~Exists(_areas_of_service().filter(ubigeo__in=sought.areas_around))


def _areas_of_service() -> models.QuerySet[Any]:
    return apps.get_model("directory", "ServiceArea").objects.filter(service=OuterRef("pk"))


def accepts_age(years: AgeRange | None) -> Q:
    """Match services that accept at least one possible age of the person."""
    if years is None:
        return Q()
    youngest = Q(minimum_age=None) | Q(minimum_age__lte=years.oldest)
    return youngest & (Q(maximum_age=None) | Q(maximum_age__gte=years.youngest))


def asks_age(years: AgeRange | None) -> Any:
    """Return an expression: true for a service that rejects one of the person's possible ages.

    Staff must then ask for the age.
    """
    if years is None:
        return Value(False)
    too_young, too_old = Q(minimum_age__gt=years.youngest), Q(maximum_age__lt=years.oldest)
    return models.Case(models.When(too_young | too_old, then=Value(True)), default=Value(False))


def is_open_at(moment: datetime) -> Q:
    """Match services that are open at this moment by the local clock.

    A closing time at or before the opening time is on the next day.
    """
    here = timezone.localtime(moment)
    today, at = list(Day)[here.weekday()], here.time()
    yesterday = list(Day)[(here.weekday() - 1) % len(Day)]
    over_midnight = Q(closes_at__lte=F("opens_at"))
    since_today = Q(byday__contains=[today], opens_at__lte=at) & (Q(closes_at__gt=at) | over_midnight)
    since_yesterday = Q(byday__contains=[yesterday], closes_at__gt=at) & over_midnight
    hours = apps.get_model("directory", "Schedule").objects.filter(service=OuterRef("pk"))
    return Q(Exists(hours.filter(since_today | since_yesterday)))
