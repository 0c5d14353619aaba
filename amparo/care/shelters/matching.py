"""Which house accepts whom: one set of SQL conditions, so that the reasons on screen and the filter agree."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

from django.db.models import F, Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from amparo.care.people.ages import AgeRange, age_range
from amparo.care.people.models import Person
from amparo.care.people.picklists import MAJORITY, Age, Gender

from .picklists import BABY, REGIONS, SMALL, Region, UnmetReason


@dataclass(frozen=True)
class PersonToPlace:
    """The facts about a person by which houses select."""

    age: int | None = None  # years; None: not known
    gender: str = ""  # blank: not known
    languages: tuple[str, ...] = ()
    age_group: str = ""  # of `Age`, if no number is known

    @property
    def years(self) -> AgeRange | None:
        return age_range(self.age, self.age_group)

    def is_under(self, age: int) -> bool:
        """Is the person certainly younger than this age?"""
        return self.years is not None and self.years.oldest < age

    @property
    def has_gender(self) -> bool:
        return self.gender not in ("", Gender.UNKNOWN)

    @property
    def is_baby(self) -> bool:
        return self.is_under(BABY)

    @property
    def is_adult(self) -> bool:
        return self.years is not None and self.years.youngest >= MAJORITY


@dataclass(frozen=True)
class Party:
    """Those who need beds together: one person or a family."""

    people: tuple[PersonToPlace, ...]
    needs_no_steps: bool = False
    has_pet: bool = False
    far_from: tuple[str, ...] = ()  # ubigeos of places that are dangerous for them

    @classmethod
    def of(cls, people: Iterable[Person], **needs: Any) -> Self:
        """Build a party from the records of people. Their ages are those of today, as far as known."""
        known = tuple(PersonToPlace(it.years_now, it.gender, tuple(it.languages), it.age_today) for it in people)
        return cls(known, **needs)

    @property
    def without_babies(self) -> list[PersonToPlace]:
        return [it for it in self.people if not it.is_baby]

    @property
    def is_family(self) -> bool:
        """True if at least two of them are older than a baby.

        A mother with her baby is not a family: whether a house accepts babies is another condition.
        """
        return len(self.without_babies) > 1

    @property
    def eldest(self) -> PersonToPlace:
        """The person who may be the oldest; somebody of unknown age only if nobody's age is known."""
        return max(self.people, key=lambda it: -1 if it.years is None else it.years.oldest)

    @property
    def age(self) -> Age:
        if self.eldest.years is None:
            return Age.UNKNOWN
        return Age.ADULT if self.eldest.is_adult else Age.CHILD

    @property
    def regions(self) -> set[Region]:
        return {REGIONS[ubigeo[:2]] for ubigeo in self.far_from if ubigeo[:2] in REGIONS}


def conditions(party: Party) -> dict[UnmetReason, Q]:
    """Return the conditions that a house must meet for this party, by the reason for which it would not fit.

    An empty condition is always met. The queryset must have the annotations of `with_free`.
    """
    babies = len(party.people) - len(party.without_babies)
    return {
        UnmetReason.FAMILIES_ONLY: Q() if party.is_family or babies else Q(only_families=False),
        UnmetReason.NO_FAMILIES: Q(takes_families=True) if party.is_family else Q(),
        UnmetReason.BABIES: Q(takes_babies=True) if babies else Q(),
        UnmetReason.AGE: _accepts_ages([it.years for it in _people_checked_by_age(party)]),
        UnmetReason.GENDER: Q(genders__contains=sorted(_genders_to_accept(party))),
        UnmetReason.STEPS: Q(is_step_free=True) if party.needs_no_steps else Q(),
        UnmetReason.PETS: Q(takes_pets=True) if party.has_pet else Q(),
        UnmetReason.NEAR: ~Q(region__in=sorted(party.regions)) if party.regions else Q(),
        UnmetReason.FULL: Q(free__gte=len(party.people)) & Q(free__gte=F("free_cots") + len(party.without_babies)),
    }


def reasons_against(house: Any, party: Party) -> list[str]:
    """Return why a house does not fit, in words; empty: it fits. The house must come from `with_fit_for`."""
    return [_reason_in_words(why, house) for why in conditions(party) if not getattr(house, f"fits_{why}")]


def asks_age(house: Any, party: Party) -> bool:
    """Does the house accept only some of a person's possible ages? Then staff must ask for the age first."""
    return any(it.years and not it.years.within(house.from_age, house.to_age) for it in _people_checked_by_age(party))


def unknown_criteria(party: Party) -> list[UnmetReason]:
    """Return the criteria, age or gender, that nobody knows yet of some person. Once known, more houses may fit."""
    unknown = {
        UnmetReason.AGE: any(it.years is None for it in _people_checked_by_age(party)),
        UnmetReason.GENDER: any(not it.has_gender for it in _people_checked_by_gender(party)),
    }
    return [why for why, is_unknown in unknown.items() if is_unknown]


def accepted_ages(house: Any) -> str:
    """Describe the ages that a house accepts."""
    if house.from_age is None and house.to_age is None:
        return _("of any age")
    if house.to_age is None:
        return _("from %(age)s") % {"age": house.from_age}
    if house.from_age is None:
        return _("up to %(age)s") % {"age": house.to_age}
    return _("from %(from)s to %(to)s") % {"from": house.from_age, "to": house.to_age}


def _reason_in_words(why: UnmetReason, house: Any) -> str:
    label: str | Promise = accepted_ages(house) if why == UnmetReason.AGE else why.label
    if why == UnmetReason.GENDER:
        label = _("only %(who)s") % {"who": house.accepted_genders}
    return str(label)


def _people_checked_by_age(party: Party) -> list[PersonToPlace]:
    """Return the people whose age a house checks.

    Children who come with an adult are taken as family, whatever ages the house accepts.
    """
    adults = [it for it in party.without_babies if it.is_adult]
    unknown = [it for it in party.without_babies if it.years is None]
    return adults + unknown if adults else party.without_babies


def _accepts_ages(known: list[AgeRange | None]) -> Q:
    """Return the condition that the house accepts at least one possible age of every person (people/ages.py)."""
    if not known:
        return Q()
    if None in known:
        return Q(from_age=None, to_age=None)  # if no age is known, a house with age limits cannot promise a bed
    youngest, oldest = max(it.youngest for it in known if it), min(it.oldest for it in known if it)
    return (Q(from_age=None) | Q(from_age__lte=oldest)) & (Q(to_age=None) | Q(to_age__gte=youngest))


def _genders_to_accept(party: Party) -> set[str]:
    """Return the genders that must be accepted. An unknown gender fits where both women and men are accepted."""
    found: set[str] = set()
    for it in _people_checked_by_gender(party):
        found |= {it.gender} if it.has_gender else {Gender.FEMININE, Gender.MASCULINE}
    return found


def _people_checked_by_gender(party: Party) -> list[PersonToPlace]:
    """Return the people whose gender a house checks. Small children come with their family, whatever their gender."""
    return [it for it in party.without_babies if not (party.is_family and it.is_under(SMALL))]
