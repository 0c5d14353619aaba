"""Calls: the switchboard decides who waits and rings; screens ask here who does."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from amparo.foundation.access.models import User
from amparo.line.switchboard.models import Call

from .channel import Channel


class Calls(Channel):
    name = "call"
    title = _("Call")
    label = _("calls")
    icon = "phone"
    shift_note, note = "queue", "call"

    def waiting(self) -> QuerySet[Any]:
        return Call.objects.waiting().in_queue_order()

    def of(self, user: User) -> QuerySet[Any]:
        return Call.objects.of(user.pk)
