"""What may be done with a police report: send it on a live basis, receive, ask, decide, and tell back."""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from amparo.care.cases.models import Case
from amparo.care.cases.picklists import EntryKind, TaskKind
from amparo.care.cases.planning import hold_open, plan, set_next, tell
from amparo.care.cases.team import key_beside
from amparo.care.consent.disclosure import Data, Recipient
from amparo.care.consent.disclosure import Decision as Ruled
from amparo.care.consent.models import PolicyVersion
from amparo.care.consent.rules import basis_for, may_be_told
from amparo.care.people.models import Person
from amparo.care.people.picklists import Part
from amparo.ground.access import may
from amparo.ground.access.action import action
from amparo.ground.access.models import Agency, Kind, Role, User
from amparo.ground.core.acting import held_by
from amparo.ground.core.live import note
from amparo.ground.core.refusal import Refused
from amparo.ground.machines.rules import announce
from amparo.line.contacts.picklists import Urgency

from .alike import keep_traces
from .models import CallerInReport, NamedInReport, Report, Step
from .picklists import OURS, THEIRS, Decision, Source, StepKind
from .sources import RULES, check

A_YEAR = timedelta(days=365)  # where the law itself is the basis
RECIPIENTS = {Kind.POLICE: Recipient.POLICE, Kind.PROSECUTOR: Recipient.PROSECUTOR}


@action(may.follow_cases)
def report_to_police(
    person: Person,
    unit: Agency,
    *,
    facts: str,
    source: Source,
    known_how: str = "",
    ubigeo: str = "",
    names: str = "",
    caller: str = "",
    traces: str = "",
    by: User,
    now: datetime,
) -> Report:
    """Send the facts to a unit, on a basis that is live now. A name goes with them only where that too may be told."""
    check(source, names=names + caller, known_how=known_how, ubigeo=ubigeo)
    person = Person.objects.visible_to(by).hold(person.pk)
    case = hold_open(Case.objects.visible_to(by).get(key=person.key_id), by)
    recipient = RECIPIENTS.get(Kind(unit.kind))
    if recipient is None:
        raise Refused(_("A police report goes to the police or to a prosecutor."))
    if not facts.strip():
        raise Refused(_("Write the facts that are sent. They are read without the case."))
    ruling, because = may_be_told(person, recipient, Data.INCIDENT_FACTS, now=now)
    if ruling == Ruled.FORBID:
        raise Refused(_("Nothing allows to tell them now. Ask for her consent first, or write down another basis."))
    is_danger = case.urgency == Urgency.IMMEDIATE
    report = Report(
        case=case, person=person, to_agency=unit, source=source,
        known_how=known_how if RULES[source].says_how else "", ubigeo=ubigeo, facts=facts,
        traces=traces.strip() or None, is_danger=is_danger, because=because,
        policy=PolicyVersion.objects.in_force(now).version, sent_at=now, sent_by=by,
        key=key_beside(case, "report"), **_due(is_danger, now),
    )  # fmt: skip
    report.basis, report.until = basis_for(person, recipient, Data.INCIDENT_FACTS, now) or (report.pk, now + A_YEAR)
    report.save(force_insert=True)
    keep_traces(report.key, traces)
    _hand(report, unit)
    if names.strip():
        _name(report, person, recipient, names.strip(), now)
    if caller.strip():
        _name_caller(report, recipient, caller.strip(), now)
    tell(case, EntryKind.DISCLOSED, by=by, now=now, about=str(report.pk), words=f"{report.code}: {unit}")
    plan(case, TaskKind.ASK, report.decide_by, words=f"{report.code}: {unit}", now=now)
    set_next(case)
    note("reports")
    announce(unit.pk, "report.sent", f"reports/{report.pk}", now=now)
    return report


@action(may.receive_reports)
def receive(report: Report, folio: str, *, by: User, now: datetime) -> Step:
    """The unit has it, under this folio; doing it twice changes nothing, and another folio is refused."""
    report = _mine(report, by)
    if not folio.strip():
        raise Refused(_("Write the folio: the line and she ask by it."))
    try:
        with transaction.atomic():
            return _step(report, StepKind.RECEIVED, folio, by=by, now=now)
    except IntegrityError:
        before = report.steps.select_related("key").get(kind=StepKind.RECEIVED)
        if before.words != folio:
            raise Refused(_("It was received already, under another folio. Look at the report.")) from None
        return before


