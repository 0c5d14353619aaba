"""The clock of a police report: the times of sending, receipt and decision, or the deadlines.

The pages of the report and the page of its case show it.
"""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from amparo.care.cases.models import Case
from amparo.foundation.core.clock_steps import DONE, ClockStep, SentRequest

from .models import Report


def request_of(report: Any, now: datetime) -> SentRequest:
    """Return the name and the clock of a report. It must have the annotations of `with_events`."""
    address = reverse("report", args=[report.pk])
    return SentRequest(report.pk, f"{report.code}: {report.to_agency}", address, report.sent_at, _steps(report, now))


def requests_of_a_case(case: Case, now: datetime) -> list[SentRequest]:
    found = Report.objects.filter(case=case).with_events().select_related("to_agency").defer("facts", "traces")
    return [request_of(report, now) for report in found]


def _steps(report: Any, now: datetime) -> tuple[ClockStep, ...]:
    """Return the steps of a report in order: sent, received, decided; each is done or has its deadline.

    A recalled report ends with the recall: what is still open has no deadline any more.
    """
    sent, is_received = ClockStep(_("Sent"), report.sent_at, DONE), report.received_at is not None
    received = ClockStep.of(_("Received"), report.received_at, report.receive_by, now)
    if report.recalled_at:
        recalled = ClockStep(_("Sending cancelled"), report.recalled_at, DONE)
        return (sent, received, recalled) if is_received else (sent, recalled)
    return sent, received, ClockStep.of(
        _("Decision made"), report.decided_at, report.decide_by, now, begun=is_received
    )  # fmt: skip
