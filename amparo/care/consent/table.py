"""Whom what may be told now, all at a glance."""

from dataclasses import dataclass
from datetime import datetime

from amparo.care.people.models import Person

from .disclosure import Data, Decision, Question, Recipient, Ruling, decide
from .institutions import Whom, find
from .models import Consent, PolicyVersion
from .rules import facts_of


@dataclass(frozen=True)
class Line:
    recipient: Recipient
    rulings: dict[Data, Ruling]
    name: str = ""  # of the one institution; blank: the line is of all of this kind

    @property
    def whom(self) -> str:
        return self.name or str(self.recipient.label)

    @property
    def told(self) -> frozenset[Data]:
        return frozenset(data for data, ruling in self.rulings.items() if ruling[0] != Decision.FORBID)


def table_of(person: Person, now: datetime) -> list[Line]:
    """A line for each kind of recipient, then one for each institution to which she agreed alone, or who called did.

    The address of a safe house is asked nowhere but in a placement.
    """
    kinds = [(who, "", "") for who in Recipient if who != Recipient.PLACEMENT_ESCORT]
    said = Consent.objects.about(person).exclude(institution="").live(now).order_by("given_at", "pk")
    ones = {(Recipient(it.recipients[0]), it.institution): it.institution_name for it in said}
    return _lines(person, [*kinds, *((who, one, name) for (who, one), name in ones.items() if _is(one, who))], now)


def _is(institution: str, recipient: Recipient) -> bool:
    """Whether it is here, and told as that still."""
    found = find(institution)
    return found is not None and found.told_as == recipient


def line_of(person: Person, whom: Whom, name: str, now: datetime) -> Line:
    """What may be told to this one, which is called so."""
    return _lines(person, [(whom.recipient, whom.institution, name)], now)[0]


def _lines(person: Person, whom: list[tuple[Recipient, str, str]], now: datetime) -> list[Line]:
    policy = PolicyVersion.objects.in_force(now)
    asked = {data: facts_of(person, data, now) for data in Data if data != Data.SAFE_HOUSE_ADDRESS}
    return [
        Line(who, {it: decide(Question(who, it, facts, policy, now, one)) for it, facts in asked.items()}, name)
        for who, one, name in whom
    ]
