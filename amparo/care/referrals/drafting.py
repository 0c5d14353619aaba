"""A police report before it is sent: just what the unit would read, on which basis; refused where nothing allows it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext as _

from amparo.care.cases.models import Case
from amparo.care.consent.disclosure import Basis as Because
from amparo.care.consent.disclosure import Data, Recipient
from amparo.care.consent.disclosure import Decision as Ruled
from amparo.care.consent.models import PolicyVersion
from amparo.care.consent.rules import basis_for, may_be_told
from amparo.care.people.models import Person
from amparo.care.people.picklists import Part
from amparo.ground.access.models import Agency, Kind, User
from amparo.ground.core.refusal import Refused
from amparo.line.contacts.picklists import Urgency

from .models import CallerInReport, NamedInReport, Report
from .picklists import Source
from .sources import RULES, check

A_YEAR = timedelta(days=365)  # where the law itself is the basis
RECIPIENTS = {Kind.POLICE: Recipient.POLICE, Kind.PROSECUTOR: Recipient.PROSECUTOR}

type Row = Report | NamedInReport | CallerInReport


@dataclass(frozen=True)
class Draft:
    """Rows that are not kept yet: whoever only looks at them leaves nothing behind."""

    report: Report
    named: NamedInReport | None
    caller: CallerInReport | None

    @property
    def rows(self) -> list[Row]:
        return [row for row in (self.report, self.named, self.caller) if row is not None]


def draft(
    person: Person, case: Case, unit: Agency, *, facts: str, source: Source, known_how: str = "", ubigeo: str = "",
    names: str = "", caller: str = "", traces: str = "", by: User, now: datetime,
) -> Draft:  # fmt: skip
    """As it would be sent now."""
    check(source, names=names + caller, known_how=known_how, ubigeo=ubigeo)
    recipient = RECIPIENTS.get(Kind(unit.kind))
    if recipient is None:
        raise Refused(_("A police report goes to the police or to a prosecutor."))
    if not facts.strip():
        raise Refused(_("Write the facts that are sent. They are read without the case."))
    is_danger = case.urgency == Urgency.IMMEDIATE
    report = Report(
        case=case, person=person, to_agency=unit, source=source, ubigeo=ubigeo, facts=facts,
        known_how=known_how if RULES[source].says_how else "", traces=traces.strip() or None, is_danger=is_danger,
        policy=PolicyVersion.objects.in_force(now).version, sent_at=now, sent_by=by, **_due(is_danger, now),
    )  # fmt: skip
    ruling, report.because = may_be_told(person, recipient, Data.INCIDENT_FACTS, now=now)
    if ruling == Ruled.FORBID:
        raise Refused(_("Nothing allows to tell them now. Ask for her consent first, or write down another basis."))
    report.basis, report.until = basis_for(person, recipient, Data.INCIDENT_FACTS, now) or (report.pk, now + A_YEAR)
    named = _named(report, recipient, names.strip(), now) if names.strip() else None
    return Draft(report, named, _caller(report, recipient, caller.strip(), now) if caller.strip() else None)


def _due(is_danger: bool, now: datetime) -> dict[str, datetime]:
    """By when the unit is to receive it and to decide."""
    in_danger, receive, decide = settings.ENVIRONMENT.report_clocks
    return {"receive_by": now + (in_danger if is_danger else receive), "decide_by": now + decide}


def _named(report: Report, recipient: Recipient, names: str, now: datetime) -> NamedInReport:
    """Her name goes along on a basis of its own, and can be taken back alone."""
    ruling, because = may_be_told(report.person, recipient, Data.SUBJECT_IDENTITY, now=now)
    if ruling == Ruled.FORBID:
        raise Refused(_("She did not agree that her name is told to them. Send the facts without it."))
    named = NamedInReport(report=report, names=names, because=because)
    basis = basis_for(report.person, recipient, Data.SUBJECT_IDENTITY, now)
    named.basis, named.until = basis or (report.pk, now + A_YEAR)
    return named


def _caller(report: Report, recipient: Recipient, names: str, now: datetime) -> CallerInReport:
    """Who called is named only where they said so themselves, each for themselves, and take it back alone."""
    person, because = _who_agreed(report.person, recipient, now)
    named = CallerInReport(report=report, names=names, because=because)
    basis = basis_for(person, recipient, Data.CALLER_IDENTITY, now)
    named.basis, named.until = basis or (report.pk, now + A_YEAR)
    return named


def _who_agreed(about: Person, recipient: Recipient, now: datetime) -> tuple[Person, Because]:
    of_case = Person.objects.filter(key=about.key_id, part=Part.CALLER)
    rulings = [(it, *may_be_told(it, recipient, Data.CALLER_IDENTITY, now=now)) for it in of_case]
    agreed = [(it, because) for it, ruling, because in rulings if ruling != Ruled.FORBID]
    if not agreed:
        raise Refused(_("Who called did not agree to be named to them. Send the report without that name."))
    if len(agreed) > 1:
        raise Refused(_("More than one who called agreed to be named. Send the report without that name."))
    return agreed[0]
