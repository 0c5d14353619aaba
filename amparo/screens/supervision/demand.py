"""Counts what the line may expect in each hour of the week, for the roster to plan by."""

from datetime import datetime, timedelta

import numpy as np
from django.db.models import Count, F, Min, Sum
from django.db.models.functions import Coalesce, ExtractHour, ExtractIsoWeekDay
from django.utils import timezone
from django.utils.translation import gettext as _

from amparo.foundation.access.models import User
from amparo.foundation.core.dates import monday_of
from amparo.foundation.core.refusal import Refused
from amparo.line.roster.cover import local_hour
from amparo.line.roster.models import ExpectedCalls
from amparo.line.roster.rules import record_demand
from amparo.line.switchboard.tally import ABANDONED, ANSWERED, TALK, line_calls

MOST_WEEKS = 12  # of history: a season, so that a new campaign soon counts


def count_demand(*, by: User, now: datetime) -> ExpectedCalls:
    """Count the offered calls of the last full weeks, at most twelve, and store the calls that the roster may expect.

    Raises `Refused` before the first full week with a call.
    """
    monday = monday_of(timezone.localdate(now))
    earliest = local_hour(monday - timedelta(weeks=MOST_WEEKS))
    first = line_calls(earliest, local_hour(monday)).aggregate(first=Min("arrived_at"))["first"]
    if first is None:
        raise Refused(_("No call reached the line before this week. Count them next week."))
    since = monday_of(timezone.localdate(first))
    calls, zone = line_calls(local_hour(since), local_hour(monday)).order_by(), timezone.get_current_timezone()
    counted = np.zeros((7, 24))
    by_hour = calls.annotate(
        day=ExtractIsoWeekDay("arrived_at", tzinfo=zone), hour=ExtractHour("arrived_at", tzinfo=zone)
    )
    for row in by_hour.values("day", "hour").annotate(number=Count("pk")):
        counted[row["day"] - 1, row["hour"]] = row["number"]
    over = calls.filter(ended_at__isnull=False)
    talks = over.filter(ANSWERED).aggregate(number=Count("pk"), spent=Sum(TALK))
    waits = over.aggregate(
        abandoned=Count("pk", filter=ABANDONED), spent=Sum(Coalesce("answered_at", "ended_at") - F("waiting_since"))
    )
    return record_demand(
        counted, (monday - since).days // 7,
        answered=talks["number"], talked=_seconds(talks["spent"]),
        abandoned=waits["abandoned"], waited=_seconds(waits["spent"]), by=by, now=now,
    )  # fmt: skip


def _seconds(spent: timedelta | None) -> float:
    return spent.total_seconds() if spent else 0.0
