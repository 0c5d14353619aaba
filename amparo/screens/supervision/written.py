"""Counts of the conversations in writing: how many began, were answered or ended unanswered, and how long they waited.

Each count is one aggregate over rows of `Chat`, like those of calls (line/switchboard/tally.py).
"""

from datetime import datetime
from typing import Any

from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Q, QuerySet

from amparo.foundation.core.percentile import Percentile
from amparo.line.chat.models import Chat, State

TAKEN = Q(taken_at__isnull=False)
WAIT = ExpressionWrapper(F("taken_at") - F("begun_at"), output_field=DurationField())

WRITTEN_COUNTS: dict[str, Any] = {
    "written": Count("pk"),
    "written_answered": Count("pk", filter=TAKEN),
    "written_unanswered": Count("pk", filter=Q(taken_at=None, state=State.ENDED)),
    "written_waiting": Count("pk", filter=Q(taken_at=None) & ~Q(state=State.ENDED)),
}
WRITTEN_TIMES: dict[str, Any] = {
    "written_mean_wait": Avg(WAIT, filter=TAKEN),
    "written_nine_in_ten": Percentile(WAIT, 0.9, filter=TAKEN),
}


def written_conversations(start: datetime, end: datetime) -> QuerySet[Chat]:
    """Conversations in writing, by any channel, that began in this span. Practice is not among them.

    Nor are chats that were opened for a caller: their operator had them from the first moment, and nobody waited.
    """
    begun = Chat.objects.filter(practice_of=None, begun_at__gte=start, begun_at__lt=end)
    return begun.exclude(taken_at=F("begun_at"))
