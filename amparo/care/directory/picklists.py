"""Picklists of the directory. `Status` is from HSDS 3.0; the rest is our own."""

from django.utils.translation import gettext_lazy as _

from amparo.foundation.core.picklists import Picklist, own_list


class Status(Picklist):
    """The state of a service: service.status of HSDS 3.0."""

    ACTIVE = "active", _("active")
    INACTIVE = "inactive", _("inactive")
    CLOSED_FOR_NOW = "temporarily closed", _("closed for now")
    DEFUNCT = "defunct", _("gone")


class Trust(Picklist):
    VETTED = "vetted", _("known and vetted")
    PROVISIONAL = "provisional", _("not vetted yet")
    SUSPENDED = "suspended", _("suspended: nobody is sent there")


@own_list("accepts", _("Whom a service takes"), _("Ticked in the directory, and used to find a service."))
class Accepts(Picklist):
    """Whom a service accepts. The first four say who the person is, the others what else it can deal with."""

    WOMEN = "women", _("women")
    MEN = "men", _("men")
    GIRLS = "girls", _("girls")
    BOYS = "boys", _("boys")
    LGBTIQ = "lgbtiq", _("LGBTIQ+ people")
    FAMILIES = "families", _("families, together")
    DISABILITY = "disability", _("people with a disability")
    NO_DOCUMENTS = "no_documents", _("people without documents")


NEEDS = (Accepts.LGBTIQ, Accepts.FAMILIES, Accepts.DISABILITY, Accepts.NO_DOCUMENTS)


class Day(Picklist):
    """The days of the week by their codes of RFC 5545, in the order of `date.weekday()`."""

    MONDAY = "MO", _("Mon")
    TUESDAY = "TU", _("Tue")
    WEDNESDAY = "WE", _("Wed")
    THURSDAY = "TH", _("Thu")
    FRIDAY = "FR", _("Fri")
    SATURDAY = "SA", _("Sat")
    SUNDAY = "SU", _("Sun")


class Sex(Picklist):
    """The sex that services select by; blank: not known."""

    FEMALE = "female", _("girl or woman")
    MALE = "male", _("boy or man")


class When(Picklist):
    """When the service must be open."""

    NOW = "now", _("now")
    TONIGHT = "tonight", _("tonight")
    TOMORROW = "tomorrow", _("tomorrow morning")
    ANY = "any", _("it can wait")


class Condition(Picklist):
    """A condition that a search may give up to find a service.

    Age and sex are never given up: they protect the residents.
    """

    HOURS = "hours", _("it is not open then")
    LANGUAGE = "language", _("nobody there is known to speak their language")
    NEEDS = "needs", _("it does not say that it takes all that it must: ask")
    PLACE = "place", _("it serves another place: ask whether they take the person from here")
