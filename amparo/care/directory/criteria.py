"""The search criteria: "who accepts a 16-year-old girl in Madre de Dios, tonight, in Quechua?"."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Self

from django.utils import timezone

from amparo.care.people.ages import AgeRange, age_range
from amparo.care.people.models import Person
from amparo.care.people.picklists import MAJORITY, Gender
from amparo.line.contacts.models import Contact
from amparo.line.contacts.picklists import Language

from .picklists import Accepts, Condition, Sex, When

NIGHT = time(22)  # what "tonight" means, unless it is night already
MORNING = time(9)

SEXES = {
    Gender.FEMININE: Sex.FEMALE, Gender.TRANSGENDER_FEMININE: Sex.FEMALE,
    Gender.MASCULINE: Sex.MALE, Gender.TRANSGENDER_MASCULINE: Sex.MALE,
}  # fmt: skip
LGBTIQ = (Gender.TRANSGENDER_FEMININE, Gender.TRANSGENDER_MASCULINE, Gender.NON_CONFORMING)


@dataclass(frozen=True)
class SearchCriteria:
    """What a search looks for. A blank field or None means "not known" and does not restrict the search."""

    ubigeo: str = ""
    age: int | None = None
    sex: str = ""
    needs: frozenset[str] = frozenset()
    language: str = ""
    moment: datetime | None = None  # when it must be open; None: it can wait
    is_anywhere: bool = False  # the place is used only to measure distances
    age_group: str = ""  # of `Age`, if no number is known

    @property
    def years(self) -> AgeRange | None:
        return age_range(self.age, self.age_group)

    @property
    def accepted_groups(self) -> list[str]:
        """The groups, such as women or boys, of which a service must accept at least one; empty: nothing is known."""
        grown = {Sex.FEMALE: Accepts.WOMEN, Sex.MALE: Accepts.MEN}
        young = {Sex.FEMALE: Accepts.GIRLS, Sex.MALE: Accepts.BOYS}
        if self.years is None and not self.sex:
            return []
        sexes = [Sex(self.sex)] if self.sex else list(Sex)
        of_age = self.years is None or self.years.oldest >= MAJORITY
        under_age = self.years is None or self.years.youngest < MAJORITY
        return [str(it[sex]) for it, fits in ((grown, of_age), (young, under_age)) if fits for sex in sexes]

    @property
    def areas_around(self) -> list[str]:
        """The codes of the place and of every larger place that contains it; blank is the code of the whole country."""
        return [self.ubigeo[:digits] for digits in range(0, len(self.ubigeo) + 1, 2)]

    def without(self, condition: Condition) -> Self:
        """Return a copy of these criteria that does not require this condition."""
        given_up = {
            Condition.HOURS: {"moment": None}, Condition.LANGUAGE: {"language": ""},
            Condition.NEEDS: {"needs": frozenset[str]()}, Condition.PLACE: {"is_anywhere": True},
        }  # fmt: skip
        return replace(self, **given_up[condition])  # type: ignore[arg-type]

    def relaxed(self) -> "Iterator[tuple[Condition, SearchCriteria]]":
        """Yield each condition that restricts the search, and the criteria without it."""
        for condition in Condition:
            if (other := self.without(condition)) != self and (condition != Condition.PLACE or self.ubigeo):
                yield condition, other


def criteria_for_person(person: Person, when: When, now: datetime) -> SearchCriteria:
    """Build the criteria from the person's record. A person who speaks Spanish needs no other language."""
    gender = Gender(person.gender or Gender.UNKNOWN)
    spoken = [code for code in person.languages if code != Language.OTHER]
    return SearchCriteria(
        ubigeo=person.ubigeo_now, age=person.years_now, sex=SEXES.get(gender, ""),
        needs=frozenset({Accepts.LGBTIQ} if gender in LGBTIQ else ()),
        language="" if Language.SPANISH in spoken else next(iter(spoken), ""), moment=opening_moment(when, now),
        age_group=person.age_today,
    )  # fmt: skip


def criteria_for_contact(contact: Contact, when: When, now: datetime) -> SearchCriteria:
    """Build the criteria from what a contact says: where, and in which language."""
    language = "" if contact.language in (Language.SPANISH, Language.OTHER) else contact.language
    return SearchCriteria(ubigeo=contact.ubigeo, language=language, moment=opening_moment(when, now))


def opening_moment(when: When, now: datetime) -> datetime | None:
    """Return the local time at which the service must be open; None: it can wait."""
    here = timezone.localtime(now)
    if when == When.TONIGHT and MORNING <= here.time() < NIGHT:
        return here.replace(hour=NIGHT.hour, minute=0, second=0, microsecond=0)
    if when == When.TOMORROW:
        return (here + timedelta(days=1)).replace(hour=MORNING.hour, minute=0, second=0, microsecond=0)
    return None if when == When.ANY else now
