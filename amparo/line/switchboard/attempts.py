"""Unanswered return calls: the pause before the next attempt, and the reasons to give up."""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.foundation.core.picklists import Picklist, own_list

RETRY_AFTER = timedelta(minutes=15)  # a telephone that rings again and again is noticed by people nearby


@own_list(
    "given-up", gettext_lazy("Why nobody calls back any more"),
    gettext_lazy("Chosen when a return call is given up."),
)  # fmt: skip
class GivenUpReason(Picklist):
    REQUESTED = "requested", gettext_lazy("the person asked us not to call")
    CAME_BACK = "came_back", gettext_lazy("the person reached us")
    UNSAFE = "unsafe", gettext_lazy("a call would put the person in danger")
    NO_ANSWER = "no_answer", gettext_lazy("nobody answers, and it was tried often enough")


def next_attempt(last: datetime | None, now: datetime) -> datetime:
    """Return the earliest time of the next attempt, ignoring safe hours. `last` None: no attempt yet."""
    return max(now, last + RETRY_AFTER) if last else now


def why_wait(last: datetime | None, now: datetime) -> str | None:
    """Return the sentence that says that the last attempt was too recent, or None if it was not."""
    if (again := next_attempt(last, now)) == now or last is None:
        return None
    return _("Called at %(last)s. Not again before %(again)s.") % {
        "last": f"{timezone.localtime(last):%H:%M}",
        "again": f"{timezone.localtime(again):%H:%M}",
    }
