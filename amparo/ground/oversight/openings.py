"""Why somebody reads what is not their current work: said before the first word, for a shift, told by every look."""

from datetime import datetime, timedelta
from typing import Any

from django.db import models
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


def why(user: User, now: datetime) -> "Why":
    """For which purpose this person reads a row with a `key` now; blank: it is their current work; null: they must say.

    Current work is what one holds a copy of by one's own name, or what another institution handed to one's own, and was
    not closed long ago.
    """
    by_name, by_role = user.acting().holders
    return Why(by_name, by_role, now, now - STILL_CURRENT, user.pk, now)


class Why(models.Func):
    """In SQL and not by a queryset, as the vault's `IsHeld` is: every page of a file asks it."""

    output_field = models.CharField()

    def __init__(self, *told: object) -> None:
        """Both names under which somebody holds keys; now, until when it was closed lately; who, and now."""
        super().__init__(models.F("key"))
        self.told = told

    def as_sql(self, compiler: Any, connection: Any, *_more: Any, **more: Any) -> tuple[str, tuple[Any, ...]]:
        key, _none = compiler.compile(self.source_expressions[0])
        return WHY.format(key=key), self.told


WHY = """case when exists (
    select from vault_grant own join vault_datakey what on what.id = own.key_id
    where own.key_id = {key} and (own.holder = %s or own.holder = %s and own.agency_id <> own.owner_id)
    and own.expires_at > %s and (what.closed_at is null or what.closed_at > %s)
) then '' else (
    select said.purpose from oversight_opening said where said.key_id = {key} and said.user_id = %s and said.until > %s
    order by said.at desc limit 1
) end"""


def purpose_said(record: Any, *, by: User, now: datetime) -> Purpose | None:
    """What this person said last of why they open it, current work or not; None: nothing, or too long ago."""
    said = Opening.objects.filter(user=by, key=record.key_id, until__gt=now).order_by("-at").first()
    return Purpose(said.purpose) if said else None
