"""Late steps of a police unit: shown to the whole shift, so that somebody telephones the unit.

An escalation names the report's code and the unit, and nothing else: most of the shift may not read the report. If the
step is still late after a call, the escalation comes back after another full period of its clock, with a count.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import Exists, ExpressionWrapper, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, Greatest, Now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import User
from amparo.foundation.core.live import notify
from amparo.foundation.core.refusal import Refused
from amparo.foundation.vault.models import Grant

from .models import Escalation, Report, ReportEvent
from .picklists import Late, ReportEventKind

AGAIN = timedelta(minutes=15)  # at least: earlier than this no unit can have acted on a call


@action(permissions.follow_cases, label=gettext_lazy("telephoned the unit"))
def settle_escalation(escalation: Escalation, *, by: User, now: datetime) -> Escalation:
    """Record that somebody telephoned the unit about everything that is late in this report.

    Doing it twice changes nothing.
    """
    if not Escalation.objects.filter(pk=escalation.pk).exists():
        raise Refused(_("It does not exist, or you have no access."))
    waiting = Escalation.objects.waiting().filter(report=escalation.report_id)
    if waiting.order_by().update(settled_at=now, settled_by=by):
        notify("messages")
    return Escalation.objects.get(pk=escalation.pk)


def escalate(now: datetime) -> int:
    """Add escalations for steps that became late, or are still late after a call; settle those whose step is done.

    Return how many are new. The worker runs it.
    """
    new = Escalation.objects.bulk_create(
        [_new_escalation(report, Late.RECEIVED) for report in _late_reports(now, Late.RECEIVED)]
        + [_new_escalation(report, Late.DECIDED) for report in _late_reports(now, Late.DECIDED)],
        ignore_conflicts=True,
    )
    is_done = Q(kind=OuterRef("late")) | Q(kind=ReportEventKind.RECALLED)
    done = ReportEvent.objects.filter(is_done, report=OuterRef("report"))
    over = Escalation.objects.filter(Exists(done), settled_at=None).update(settled_at=now)
    if new or over:
        notify("messages")
        notify("reports")
    return len(new)


def _late_reports(now: datetime, late: Late) -> list[Any]:
    """Return reports that their unit can still open, whose step is late and has no open escalation."""
    due = "receive_by" if late == Late.RECEIVED else "decide_by"
    done = ReportEvent.objects.filter(report=OuterRef("pk"), kind__in=(late, ReportEventKind.RECALLED))
    earlier = Escalation.objects.filter(report=OuterRef("pk"), late=late)
    clock = ExpressionWrapper(OuterRef(due) - OuterRef("sent_at"), models.DurationField())
    lately = Q(settled_at=None) | Q(settled_at__gt=Value(now) - Greatest(clock, Value(AGAIN)))
    opens = Exists(Grant.objects.filter(key=OuterRef("key"), agency_id=OuterRef("to_agency"), expires_at__gt=Now()))
    found = Report.objects.filter(~Exists(done), ~Exists(earlier.filter(lately)), opens, **{f"{due}__lte": now})
    before = Coalesce(Subquery(earlier.order_by("-times").values("times")[:1]), 0)
    return list(found.annotate(before=before).only("pk", "number", "to_agency", "is_danger", due))


def _new_escalation(report: Any, late: Late) -> Escalation:
    due = report.receive_by if late == Late.RECEIVED else report.decide_by
    return Escalation(
        report=report, report_number=report.number, to_agency_id=report.to_agency_id, is_danger=report.is_danger,
        late=late, at=due, times=report.before + 1,
    )  # fmt: skip
