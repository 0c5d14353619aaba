"""Calls as a channel: who waits, and who takes part. The switchboard decides it; screens ask here."""

from collections.abc import Iterable
from itertools import chain
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

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

    def participants(self, conversation: UUID) -> Iterable[int]:
        columns = ("operators", "invited", "listeners", "whisperers")
        return chain.from_iterable(chain.from_iterable(Call.objects.filter(pk=conversation).values_list(*columns)))
