"""Picklists of houses, beds and placements."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from amparo.care.people.picklists import Gender
from amparo.foundation.core.picklists import Picklist, own_list

BABY = 3  # years: younger ones sleep in a cot, and count with the adult who brings them
SMALL = 12  # years: below it, the gender of a child who comes with an adult is not checked


class Region(Picklist):
    """The region of a house, too coarse to find it by."""

    COAST_NORTH = "coast_north", _("northern coast")
    COAST_CENTRE = "coast_centre", _("central coast")
    COAST_SOUTH = "coast_south", _("southern coast")
    HIGHLANDS = "highlands", _("northern and central highlands")
    HIGHLANDS_SOUTH = "highlands_south", _("southern highlands")
    JUNGLE_NORTH = "jungle_north", _("northern jungle")
    JUNGLE_SOUTH = "jungle_south", _("southern jungle")


DEPARTMENTS = {  # the first two digits of a ubigeo
    Region.COAST_NORTH: ("13", "14", "20", "24"), Region.COAST_CENTRE: ("02", "07", "11", "15"),
    Region.COAST_SOUTH: ("04", "18", "23"), Region.HIGHLANDS: ("06", "09", "10", "12", "19"),
    Region.HIGHLANDS_SOUTH: ("03", "05", "08", "21"), Region.JUNGLE_NORTH: ("01", "16", "22"),
    Region.JUNGLE_SOUTH: ("17", "25"),
}  # fmt: skip
REGIONS = {department: region for region, departments in DEPARTMENTS.items() for department in departments}


GENDER_LABELS = {  # whom a house accepts
    Gender.FEMININE: _("women and girls"), Gender.MASCULINE: _("men and boys"),
    Gender.TRANSGENDER_FEMININE: _("trans women"), Gender.TRANSGENDER_MASCULINE: _("trans men"),
    Gender.NON_CONFORMING: _("non-binary people"), Gender.UNKNOWN: _("people who do not say it"),
}  # fmt: skip


class BedKind(Picklist):
    BED = "bed", _("bed")
    COT = "cot", _("cot")


class OccupancyKind(Picklist):
    """Why a bed is not free."""

    HOLD = "hold", pgettext_lazy("a bed", "reserved")
    STAY = "stay", _("taken")
    REPAIR = "repair", _("out of order")
    GONE = "gone", _("out of use")  # set by the hotline: no bed of the house until it comes back
    CLOSED = "closed", _("the house is closed")


NO_BED = (OccupancyKind.GONE, OccupancyKind.CLOSED)  # does not count as a bed during that time


class State(Picklist):
    """The state of a placement."""

    RESERVED = "reserved", _("reserved")
    REQUESTED = "requested", _("asked for")
    APPROVED = "approved", _("approved")
    IN_HOUSE = "in_house", _("in the house")
    LEFT = "left", _("left")
    DECLINED = "declined", _("declined")
    RELEASED = "released", _("released")


WAITING = (State.RESERVED, State.REQUESTED, State.APPROVED)  # while the hold lasts
ACTIVE = (State.APPROVED, State.IN_HOUSE)  # the address may be opened
BRIEFABLE = (State.REQUESTED, *ACTIVE)  # the house can still receive a risk briefing
APPROVED_ONCE = (State.APPROVED, State.IN_HOUSE, State.LEFT)


@own_list("unmet", _("Why a bed does not fit"), _("Shown beside a house, and chosen when no bed fits."))
class UnmetReason(Picklist):
    """Why a house, or every bed, does not fit somebody."""

    FULL = "full", _("not enough free beds")
    FAMILIES_ONLY = "families_only", _("only families")
    NO_FAMILIES = "no_families", _("no families")
    BABIES = "babies", _("no babies")
    AGE = "age", _("their age")
    GENDER = "gender", _("their gender")
    STEPS = "steps", _("there are steps")
    PETS = "pets", _("no animals")
    NEAR = "near", _("too near to a place the person fears")
    LANGUAGE = "language", _("nobody speaks their language")
    OTHER = "other", _("another reason")
