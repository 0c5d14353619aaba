"""A dead man's switch: while all is well, an address outside hears from us. When it hears nothing, it tells people."""

import http.client
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from amparo.foundation.core.actor import WORKER, acting_as
from amparo.foundation.core.picklists import Picklist
from amparo.foundation.core.public_addresses import PrivateAddress
from amparo.foundation.integrations.delivery import request_over_https
from amparo.foundation.line_settings.rules import current
from amparo.screens.administration.part import RED

from .finding import Look
from .models import WatchState

STALE = timedelta(minutes=15)  # three times in a row


class Trouble(Picklist):
    """Why the address outside heard nothing, or did not answer."""

    UNWELL = "unwell", _("not asked, because a part does not work")
    PRIVATE = "private", _("the address is within a private network")
    UNREACHABLE = "unreachable", _("nothing answers there")
    REFUSED = "refused", _("it answers that it does not know us")


def tell_watch(look: Look) -> None:
    """Ask the address outside once, by GET, without a body or parameters, unless a part does not work."""
    if not (address := current().watch_address):
        return
    with acting_as(WORKER):
        parts = look.parts
    trouble = Trouble.UNWELL if any(part.light == RED for part in parts) else _ask(address)
    with acting_as(WORKER):
        row = WatchState.objects.filter(pk=1).first() or WatchState(pk=1)
        row.asked_at, row.trouble = look.now, trouble or ""
        row.answered_at = row.answered_at if trouble else look.now
        row.save()


def state_of_watch() -> tuple[WatchState | None, str]:
    """Return how the address outside last answered, and its trouble in words. None: it was never asked."""
    row = WatchState.objects.filter(pk=1).first()
    return row, str(Trouble(row.trouble).label) if row and row.trouble in Trouble.values else ""


def _ask(address: str) -> Trouble | None:
    try:
        status = request_over_https("GET", urlsplit(address), None, {"User-Agent": "Amparo"})
    except PrivateAddress:
        return Trouble.PRIVATE
    except (OSError, http.client.HTTPException, UnicodeError):
        return Trouble.UNREACHABLE
    return None if 200 <= status < 300 else Trouble.REFUSED


def is_stale(row: WatchState | None, now: datetime) -> bool:
    """Whether the address outside has not answered lately."""
    return row is None or row.answered_at is None or now - row.answered_at > STALE
