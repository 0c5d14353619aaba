"""Whom what may be told now, all at a glance."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from amparo.care.people.models import Person

from .disclosure import TOLD_BY_CONSENT, Data, Decision, Question, RecipientScope, Ruling, decide
from .institutions import find
from .models import Consent, PolicyVersion
from .rules import facts_of


@dataclass(frozen=True)
class Line:
    whom: RecipientScope
    rulings: dict[Data, Ruling]

    @property
    def told(self) -> frozenset[Data]:
        return frozenset(data for data, ruling in self.rulings.items() if ruling[0] != Decision.FORBID)

    def decided(self, decision: Decision, *, of: Iterable[Data]) -> list[Data]:
        """Those of these data that are decided so."""
        return [data for data in of if self.rulings[data][0] == decision]


def table_of(person: Person, now: datetime) -> list[Line]:
    """A line for each kind of recipient, then one for each institution to which she agreed alone, or who called did.

    The address of a safe house is asked nowhere but in a placement.
    """
    kinds = [RecipientScope(who) for who in TOLD_BY_CONSENT]
    said = Consent.objects.about(person).exclude(institution="").live(now).order_by("given_at", "pk")
    ones = {(it.recipients[0], it.institution): it.institution_name for it in said}
    found = ((find(one), told_as, name) for (told_as, one), name in ones.items())
    named = {whom: name for whom, told_as, name in found if whom and whom.recipient == told_as}  # told as that still
    return _lines(person, [*kinds, *(replace(whom, name=name) for whom, name in named.items())], now)


def line_of(person: Person, whom: RecipientScope, now: datetime) -> Line:
    """What may be told to this one."""
    return _lines(person, [whom], now)[0]


def _lines(person: Person, asked: Iterable[RecipientScope], now: datetime) -> list[Line]:
    policy = PolicyVersion.objects.in_force(now)
    facts = {data: facts_of(person, data, now) for data in Data if data != Data.SAFE_HOUSE_ADDRESS}
    return [
        Line(whom, {data: decide(Question(whom, data, known, policy, now)) for data, known in facts.items()})
        for whom in asked
    ]
