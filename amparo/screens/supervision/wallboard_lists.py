"""The wallboard's lists besides calls: people waiting by channel and language, late steps of institutions, free beds,
and services whose entry is old.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from amparo.care.directory.models import Service
from amparo.care.directory.picklists import Status
from amparo.care.police_reports.models import Escalation
from amparo.care.referrals.models import Referral
from amparo.care.shelters.models import Bed
from amparo.foundation.access.models import User
from amparo.line.chat.models import Chat
from amparo.line.contacts.picklists import Channel
from amparo.line.switchboard.models import Call, Language


@dataclass(frozen=True)
class DueItem:
    label: str
    number: int
    address: str  # of the page that lists them


def due_items(user: User, now: datetime) -> list[DueItem]:
    """Count late steps of units, late referrals, free beds and old entries, each with the page that lists them."""
    stale = Service.objects.exclude(status=Status.DEFUNCT).exclude(pk__in=Service.objects.fresh(now).values("pk"))
    return [
        DueItem(_("late steps of units"), Escalation.objects.waiting().count(), reverse("reports")),
        DueItem(_("late referrals"), Referral.objects.visible_to(user).late(now).count(), reverse("referrals")),
        DueItem(_("free beds"), Bed.objects.in_use(now).free(now).count(), reverse("beds")),
        DueItem(_("services to verify again"), stale.count(), reverse("directory")),
    ]


def waiting_by_channel() -> list[tuple[str, str, int]]:
    """Return (channel, language, number of people who wait now), in words. Practice is not counted."""
    calls = Call.objects.real().waiting().order_by().values_list("language", flat=True)
    chats = Chat.objects.waiting_in_order().filter(practice_of=None).values_list("channel", "language")
    found = Counter([(Channel.CALL.value, language) for language in calls]) + Counter(chats)
    return [
        (str(Channel(channel).label), str(Language(language).label), found[channel, language])
        for channel in Channel.values
        for language in Language.values
        if found[channel, language]
    ]
