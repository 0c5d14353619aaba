"""Steps of a report that a police unit tells by telephone. The hotline notes them, with the name of the speaker.

The note stops the clock, as the unit's own entry does. If the unit adds its own entry later, both are shown.
"""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import User
from amparo.foundation.core.live import notify
from amparo.foundation.core.refusal import Refused

from .models import Escalation, Report, ReportEvent
from .picklists import Decision, ReportEventKind
from .rules import add_report_event, has_event, lock_report


@action(permissions.follow_cases, label=gettext_lazy("noted what the unit said by telephone"))
def note_received(report: Report, *, folio: str, speaker: str, by: User, now: datetime) -> ReportEvent:
    """Note that the unit has received the report, under the unit's own number, `folio`.

    Raises `Refused` if that was noted already.
    """
    report = _lock_pending_report(report, speaker, by)
    if not folio.strip():
        raise Refused(_("Write the unit's number of the report: the line and the person ask by it."))
    try:
        with transaction.atomic():
            step = add_report_event(
                report, ReportEventKind.RECEIVED, folio.strip(), speaker=speaker.strip(), by=by, now=now
            )
    except IntegrityError:
        raise Refused(_("That they received it was noted already. Look at the report.")) from None
    _settle_escalation(report, ReportEventKind.RECEIVED, by, now)
    return step


@action(permissions.follow_cases, label=gettext_lazy("noted what the unit said by telephone"))
def note_decided(
    report: Report, decision: Decision, *, speaker: str, words: str = "", may_tell: str = "", by: User, now: datetime
) -> ReportEvent:
    """Note what the unit has decided; `may_tell` is what the person may be told of it."""
    report = _lock_pending_report(report, speaker, by)
    if decision not in Decision.values:
        raise Refused(_("Say what was decided: choose one of the list."))
    if not has_event(report, ReportEventKind.RECEIVED):
        raise Refused(_("Note first that they received it, with the folio."))
    step = add_report_event(
        report,
        ReportEventKind.DECIDED,
        words,
        decision=decision,
        may_tell=may_tell,
        speaker=speaker.strip(),
        by=by,
        now=now,
    )
    _settle_escalation(report, ReportEventKind.DECIDED, by, now)
    return step


def _lock_pending_report(report: Report, speaker: str, by: User) -> Report:
    """Lock and return the report. Raises `Refused` if the speaker is missing, or the report was recalled."""
    report = lock_report(report, by)
    if not speaker.strip():
        raise Refused(_("Write who of the unit said it: a name or a rank."))
    if has_event(report, ReportEventKind.RECALLED):
        raise Refused(_("The sending of this report was cancelled. Nothing is awaited of that unit any more."))
    return report


def _settle_escalation(report: Report, done: ReportEventKind, by: User, now: datetime) -> None:
    """Settle the escalation of the step that is done: nobody needs to telephone about it any more."""
    late = Escalation.objects.waiting().filter(report=report, late=done)
    if late.order_by().update(settled_at=now, settled_by=by):
        notify("messages")
