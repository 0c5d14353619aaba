"""Danger alerts: shown to every supervisor at once, then to everybody on shift, until somebody acknowledges.

An alert names the call or chat and who marked it. It contains no words and no number of the caller.
"""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import User
from amparo.foundation.audit.labels import label_verb
from amparo.foundation.audit.rules import append
from amparo.foundation.core.live import notify
from amparo.foundation.core.refusal import Refused

from .bulk_upsert import Row, insert_new_rows
from .models import Call, CallEvent, DangerAlert


def create_danger_alerts(events: list[Row]) -> None:
    """Create an alert and a ledger entry for each danger event in `events`, unless `alert_in_call` finds one waiting.

    Call it in the transaction that writes the events.
    """
    for row in events:
        if row["kind"] == CallEvent.Kind.DANGER and alert_in_call(row["call_id"], row["at"], row["user_id"]):
            append("raise_danger", f"call {row['call_id']}")


label_verb("raise_danger", gettext_lazy("danger was marked"))


def alert_in_call(call: UUID, at: datetime, by: int | None) -> bool:
    """Create an alert of danger in a call, and return True. `by` is a user id; None: the caller pressed the danger key.

    Returns False, without a new alert, if one of the same kind waits in this call. There are two kinds: raised
    by the caller's key, or by any of our people.
    """
    return _insert_alert({"call_id": call, "at": at, "raised_by_id": by})


def alert_in_chat(chat: UUID, at: datetime, by: int) -> bool:
    """Create an alert, unless one of this chat still waits. Returns whether it is new."""
    return _insert_alert({"chat": chat, "at": at, "raised_by_id": by})


def _insert_alert(row: Row) -> bool:
    """Insert an alert, and return whether it is new. A unique constraint drops it if one of its kind waits already.

    If a colleague is just acknowledging that alert, PostgreSQL waits for the end of their transaction and then decides.
    """
    is_new = insert_new_rows(DangerAlert, [row]) == 1
    notify("danger")
    return is_new


@action(permissions.take_calls, label=gettext_lazy("marked danger after the call"))
def raise_danger_after(call: Call, *, by: User, now: datetime) -> Call:
    """Create an alert for a call that the switchboard does not carry: it ended, or it is a return call that rings.

    Raises `Refused` in practice, and unless `by` was in the call or placed it. Returns the call.
    """
    # "arrived" names a user in return calls only: who placed it
    if call.practice_of_id is not None:
        raise Refused(_("This is practice: nobody was alerted. In a real conversation every supervisor would be."))
    took_part = (CallEvent.Kind.ANSWERED, CallEvent.Kind.JOINED, CallEvent.Kind.ARRIVED)
    if not CallEvent.objects.filter(call=call, user=by, kind__in=took_part).exists():
        raise Refused(_("You were not in this call."))
    alert_in_call(call.pk, now, by.pk)
    notify("call", call.pk)
    return call


@action(permissions.take_calls, label=gettext_lazy("acknowledged the danger"))
def acknowledge_danger(alert: DangerAlert, *, by: User, now: datetime) -> DangerAlert:
    """Acknowledge an alert, which then stops for everybody. The first acknowledgement is kept."""
    found = DangerAlert.objects.select_for_update().filter(pk=alert.pk).first()
    if found is None:
        raise Refused(_("It does not exist, or you have no access."))
    if found.acknowledged_at is None:
        found.acknowledged_at, found.acknowledged_by = now, by
        found.save(update_fields=["acknowledged_at", "acknowledged_by"])
        notify("danger")
    return found
