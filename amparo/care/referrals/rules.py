"""What may be done with a police report: send it on a live basis, receive, ask, decide, and tell back."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from amparo.care.cases.models import Case
from amparo.care.cases.picklists import EntryKind, TaskKind
from amparo.care.cases.planning import hold_open, plan, set_next, tell
from amparo.care.cases.team import key_beside
from amparo.care.people.models import Person
from amparo.ground.access import may
from amparo.ground.access.action import action
from amparo.ground.access.models import Agency, Role, User
from amparo.ground.core.acting import held_by
from amparo.ground.core.live import note
from amparo.ground.core.refusal import Refused
from amparo.ground.machines.rules import announce

from .alike import keep_traces
from .details import Details
from .drafting import draft
from .models import Report, ReportDetail, Step
from .picklists import OURS, THEIRS, Decision, Source, StepKind


@action(may.follow_cases)
def report_to_police(
    person: Person, unit: Agency, *, facts: str, source: Source, known_how: str = "", ubigeo: str = "",
    details: Details | None = None, traces: str = "", by: User, now: datetime,
) -> Report:  # fmt: skip
    """Send the facts to a unit, on a basis that is live now. A detail goes along only where that too may be told."""
    person = Person.objects.visible_to(by).hold(person.pk)
    case = hold_open(Case.objects.visible_to(by).get(key=person.key_id), by)
    it = draft(
        person, case, unit, facts=facts, source=source, known_how=known_how, ubigeo=ubigeo,
        details=details, traces=traces, by=by, now=now,
    )  # fmt: skip
    report = it.report
    for row in it.rows:
        row.key = key_beside(case, "report")
        row.save(force_insert=True)
        _hand(row, unit)
    keep_traces(report.key, traces)
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


def _hand(row: Report | ReportDetail, unit: Agency) -> None:
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