@action(may.receive_reports)
def decide(
    report: Report, decision: Decision, *, words: str = "", may_tell: str = "", by: User, now: datetime
) -> Step:  # fmt: skip
    """What the unit does with it; and apart from that, in words for her, what she may be told."""
    report = _mine(report, by)
    if decision not in Decision.values:
        raise Refused(_("Say what was decided: choose one of the list."))
    if not report.steps.filter(kind=StepKind.RECEIVED).exists():
        raise Refused(_("Receive it first, with a folio."))
    return _step(report, StepKind.DECIDED, words, decision=decision, may_tell=may_tell, by=by, now=now)


@action(may.come_in)
def say(report: Report, kind: StepKind, words: str, *, may_tell: str = "", by: User, now: datetime) -> Step:
    """A question back, its answer, an outcome, or that she was told: each side says what is its own to say.

    `may_tell`: of an outcome, what she may be told.
    """
    report = _mine(report, by)
    own = OURS if may.follow_cases(by) else THEIRS if may.receive_reports(by) else ()
    if kind not in own or kind in (StepKind.RECEIVED, StepKind.DECIDED):
        raise Refused(_("This is for the other side to say."))
    if not words.strip():
        raise Refused(_("Write what is said."))
    if may_tell.strip() and kind != StepKind.OUTCOME:
        raise Refused(_("What she may be told is said with a decision, or with what came of it."))
    return _step(report, kind, words, may_tell=may_tell, by=by, now=now)


def _due(is_danger: bool, now: datetime) -> dict[str, datetime]:
    """By when the unit is to receive it and to decide."""
    in_danger, receive, decide = settings.ENVIRONMENT.report_clocks
    return {"receive_by": now + (in_danger if is_danger else receive), "decide_by": now + decide}


def _name(report: Report, person: Person, recipient: Recipient, names: str, now: datetime) -> None:
    """Her name goes along on a basis of its own, and can be taken back alone."""
    ruling, because = may_be_told(person, recipient, Data.SUBJECT_IDENTITY, now=now)
    if ruling == Ruled.FORBID:
        raise Refused(_("She did not agree that her name is told to them. Send the facts without it."))
    named = NamedInReport(report=report, names=names, because=because)
    _seal_apart(named, report, basis_for(person, recipient, Data.SUBJECT_IDENTITY, now), now)


def _name_caller(report: Report, recipient: Recipient, names: str, now: datetime) -> None:
    """Who called is named only where they said so themselves, each for themselves, and take it back alone."""
    of_case = Person.objects.filter(key=report.person.key_id, part=Part.CALLER)
    rulings = [(it, *may_be_told(it, recipient, Data.CALLER_IDENTITY, now=now)) for it in of_case]
    agreed = [(it, because) for it, ruling, because in rulings if ruling != Ruled.FORBID]
    if not agreed:
        raise Refused(_("Who called did not agree to be named to them. Send the report without that name."))
    if len(agreed) > 1:
        raise Refused(_("More than one who called agreed to be named. Send the report without that name."))
    person, because = agreed[0]
    named = CallerInReport(report=report, names=names, because=because)
    _seal_apart(named, report, basis_for(person, recipient, Data.CALLER_IDENTITY, now), now)


def _seal_apart(
    named: NamedInReport | CallerInReport, report: Report, basis: tuple[UUID, datetime] | None, now: datetime
) -> None:
    """A name has a key of its own, which lasts as long as its own basis."""
    named.key = key_beside(report.case, "report")
    named.basis, named.until = basis or (report.pk, now + A_YEAR)
    named.save(force_insert=True)
    _hand(named, report.to_agency)


def _hand(row: Report | NamedInReport | CallerInReport, unit: Agency) -> None:
    """The unit's liaisons can open it, on its basis and as long as that lasts."""
    liaisons = held_by(unit.pk, Role.POLICE_LIAISON)
    row.key.give(liaisons, agency=unit.pk, purpose="report", basis=row.basis, until=row.until)


def _mine(report: Report, by: User) -> Report:
    found = Report.objects.visible_to(by).select_related("key").filter(pk=report.pk).first()
    if found is None:
        raise Refused(_("It is not here, or not for you."))
    return found


def _step(
    report: Report, kind: StepKind, words: str, *, decision: str = "", may_tell: str = "", by: User, now: datetime
) -> Step:  # fmt: skip
    step = Step.objects.create(
        report=report, key=report.key, kind=kind, decision=decision, words=words or None,
        may_tell=may_tell.strip() or None, at=now, by=by,
    )  # fmt: skip
    note("reports")
    if kind in (StepKind.ASKED, StepKind.ANSWERED):
        note("messages")  # the console says that a question waits
    announce(report.to_agency_id, f"report.{kind}", f"reports/{report.pk}", now=now)
    return step
