"""The requests of a case to other institutions, as their rooms describe them."""

from collections.abc import Iterator
from datetime import datetime

from django.apps import apps
from django.utils.module_loading import import_string

from amparo.foundation.core.clock_steps import SentRequest

from .models import Case

# Attribute of another room's AppConfig: its function that returns the requests of a case as `SentRequest`, as far as
# the actor can see them. The room's own pages draw their clocks by the same steps.
REQUESTS = "requests_of_a_case"


def requests_sent(case: Case, now: datetime) -> list[SentRequest]:
    """Return the requests of a case: late ones, then pending ones, then ended ones; in each group the newest first."""
    return sorted(_requests(case, now), key=lambda it: (it.late is None, it.is_over, -it.sent_at.timestamp()))


def _requests(case: Case, now: datetime) -> Iterator[SentRequest]:
    for config in apps.get_app_configs():
        if name := getattr(config, REQUESTS, ""):
            yield from import_string(f"{config.name}.{name}")(case, now)
