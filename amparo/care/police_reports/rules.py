"""Verbs for a police report: send it on a live basis, receive, ask, decide, report the outcome, and recall it."""

from datetime import datetime, timedelta

from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.care.cases.models import Case
from amparo.care.cases.picklists import EntryKind, TaskKind
from amparo.care.cases.tasks_planning import (
    WITHIN,
    add_entry,
    end_task,
    insert_task,
    lock_open_case_and_person,
    set_next_task,
)
from amparo.care.cases.team import make_record_key
from amparo.care.disclosures.rules import Details, ended_bases
from amparo.care.people.models import Person
from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import HOTLINE, Agency, Role, User
from amparo.foundation.core.actor import role_holder
from amparo.foundation.core.live import notify
from amparo.foundation.core.refusal import Refused
from amparo.foundation.integrations.rules import announce
from amparo.foundation.vault import tokens
from amparo.foundation.vault.models import Token
from amparo.line.contacts.picklists import Urgency

from .models import Escalation, Report, ReportDetail, ReportEvent
from .picklists import HOTLINE_EVENTS, UNIT_EVENTS, Decision, ReportEventKind, Source
from .report_draft import draft_report
from .similar_reports import index_traces

A_DAY = timedelta(days=1)


@action(permissions.follow_cases, label=gettext_lazy("sent a police report"))
def report_to_police(
    person: Person, unit: Agency, *, facts: str, source: Source, known_how: str = "", ubigeo: str = "",
    details: Details | None = None, traces: str = "", by: User, now: datetime,
) -> Report:  # fmt: skip
    """Send the facts to a unit, on a basis that is live now. Raises `Refused` if an item may not be disclosed.

    `traces`: telephones, plates and nicknames, separated by commas.
    """
    case, person = lock_open_case_and_person(person, by)
    drafted = draft_report(
        person, case, unit, facts=facts, source=source, known_how=known_how, ubigeo=ubigeo,
        details=details, traces=traces, by=by, now=now,
    )  # fmt: skip
    report = drafted.report
    for row in drafted.rows:
        row.key = make_record_key(case, "report")
        row.save(force_insert=True)
        _grant_to_unit(row, unit)
    index_traces(report.key, traces)
    add_entry(case, EntryKind.DISCLOSED, by=by, now=now, about=str(report.pk), words=f"{report.code}: {unit}")
    insert_task(case, TaskKind.ASK, report.decide_by, words=f"{report.code}: {unit}", pk=report.pk, now=now)
    set_next_task(case)
    notify("reports")
    announce(unit.pk, "report.sent", f"reports/{report.pk}", now=now)
    return report


@action(permissions.receive_reports, label=gettext_lazy("received the report"))
def receive_report(report: Report, folio: str, *, by: User, now: datetime) -> ReportEvent:
    """Record that the unit has received the report, under the unit's own number, `folio`.

    Doing it twice changes nothing; another number is refused.
    """
    report = lock_report(report, by)
    if not folio.strip():
        raise Refused(_("Write your unit's number: the line and the person ask by it."))
    try:
        with transaction.atomic():
            return add_report_event(report, ReportEventKind.RECEIVED, folio, by=by, now=now)
    except IntegrityError:
        before = report.steps.select_related("key").get(kind=ReportEventKind.RECEIVED, by_telephone=False)
        if before.words != folio:
            raise Refused(_("It was received already, under another number. Look at the report.")) from None
        return before


@action(permissions.receive_reports, label=gettext_lazy("wrote down a decision"))
def record_decision(
    report: Report, decision: Decision, *, words: str = "", may_tell: str = "", by: User, now: datetime
) -> ReportEvent:  # fmt: skip
    """Record the unit's decision and, separately, what the person may be told of it, in words for them."""
    report = lock_report(report, by)
    if decision not in Decision.values:
        raise Refused(_("Say what was decided: choose one of the list."))
    if not has_event(report, ReportEventKind.RECEIVED):
        raise Refused(_("Receive it first, with your unit's number."))
    return add_report_event(
        report, ReportEventKind.DECIDED, words, decision=decision, may_tell=may_tell, by=by, now=now
    )


@action(permissions.is_staff, label=gettext_lazy("wrote on the report"))
def add_message(
    report: Report, kind: ReportEventKind, words: str, *, may_tell: str = "", by: User, now: datetime
) -> ReportEvent:
    """Add a question, an answer, an outcome, or that the person was informed.

    The unit asks and reports outcomes; the hotline answers and informs. `may_tell`: what the person may be told of an
    outcome.
    """
    report = lock_report(report, by)
    if kind == ReportEventKind.ANSWERED and has_event(report, ReportEventKind.RECALLED):
        raise Refused(_("The sending of this report was cancelled. Nobody of the unit reads an answer."))
    own = HOTLINE_EVENTS if permissions.follow_cases(by) else UNIT_EVENTS if permissions.receive_reports(by) else ()
    if kind not in own or kind in (ReportEventKind.RECEIVED, ReportEventKind.DECIDED):
        raise Refused(_("This is for the other side to say."))
    if not words.strip():
        raise Refused(_("Write what is said."))
    if may_tell.strip() and kind != ReportEventKind.OUTCOME:
        raise Refused(_("What the person may be told is given with a decision or an outcome."))
    return add_report_event(report, kind, words, may_tell=may_tell, by=by, now=now)


