"""Danger alerts: shown to every supervisor at once, then to everybody on shift, until somebody acknowledges.

An alert names the call and who marked it. It contains no words and no number of the caller.
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

from .bulk_upsert import Row, add_new
from .models import CallEvent, DangerAlert


def raise_danger(events: list[Row]) -> None:
    """Create alerts for danger events, each with an audit entry. Call it in the transaction that writes the events.

    An alert that was acknowledged before sounds again.
    """
    marked: dict[UUID, Row] = {row["call_id"]: row for row in events if row["kind"] == CallEvent.Kind.DANGER}
    if not marked:
        return
    known = set(DangerAlert.objects.filter(call__in=list(marked)).values_list("call_id", flat=True))
    new = [row for call, row in marked.items() if call not in known]
    add_new(DangerAlert, [{"call_id": row["call_id"], "at": row["at"], "raised_by_id": row["user_id"]} for row in new])
    raised = list(new)
    for call in known:
        if DangerAlert.objects.filter(call=call).raise_again(marked[call]["at"], marked[call]["user_id"]):
            raised.append(marked[call])
    for row in raised:
        append("raise_danger", f"call {row['call_id']}")
    notify("danger")


label_verb("raise_danger", gettext_lazy("danger was marked"))


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
