"""What is told to whoever comes back with a code: in a few lines, without names, facts or folios."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from amparo.care.consent.models import Consent
from amparo.care.people.models import Person
from amparo.care.referrals.models import Report, Step
from amparo.care.referrals.picklists import Decision, StepKind
from amparo.ground.core.acting import Acting, need_to_know
from amparo.ground.vault.fields import read_together
from amparo.line.contacts.codes import ReturnCode
from amparo.line.contacts.returning import come_back

from .models import Belonging


@dataclass(frozen=True)
class Line:
    at: datetime
    text: str
    is_hers: bool = False  # she said it herself, with the code
    is_said: bool = False  # somebody's own words, of either side


@dataclass(frozen=True)
class Agreement:
    """A consent that stands, and can be taken back here."""

    pk: UUID
    what: str
    whom: str
    until: datetime


@dataclass(frozen=True)
class Story:
    code: ReturnCode
    lines: list[Line]  # oldest first
    agreements: list[Agreement]


def story_of(acting: Acting, now: datetime) -> Story:
    """What this code tells now. Refused when it opens nothing."""
    with need_to_know(acting):
        code = come_back(acting)
        people = hers(code)
        words = list(code.words.select_related("key").order_by("at", "pk"))
        read_together(code, words)
        lines = [Line(code.given_at, _("You talked with us."))]
        lines += [Line(word.at, word.text, is_hers=word.is_hers, is_said=True) for word in words]
        lines += [line for report in _reports(people) for line in _what_became_of(report)]
        agreements = [Agreement(it.pk, *it.in_words(), it.expires_at) for it in agreed_by(people, now)]
        return Story(code, sorted(lines, key=lambda line: line.at), agreements)


def hers(code: ReturnCode) -> list[UUID]:
    """The records of the human whose code this is, as who called and as who is at risk. Empty: nobody said whose."""
    if (belonging := Belonging.objects.filter(code=code).first()) is None:
        return []
    person = Person.objects.only("pk", "same_human_as").get(pk=belonging.person_id)
    same = Q(pk=person.pk) | Q(same_human_as=person.pk)
    if person.same_human_as_id:
        same |= Q(pk=person.same_human_as_id)
    return list(Person.objects.filter(same).values_list("pk", flat=True))


def agreed_by(people: list[UUID], now: datetime) -> QuerySet[Consent]:
    """What stands of what she agreed to, as far as the public side may read it."""
    stands = Consent.objects.live(now).filter(person__in=people)
    return stands.only("pk", "key", "data", "recipients", "expires_at").order_by("given_at", "pk")


def _reports(people: list[UUID]) -> QuerySet[Report]:
    return Report.objects.filter(person__in=people).only("pk", "sent_at").order_by("sent_at", "pk")


def _what_became_of(report: Report) -> list[Line]:
    """One line for each thing that happened to it; a question between the institutions is not hers to worry about."""
    said: dict[str, str] = {
        StepKind.RECEIVED: _("They received it."),
        StepKind.OUTCOME: _("Something came of it. Call us, and we tell you."),
    }
    steps = Step.objects.filter(report=report, kind__in=[*said, StepKind.DECIDED])
    lines = [Line(report.sent_at, _("Your report was sent."))]
    for kind, decision, at in steps.order_by("at", "pk").values_list("kind", "decision", "at"):
        lines.append(Line(at, said.get(kind) or _("They decided: %(what)s.") % {"what": Decision(decision).label}))
    return lines
