"""The list of reports, danger first and then by deadline."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, When

from amparo.foundation.access.models import User
from amparo.foundation.core.clock_steps import SentRequest

from .clock import request_of
from .models import Report, ReportQuerySet

AT_MOST = 200  # on one page; nobody would read more


@dataclass(frozen=True)
class Inbox:
    rows: list[tuple[Report, SentRequest]]
    has_more: bool  # more than are shown


def open_reports(user: User, now: datetime, at_most: int = AT_MOST) -> list[tuple[Report, SentRequest]]:
    """Return the user's reports that are neither decided nor recalled, with their clocks: danger first, then by next
    deadline.
    """
    next_due = Case(When(received_at=None, then="receive_by"), default="decide_by")
    found = _visible(user).waiting_for_the_unit().order_by("-is_danger", next_due, "-sent_at", "pk")
    return [(report, request_of(report, now)) for report in found[:at_most]]


def reports_in_order(user: User, now: datetime) -> Inbox:
    """Return the user's reports: open ones, danger first, then by next deadline; then finished ones, newest first."""
    found = open_reports(user, now, AT_MOST + 1)
    finished = _visible(user).finished().order_by("-sent_at", "pk")[: AT_MOST + 1 - len(found)]
    found += [(report, request_of(report, now)) for report in finished]
    return Inbox(found[:AT_MOST], len(found) > AT_MOST)


def _visible(user: User) -> ReportQuerySet:
    return Report.objects.visible_to(user).with_events().select_related("to_agency").defer("facts", "traces")
