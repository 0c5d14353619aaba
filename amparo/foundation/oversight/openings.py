"""Why somebody reads what is not their current work: said before the first word, for a shift, told by every look."""

from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import User
from amparo.foundation.audit.labels import Purpose
from amparo.foundation.core.refusal import Refused
from amparo.foundation.vault.models import Grant

from .models import AccessReason

LASTS = timedelta(hours=12)  # the longest shift
STILL_CURRENT = timedelta(days=7)  # after it was closed: what is left to do is done by then


@action(permissions.is_staff)
def open_file(record: Any, *, purpose: Purpose, by: User, now: datetime) -> AccessReason:
    """Say why one opens this record; for a shift, all that one reads and does in it is written down as for that."""
    return record_access_reason(record, purpose, by=by, now=now)


def record_access_reason(record: Any, purpose: Purpose, *, by: User, now: datetime) -> AccessReason:
    """The same within a verb whose work needs the record, and whose own entry says so: nobody is asked twice."""
    if not Grant.objects.held_by(by.acting()).filter(key=record.key_id).exists():
        raise Refused(_("It does not exist, or you have no access."))
    AccessReason.objects.filter(user=by, until__lte=now).delete()
    return AccessReason.objects.create(user=by, key_id=record.key_id, purpose=purpose, at=now, until=now + LASTS)


def why(user: User, now: datetime) -> "ReasonRequired":
    """For which purpose this person reads a row with a `key` now; blank: it is their current work; null: they must say.

    Current work is what one holds a copy of by one's own name, or what another institution handed to one's own, and was
    not closed long ago.
    """
    by_name, by_role = user.acting().holders
    return ReasonRequired(by_name, by_role, now, now - STILL_CURRENT, user.pk, now)


class ReasonRequired(models.Func):
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
    select r.purpose from oversight_accessreason r where r.key_id = {key} and r.user_id = %s and r.until > %s
    order by r.at desc limit 1
) end"""


def purpose_said(record: Any, *, by: User, now: datetime) -> Purpose | None:
    """What this person said last of why they open it, current work or not; None: nothing, or too long ago."""
    said = AccessReason.objects.filter(user=by, key=record.key_id, until__gt=now).order_by("-at").first()
    return Purpose(said.purpose) if said else None
