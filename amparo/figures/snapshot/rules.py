"""When a month or a quarter may be counted, and counting it."""

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
from .months import Month, Months, Quarter

# after the end of the months, because a report of their last day may be decided within 72 hours
SETTLES = timedelta(days=3)


def is_countable(period: Months, now: datetime) -> bool:
    return period.ends + SETTLES <= now


def newest_countable_quarter(now: datetime) -> Quarter:
    """Return the last quarter that ended at least three days ago."""
    return Quarter.of(timezone.localtime(now - SETTLES).date()).previous


def newest_countable_month(now: datetime) -> Month:
    return Month.of(timezone.localtime(now - SETTLES).date()).previous


@action(permissions.publish, label=gettext_lazy("counted a month or a quarter"))
def count_months(period: Months, *, by: User, now: datetime) -> Snapshot:
    """Count finished months over all rooms and keep the counts, never the rows behind them.

    Refused until three days after their end.
    """
    if not is_countable(period, now):
        raise Refused(_("Months are counted three days after their end."))
    with connection.cursor() as cursor:
        cursor.execute("select snapshot_take(%s, %s, %s, %s)", [period.first, period.length, settings.TIME_ZONE, now])
        (pk,) = cursor.fetchone()
    return Snapshot.objects.get(pk=pk)
