"""Reasons for reading files outside one's current work: given before the file opens, valid for a shift, logged with
every read.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import User
from amparo.foundation.audit.labels import Purpose
from amparo.foundation.core.refusal import Refused
from amparo.foundation.vault.models import Grant

from .models import AccessReason

LASTS = timedelta(hours=12)  # the longest shift
STILL_CURRENT = timedelta(days=7)  # after it was closed: remaining work is done by then


@action(permissions.is_staff, label=gettext_lazy("opened it"))
def open_file(record: Any, *, purpose: Purpose, by: User, now: datetime) -> AccessReason:
    """Give a reason for opening this record. For 12 hours, all that the person does in it is logged with the reason."""
    return record_access_reason(record, purpose, by=by, now=now)


def record_access_reason(record: Any, purpose: Purpose, *, by: User, now: datetime) -> AccessReason:
    """Record an access reason without an entry of its own: for an action that logs the reason itself.

    So nobody is asked twice. Raises `Refused` if the user does not hold the record's key.
    """
    if not Grant.objects.held_by(by.acting()).filter(key=record.key_id).exists():
        raise Refused(_("It does not exist, or you have no access."))
    AccessReason.objects.filter(user=by, until__lte=now).delete()
    return AccessReason.objects.create(user=by, key_id=record.key_id, purpose=purpose, at=now, until=now + LASTS)


def purpose_of_reading(user: User, now: datetime) -> "PurposeOfReading":
    """Return an SQL expression: the purpose for which this person reads a row with a `key`.

    Blank: it is their current work. Null: they must give a reason first.

    A file is current work if the person holds its key by their own name, or another institution granted it to theirs,
    and it was not closed long ago.
    """
    by_name, by_role = user.acting().holders
    return PurposeOfReading(by_name, by_role, now, now - STILL_CURRENT, user.pk, now)


class PurposeOfReading(models.Func):
    """The SQL expression of `purpose_of_reading`. It is written as SQL, because every page of a file uses it."""

    output_field = models.CharField()

    def __init__(self, *parameters: object) -> None:
        """`parameters`, as in `WHY`: two holder names, now, the earliest recent closing time, the user's id, now."""
        super().__init__(models.F("key"))
        self.parameters = parameters

    def as_sql(self, compiler: Any, connection: Any, *_more: Any, **more: Any) -> tuple[str, tuple[Any, ...]]:
        key, _none = compiler.compile(self.source_expressions[0])
        return WHY.format(key=key), self.parameters


WHY = """case when exists (
    select from vault_grant own join vault_datakey what on what.id = own.key_id
    where own.key_id = {key} and (own.holder = %s or own.holder = %s and own.agency_id <> own.owner_id)
    and own.expires_at > %s and (what.closed_at is null or what.closed_at > %s)
) then '' else (
    select r.purpose from oversight_accessreason r where r.key_id = {key} and r.user_id = %s and r.until > %s
    order by r.at desc limit 1
) end"""


def given_purpose(record: Any, *, by: User, now: datetime) -> Purpose | None:
    """Return the purpose that the user gave last for this record, if it is still valid. None: there is none.

    It does not matter whether the record is the user's current work, which needs no purpose.
    """
    reason = AccessReason.objects.filter(user=by, key=record.key_id, until__gt=now).order_by("-at").first()
    return Purpose(reason.purpose) if reason else None
