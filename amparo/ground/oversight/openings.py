"""Why somebody reads what is not their current work: said before the first word, for a shift, told by every look."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Value, When
from django.utils.translation import gettext as _

from amparo.ground.access import may
from amparo.ground.access.action import action
from amparo.ground.access.models import User
from amparo.ground.audit.words import Purpose
from amparo.ground.core.refusal import Refused
from amparo.ground.vault.models import Grant

from .models import Opening

LASTS = timedelta(hours=12)  # the longest shift
STILL_CURRENT = timedelta(days=7)  # after it was closed: what is left to do is done by then


@action(may.come_in)
def open_file(record: Any, *, purpose: Purpose, by: User, now: datetime) -> Opening:
    """Say why one opens this record; for a shift, all that one reads and does in it is written down as for that."""
    return let_open(record, purpose, by=by, now=now)


def let_open(record: Any, purpose: Purpose, *, by: User, now: datetime) -> Opening:
    """The same within a verb whose work needs the record, and whose own entry says so: nobody is asked twice."""
    if not Grant.objects.held_by(by.acting()).filter(key=record.key_id).exists():
        raise Refused(_("It is not here, or not for you."))
    Opening.objects.filter(user=by, until__lte=now).delete()
    return Opening.objects.create(user=by, key_id=record.key_id, purpose=purpose, at=now, until=now + LASTS)


def why(user: User, now: datetime) -> Case:
    """For which purpose this person reads a row with a `key` now; blank: it is their current work; null: they must say.

    Current work is what one holds a copy of by one's own name, or what another institution handed to one's own, and was
    not closed long ago.
    """
    by_name, by_role = user.acting().holders
    is_own = Q(holder=by_name) | Q(holder=by_role) & ~Q(agency_id=F("owner_id"))
    own = Grant.objects.filter(is_own, key=OuterRef("key"), expires_at__gt=now)
    current = own.filter(Q(key__closed_at=None) | Q(key__closed_at__gt=now - STILL_CURRENT))
    said = Opening.objects.filter(user=user, key=OuterRef("key"), until__gt=now).order_by("-at")
    return Case(When(Exists(current), then=Value("")), default=Subquery(said.values("purpose")[:1]))


def purpose_said(record: Any, *, by: User, now: datetime) -> Purpose | None:
    """What this person said last of why they open it, current work or not; None: nothing, or too long ago."""
    said = Opening.objects.filter(user=by, key=record.key_id, until__gt=now).order_by("-at").first()
    return Purpose(said.purpose) if said else None
