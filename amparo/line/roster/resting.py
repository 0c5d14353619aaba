"""Rest after hard contacts: calls ring for others first. Whoever rests is still rung if nobody else is free."""

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy

from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import User
from amparo.foundation.core.live import notify

from .models import Rest, RingingRules

SHIFT = timedelta(hours=12)  # hard contacts are counted so far back: the longest shift


def start_rest_after_hard_contact(hard_contacts: int, *, wants_to_talk: bool, by: User, now: datetime) -> None:
    """Start a rest for `by`, if the rules provide for one.

    `hard_contacts`: how many they had in this shift, the last one included. An operator who asks for a talk rests at
    once.
    """
    rules = RingingRules.current()
    if not rules.rests or not (wants_to_talk or hard_contacts >= rules.rest_after):
        return
    until = now + timedelta(minutes=rules.rest_minutes)
    rest, is_new = Rest.objects.get_or_create(user=by, defaults={"until": until})
    if not is_new and rest.until < until:
        rest.until = until
        rest.save(update_fields=["until"])
    notify("seats")


@action(permissions.take_calls, label=gettext_lazy("ended their rest"))
def end_rest(*, by: User, now: datetime) -> None:
    """Let calls ring for `by` as for everybody. Twice changes nothing."""
    Rest.objects.filter(user=by, until__gt=now).update(until=now)
    notify("seats")


def current_rest(user: User, now: datetime) -> Rest | None:
    return Rest.objects.filter(user=user, until__gt=now).first()
