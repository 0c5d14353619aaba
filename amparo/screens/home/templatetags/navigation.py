"""Template tags: the bar of every page, which `core/desk.html` cannot import from a room above; and times of rows."""

import time
from datetime import datetime

from django import template
from django.template.context import Context
from django.utils import timezone
from django.utils.timesince import timesince, timeuntil

from amparo.foundation.access.session_state import SessionState, session_state_of
from amparo.screens.home.navigation import Bar

UNFINISHED = (SessionState.PARTIAL, SessionState.FIRST_RUN)

register = template.Library()


@register.simple_tag(takes_context=True)
def navigation(context: Context) -> Bar:
    """Return the bar for this user, with the current `room` marked. Empty before they have signed in fully."""
    user = context["user"]
    if not user.is_authenticated or session_state_of(context["request"].session, user, time.time()) in UNFINISHED:
        return Bar()
    return Bar.of(user, str(context.get("room", "")), timezone.now())


@register.filter
def roughly(moment: datetime, now: datetime) -> str:
    """How far `moment` is from `now`, in its largest unit alone: "3 weeks", because the day stands beside it."""
    return timesince(moment, now, depth=1) if moment <= now else timeuntil(moment, now, depth=1)
