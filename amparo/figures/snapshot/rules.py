"""Counting a quarter."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import User
from amparo.foundation.core.refusal import Refused

from .models import Snapshot
from .quarters import Quarter

# after the end of the quarter, because a report of its last day may be decided within 72 hours
SETTLES = timedelta(days=3)


def is_countable(quarter: Quarter, now: datetime) -> bool:
    return quarter.ends + SETTLES <= now


def newest_countable(now: datetime) -> Quarter:
    return Quarter.of(timezone.localtime(now - SETTLES).date()).before


@action(permissions.publish, label=gettext_lazy("counted a quarter"))
def count_quarter(quarter: Quarter, *, by: User, now: datetime) -> Snapshot:
    """Count a finished quarter over all rooms and keep the counts, never the rows behind them.

    Refused until three days after the quarter's end.
    """
    if not is_countable(quarter, now):
        raise Refused(_("This quarter is counted three days after its end."))
    with connection.cursor() as cursor:
        cursor.execute("select snapshot_take(%s, %s, %s)", [quarter.first, settings.TIME_ZONE, now])
        (pk,) = cursor.fetchone()
    return Snapshot.objects.get(pk=pk)
