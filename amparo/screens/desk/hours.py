"""The hours in which a caller who left a number may be called back."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from amparo.line.switchboard.models import Hours, Message

SPANS = {Hours.MORNING: range(6, 12), Hours.AFTERNOON: range(12, 18), Hours.EVENING: range(18, 24)}


def why_not_now(message: Message, now: datetime) -> str | None:
    """The sentence that says why this person is not called now; None when they may be."""
    if message.number is None:
        return _("There is no safe number. Without one nobody is called back.")
    hours = Hours(message.hours)
    if hours is Hours.ANY or timezone.localtime(now).hour in SPANS[hours]:
        return None
    return _("Not at this hour: only %(hours)s.") % {"hours": hours.label}
