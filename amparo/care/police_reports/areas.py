"""The places and the telephone of each unit of the police or the prosecution. The nearest unit is offered first."""

from datetime import datetime

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import Agency, Kind, User
from amparo.foundation.core.refusal import Refused
from amparo.foundation.places import places

from .models import Area, UnitTelephone


@action(permissions.supervise, label=gettext_lazy("said that a place is a unit's own"))
def add_area(unit: Agency, ubigeo: str, *, by: User, now: datetime) -> Area:
    """Add a place to a unit. Doing it twice changes nothing."""
    _refuse_other_agencies(unit)
    if ubigeo and not places.place_label(ubigeo):
        raise Refused(_("Choose a place of the list: a department, a province or a district."))
    return Area.objects.get_or_create(unit=unit, ubigeo=ubigeo, defaults={"by": by, "at": now})[0]


@action(permissions.supervise, label=gettext_lazy("said that a place is not a unit's own any more"))
def remove_area(area: Area, *, by: User) -> None:
    """Remove a place from a unit. Doing it twice changes nothing."""
    Area.objects.filter(pk=area.pk).delete()


@action(permissions.supervise, label=gettext_lazy("wrote down a unit's telephone number"))
def set_telephone(unit: Agency, number: str, *, by: User, now: datetime) -> None:
    """Write down the number at which the hotline calls a unit; blank: none is known."""
    _refuse_other_agencies(unit)
    if number:
        UnitTelephone.objects.update_or_create(unit=unit, defaults={"number": number, "at": now, "by": by})
    else:
        UnitTelephone.objects.filter(unit=unit).delete()


def _refuse_other_agencies(unit: Agency) -> None:
    if unit.kind not in (Kind.POLICE, Kind.PROSECUTOR):
        raise Refused(_("A police report goes to the police or to a prosecutor."))


def units() -> models.QuerySet[Agency]:
    """Return the units that can receive a report, each with its places and its telephone."""
    of_both = Agency.objects.filter(kind__in=(Kind.POLICE, Kind.PROSECUTOR)).order_by("name", "pk")
    of_both = of_both.select_related("telephone")
    return of_both.prefetch_related(models.Prefetch("areas", Area.objects.order_by("ubigeo")))


def units_near(ubigeo: str) -> list[tuple[Agency, int]]:
    """Return the units that cover this place as (unit, digits), the nearest first.

    `digits` is the length of the ubigeo of the unit's smallest such area: 6 for the district, 4 for the province, 2 for
    the department, 0 for the whole country.
    """
    found = [(unit, [len(it.ubigeo) for it in unit.areas.all() if ubigeo.startswith(it.ubigeo)]) for unit in units()]
    return sorted(((unit, max(digits)) for unit, digits in found if digits), key=lambda pair: -pair[1])


def nearest_unit(ubigeo: str) -> Agency:
    """Return the unit nearest to this place. Raise `Refused` if there is none, or several are equally near."""
    own = units_near(ubigeo)
    if not own:
        raise Refused(_("No unit has this place for its own. Choose one of the list."))
    if len(own) > 1 and own[0][1] == own[1][1]:
        raise Refused(_("More than one unit has this place for its own. Choose one of them."))
    return own[0][0]
