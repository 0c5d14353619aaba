"""How long each class of record is kept, and what the next nights delete."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from amparo.foundation.vault.models import DataKey, Retention

SOON = timedelta(days=30)
LABELS: dict[str, str | Promise] = {
    "card": _("Safe-contact card: how to reach the person"),
    "message": _("A number or voice left in the queue"),
    "chat": _("What was written, word for word"),
    "contact": _("Contact: what was told"),
    "return": _("Return code and its messages"),
    "case": _("Case: situation, notes, documents"),
    "identity": _("Identity of a person of a case"),
    "report": _("Police report"),
    "referral": _("Referral"),
    "placement": _("Placement in a shelter"),
    "shift": _("Shift hand-over"),
    "practice": _("Practice with invented people"),
}


@dataclass(frozen=True)
class RetentionState:
    kind: str
    days: int
    closed: int  # records whose time runs
    soon: int  # of them, those that are deleted within `SOON`
    on_hold: int  # records under a legal hold, which nobody deletes
    next_at: datetime | None  # the time of the first one is over; the night after deletes it. None: none is closed

    @property
    def label(self) -> str | Promise:
        return LABELS.get(self.kind, self.kind)


def retention_states(now: datetime) -> list[RetentionState]:
    """Return the state of each class of record that has a retention period, in the order of `LABELS`."""
    found = []
    for retention in Retention.objects.all():
        period = timedelta(days=retention.days)
        closed = DataKey.objects.filter(kind=retention.kind, closed_at__isnull=False, forgotten_at=None)
        counted = closed.aggregate(
            running=Count("pk", filter=Q(legal_hold="")),
            soon=Count("pk", filter=Q(legal_hold="", closed_at__lt=now + SOON - period)),
            on_hold=Count("pk", filter=~Q(legal_hold="")),
            first=Min("closed_at", filter=Q(legal_hold="")),
        )
        next_at = counted["first"] and counted["first"] + period
        found.append(
            RetentionState(
                retention.kind, retention.days, counted["running"], counted["soon"], counted["on_hold"], next_at
            )
        )
    order = list(LABELS)
    return sorted(found, key=lambda it: order.index(it.kind) if it.kind in LABELS else len(order))