@action(permissions.follow_cases, label=gettext_lazy("cancelled the sending of a police report"))
def recall_report(report: Report, *, why: str, by: User, now: datetime) -> ReportEvent:
    """Recall a report that went to the wrong unit. The unit can read nothing any more; a task asks for another unit.

    This also works in a closed case, because the person may be afraid of this unit. Doing it twice changes nothing.
    """
    report = lock_report(report, by)
    if before := report.steps.filter(kind=ReportEventKind.RECALLED).first():
        return before
    if has_event(report, ReportEventKind.DECIDED):
        raise Refused(_("The unit has decided on it already, so its sending cannot be cancelled. Telephone them."))
    if not why.strip():
        raise Refused(_("Write why its sending is cancelled."))
    case = Case.objects.visible_to(by).get_locked(report.case_id)
    step = add_report_event(report, ReportEventKind.RECALLED, why.strip(), by=by, now=now)
    _revoke_from_unit(report)
    Escalation.objects.waiting().filter(report=report).order_by().update(settled_at=now, settled_by=by)
    notify("messages")
    add_entry(
        case,
        EntryKind.REPORT_RECALLED,
        by=by,
        now=now,
        about=str(report.pk),
        words=f"{report.code}: {report.to_agency}",
    )
    if case.is_open:
        _plan_to_choose_another_unit(case, report, by=by, now=now)
    return step


def _revoke_from_unit(report: Report) -> None:
    """Revoke the report from the unit's liaisons and programs, from the next query on."""
    rows: list[Report | ReportDetail] = [report, *report.details]
    for row in rows:
        row.key.take(role_holder(report.to_agency_id, Role.POLICE_LIAISON))


def _plan_to_choose_another_unit(case: Case, report: Report, *, by: User, now: datetime) -> None:
    """Cancel the pending tasks about this report, and plan a critical task to choose another unit, within a day."""
    within = min(WITHIN[Urgency(case.urgency)], A_DAY)
    insert_task(case, TaskKind.UNIT, now + within, words=report.code, is_critical=True, now=now)
    asks = Report.objects.filter(case=case).waiting_for_the_line().exists()  # another report of the case
    answers = Q() if asks else Q(kind=TaskKind.ANSWER)
    for task in case.tasks.open().filter(Q(pk=report.pk) | answers).select_related("key"):
        end_task(task, "", False, by=by, now=now)
    set_next_task(case)


def _grant_to_unit(row: Report | ReportDetail, unit: Agency) -> None:
    """Let the unit's liaisons open this row as long as its basis is live."""
    liaisons = role_holder(unit.pk, Role.POLICE_LIAISON)
    row.key.give(liaisons, agency=unit.pk, purpose="report", basis=row.basis, until=row.until)


def lock_report(report: Report, by: User) -> Report:
    """Lock and return the report, so that nobody receives one that was recalled meanwhile.

    The lock lasts until the transaction ends. Raises `Refused` if `by` cannot see the report.
    """
    with connection.cursor() as cursor:
        lock = "select pg_advisory_xact_lock('police_reports_reportevent'::regclass::int, hashtext(%s))"
        cursor.execute(lock, [str(report.pk)])
    found = Report.objects.visible_to(by).select_related("key").filter(pk=report.pk).first()
    if found is None:
        raise Refused(_("It does not exist, or you have no access."))
    return found


def _is_readable_by_unit(report: Report, now: datetime) -> bool:
    """Can somebody at the unit read the report? It was not recalled, and its basis is live."""
    return (
        now < report.until and not has_event(report, ReportEventKind.RECALLED) and not ended_bases([report.basis], now)
    )


def _index_unit_number(report: Report, unit_number: str) -> None:
    """Make the report findable by the unit's number.

    The unit writes the number, but the tokens are the hotline's, so a database function adds them.
    """
    made_with, found = tokens.make_tokens(Token.Kind.REGISTER, unit_number, HOTLINE)
    with connection.cursor() as cursor:
        cursor.execute("select police_reports_add_number(%s, %s, %s)", [report.pk, found, made_with])


def has_event(report: Report, kind: ReportEventKind) -> bool:
    return report.steps.filter(kind=kind).exists()


def add_report_event(
    report: Report,
    kind: ReportEventKind,
    words: str,
    *,
    decision: str = "",
    may_tell: str = "",
    speaker: str = "",
    by: User,
    now: datetime,
) -> ReportEvent:
    """Add an event, and notify the unit's programs if the unit can read it.

    `speaker`: who said it by telephone; blank: the user writes it themselves.
    """
    step = ReportEvent.objects.create(
        report=report, key=report.key, kind=kind, decision=decision, words=words or None,
        may_tell=may_tell.strip() or None, by_telephone=bool(speaker), told_by=speaker or None, at=now, by=by,
    )  # fmt: skip
    if kind == ReportEventKind.RECEIVED:
        _index_unit_number(report, words)
    notify("reports")
    if kind in (ReportEventKind.QUESTION, ReportEventKind.ANSWERED):
        notify("messages")  # the console shows that a question waits
    news = "gone" if kind == ReportEventKind.RECALLED else kind  # as for a referral: never the reason
    if news == "gone" or _is_readable_by_unit(report, now):  # otherwise the unit cannot read the event
        announce(report.to_agency_id, f"report.{news}", f"reports/{report.pk}", now=now)
    return step
