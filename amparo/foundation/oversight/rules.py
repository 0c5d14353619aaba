"""The action on an alert: answer it."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import User
from amparo.foundation.core.live import notify
from amparo.foundation.core.refusal import Refused

from .models import Alert


@action(permissions.watch, label=gettext_lazy("answered an alert"))
def answer_alert(alert: Alert, answer: str, *, by: User, now: datetime) -> Alert:
    """Record how an alert was answered. If it has an answer already, that one stays."""
    found = Alert.objects.visible_to(by).select_for_update(of=("self",)).filter(pk=alert.pk).first()
    if found is None:
        raise Refused(_("It does not exist, or you have no access."))
    if answer not in Alert.Answer.values:
        raise Refused(_("Say how it was answered: choose one of the list."))
    if found.answered_at is None:
        found.answer, found.answered_at, found.answered_by = answer, now, by
        found.save(update_fields=["answer", "answered_at", "answered_by"])
        notify("alert", found.pk)
    return found
