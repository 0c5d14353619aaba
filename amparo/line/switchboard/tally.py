"""Counts of the calls to the line: how many came, were answered, were lost, and how long people waited.

Each count is one aggregate over rows of `Call`, so that every page counts the same way. `line_calls` says which calls
are counted.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Max, Q, QuerySet

from amparo.foundation.core.percentile import Percentile

from .models import Call, Direction, Ending, State

IN_TIME = timedelta(seconds=20)  # as the service level 80/20 that telephone lines report

ANSWERED = Q(answered_at__isnull=False)
ENDED_UNANSWERED = Q(answered_at=None, state=State.ENDED)
IN_20_SECONDS = ANSWERED & Q(answered_at__lte=F("waiting_since") + IN_TIME)
ABANDONED = ENDED_UNANSWERED & Q(ending=Ending.GAVE_UP)
LEFT_MESSAGE = ENDED_UNANSWERED & Q(ending=Ending.MESSAGE)
CUT_OFF = ENDED_UNANSWERED & ~Q(ending__in=(Ending.GAVE_UP, Ending.MESSAGE))
STILL_WAITING = Q(answered_at=None) & ~Q(state=State.ENDED)

WAIT = ExpressionWrapper(F("answered_at") - F("waiting_since"), output_field=DurationField())
TALK = ExpressionWrapper(F("ended_at") - F("answered_at"), output_field=DurationField())


COUNTS: dict[str, Any] = {
    "offered": Count("pk"),
    "answered": Count("pk", filter=ANSWERED),
    "in_time": Count("pk", filter=IN_20_SECONDS),
    "abandoned": Count("pk", filter=ABANDONED),
    "left_message": Count("pk", filter=LEFT_MESSAGE),
    "cut_off": Count("pk", filter=CUT_OFF),
    "still_waiting": Count("pk", filter=STILL_WAITING),
}
TIMES: dict[str, Any] = {
    "mean_wait": Avg(WAIT, filter=ANSWERED),
    "wait_of_nine_in_ten": Percentile(WAIT, 0.9, filter=ANSWERED),
    "longest_wait": Max(WAIT, filter=ANSWERED),
    "mean_talk": Avg(TALK, filter=ANSWERED),
    "median_talk": Percentile(TALK, 0.5, filter=ANSWERED & Q(ended_at__isnull=False)),
}


def line_calls(start: datetime, end: datetime) -> QuerySet[Call]:
    """Calls to the line that arrived in this span and reached the queue: the offered calls.

    Return calls are not among them, nor people who hung up during the opening words, nor practice.
    """
    return Call.objects.real().filter(
        direction=Direction.INCOMING, arrived_at__gte=start, arrived_at__lt=end, waiting_since__isnull=False
    )
