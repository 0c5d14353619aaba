"""The search form for a bed: for whom, and with which needs.

It is posted and never put in a URL, because browsers keep URLs.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Self
from uuid import UUID

from django.http import QueryDict

from amparo.care.cases.models import Case, Event
from amparo.care.cases.picklists import EventKind
from amparo.care.people.models import Person
from amparo.care.people.picklists import Part
from amparo.foundation.access import permissions
from amparo.foundation.access.models import User
from amparo.foundation.places import places

from .matching import Party

AT_MOST = 100  # cases to choose from: those whose next task is nearest


@dataclass(frozen=True)
class BedSearch:
    """A search for beds: for one person, perhaps with others of the same case, and what they need of a house."""

    case: Case
    person: Person
    others: list[Person]  # people of the case who could come along
    also: list[Person] = field(default_factory=list)  # those who do come along
    feared: dict[str, str] = field(default_factory=dict)  # known dangerous places, by ubigeo, in words
    far_from: list[str] = field(default_factory=list)
    needs_no_steps: bool = False
    has_pet: bool = False

    @classmethod
    def of(cls, person: Person, typed: QueryDict | None, user: User) -> Self | None:
        """Read the search that was typed for this person.

        If nothing was typed for this person yet, search for all people at risk of the case, far from where they were
        exploited. Return None if the user does not follow the person's case.
        """
        case = open_cases_of(user).filter(key=person.key_id).first()
        if case is None:
            return None
        people = list(case.persons.filter(part=Part.AT_RISK))
        others, feared = [it for it in people if it.pk != person.pk], _places_by_ubigeo(people)
        if typed is None or typed.get("seen") != str(person.pk):
            return cls(case, person, others, others, feared, _exploitation_ubigeos(people))
        also, far = set(typed.getlist("also")), set(typed.getlist("far_from"))
        return cls(
            case, person, others, [it for it in others if str(it.pk) in also], feared,
            [ubigeo for ubigeo in feared if ubigeo in far], "needs_no_steps" in typed, "has_pet" in typed,
        )  # fmt: skip

    @property
    def people(self) -> list[Person]:
        return [self.person, *self.also]

    @property
    def needs(self) -> dict[str, Any]:
        far = tuple(self.far_from)
        return {"needs_no_steps": self.needs_no_steps, "has_pet": self.has_pet, "far_from": far}

    @property
    def party(self) -> Party:
        return Party.of(self.people, **self.needs)

    @property
    def hidden_fields(self) -> Iterator[tuple[str, str]]:
        """Yield name and value of the hidden fields with which another form repeats this search."""
        yield from (("who", str(self.person.pk)), ("seen", str(self.person.pk)))
        yield from (("also", str(it.pk)) for it in self.also)
        yield from (("far_from", ubigeo) for ubigeo in self.far_from)
        yield from ((name, "on") for name in ("needs_no_steps", "has_pet") if getattr(self, name))


def open_cases_of(user: User) -> Any:
    """Return the open cases that this user works on; none for a user who follows no cases."""
    cases = Case.objects.visible_to(user).of_team(user).open()
    return cases if permissions.follow_cases(user) else cases.none()


def people_to_place(user: User) -> list[tuple[Person, Case]]:
    """Return the people at risk in the open cases of this user, each with the case; the case due first comes first."""
    cases = {case.key_id: case for case in open_cases_of(user).earliest_due_first()[:AT_MOST]}
    people = Person.objects.filter(key__in=cases, part=Part.AT_RISK).without_duplicates_in_file().order_by("number")
    return sorted(((it, cases[it.key_id]) for it in people), key=lambda pair: list(cases).index(pair[0].key_id))


def posted_search(typed: QueryDict, user: User) -> BedSearch | None:
    """Return the posted search. None: nobody was chosen, or the person is in none of the user's cases."""
    try:
        person_id = UUID(typed.get("who") or "")
    except ValueError:
        return None
    person = Person.objects.visible_to(user).filter(pk=person_id, part=Part.AT_RISK).first()
    return BedSearch.of(person, typed, user) if person else None


def _places_by_ubigeo(people: list[Person]) -> dict[str, str]:
    events = Event.objects.filter(person__in=people).exclude(ubigeo="").values_list("ubigeo", flat=True)
    found = [*events, *(code for it in people for code in (it.ubigeo_origin, it.ubigeo_now) if code)]
    return {ubigeo: places.place_label(ubigeo) for ubigeo in sorted(set(found))}


def _exploitation_ubigeos(people: list[Person]) -> list[str]:
    events = Event.objects.filter(person__in=people, kind=EventKind.EXPLOITATION).exclude(ubigeo="")
    return sorted(set(events.values_list("ubigeo", flat=True)))
