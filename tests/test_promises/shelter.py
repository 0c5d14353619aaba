"""A house whose address is sealed, and who has to do with it, for the tests of what becomes of that address."""

import uuid

from django.utils import timezone

from amparo.care.cases.rules import add_member, open_case
from amparo.care.people.rules import describe_person
from amparo.care.shelters.house_rules import add_bed, add_house, open_address, seal_address
from amparo.care.shelters.rules import (
    approve_placement,
    hold_bed,
    request_placement,
)
from amparo.foundation.access.models import Kind, Role, User
from amparo.foundation.audit.labels import Purpose
from amparo.foundation.audit.models import Entry
from amparo.foundation.core.refusal import Refused

from .access import agency, colleague, contact_of

CANARY = "Jirón Quebradahonda Inventada 4711"


class Line:
    """A house whose address is sealed, and a placement that is asked for; everybody who has to do with it."""

    def __init__(self) -> None:
        self.now = timezone.now()
        self.shelter = agency(Kind.SHELTER)
        self.ana, self.ines = colleague("ana"), colleague("ines", Role.CASE_WORKER)
        self.marta, self.stranger = colleague("marta", Role.SUPERVISOR), colleague("rufino")
        self.olga, self.luz = (
            colleague("olga", Role.PLACEMENT_OFFICER),
            colleague("luz", Role.SHELTER_STAFF, self.shelter),
        )
        takes = {"region": "coast_south", "genders": ["feminine"]}
        self.house = add_house(f"Casa {uuid.uuid4().hex[:6]}", self.shelter, by=self.olga, now=self.now, **takes)
        add_bed(self.house, room=1, number=1, by=self.olga, now=self.now)
        seal_address(self.house, CANARY, by=self.olga, now=self.now)
        self.case = open_case(contact_of(self.ana), by=self.ana, now=self.now)
        add_member(self.case, self.ines, by=self.ana, now=self.now)
        known = {"age_at_events": 30, "age_certainty": "sure", "gender": "feminine"}
        self.person = describe_person(self.case.persons.get(part="at_risk"), by=self.ana, now=self.now, **known)
        self.placement = hold_bed(self.case, [self.person], self.house, by=self.ana, now=self.now)

    def ask(self) -> None:
        day = timezone.localdate(self.now)
        request_placement(self.placement, planned_to=day, escort_user=self.ines, by=self.ana, now=self.now)

    def approve(self) -> None:
        self.ask()
        approve_placement(self.placement, by=self.olga, now=self.now)

    @property
    def everybody(self) -> list[User]:
        return [self.ana, self.ines, self.marta, self.stranger, self.olga, self.luz]

    def opened_by(self, user: User) -> str:
        """What they read; the sentence where they may not."""
        try:
            return open_address(self.placement, purpose=Purpose.CARE, by=user, now=self.now)
        except Refused as refusal:
            return str(refusal)


def looks() -> list[Entry]:
    return list(Entry.objects.filter(what="look", about__startswith="houseaddress").order_by("pk"))
