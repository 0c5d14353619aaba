"""What belongs to some cases, asked once for all of them: however many are told, there are six questions."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from amparo.care.cases.models import Case, Event
from amparo.care.consent.models import Consent
from amparo.care.people.models import Person
from amparo.care.people.picklists import Part
from amparo.care.referrals.models import Report
from amparo.care.screening.models import Assessment, Screening


@dataclass(frozen=True)
class Told:
    """How much of a case leaves: always values of lists, ages, places and dates."""

    words: bool = False  # what somebody wrote, and nobody reviewed: it may name anybody
    names: frozenset[UUID] = frozenset()  # ids of the people whose identity leaves
    silent: frozenset[UUID] = frozenset()  # ids of the people at risk of whom nothing leaves


NOTHING_WRITTEN = Told()


@dataclass(frozen=True)
class Parts:
    """Of several cases; who is silent is in none of them."""

    people: dict[UUID, list[Person]]  # by the key of their case
    agreed: frozenset[UUID]  # the keys of cases in which some consent stands
    reports: dict[UUID, list[Report]]  # by case, the oldest first
    signed: dict[UUID, Assessment]  # the newest by person
    screenings: dict[UUID, Screening]  # by person
    events: dict[UUID, list[Event]]  # by person


def parts_of(cases: list[Case], told: Told) -> Parts:
    keys, silent = [case.key_id for case in cases], told.silent
    found = Person.objects.filter(key__in=keys).each_once().exclude(part=Part.CALLER).exclude(pk__in=silent)
    people = list(found.defer("remarks").order_by("number"))
    at_risk = [person.pk for person in people if person.part == Part.AT_RISK]
    agreed = Consent.objects.filter(key__in=keys, withdrawn_at=None).exclude(person__in=silent)
    reports = Report.objects.filter(case__in=cases).exclude(person__in=silent).defer("facts", "traces")
    signed = Assessment.objects.filter(person__in=at_risk).defer("remark").order_by("signed_at")
    events = Event.objects.filter(person__in=at_risk).select_related("key").order_by("since", "pk")
    return Parts(
        people=_by("key_id", people), agreed=frozenset(agreed.values_list("key", flat=True)),
        reports=_by("case_id", reports.select_related("to_agency").order_by("sent_at")),
        signed={one.person_id: one for one in signed},
        screenings={one.person_id: one for one in Screening.objects.filter(person__in=at_risk)},
        events=_by("person_id", events if told.words else events.defer("words")),
    )  # fmt: skip


def _by(column: str, rows: Iterable[Any]) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = defaultdict(list)
    for row in rows:
        found[getattr(row, column)].append(row)
    return found
