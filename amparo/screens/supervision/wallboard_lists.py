"""The wallboard's lists besides calls: people waiting by channel and language, late steps of institutions, free beds,
and services whose entry is old.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import ngettext

from amparo.care.directory.models import Service
from amparo.care.directory.picklists import Status
from amparo.care.police_reports.models import Escalation
from amparo.care.referrals.models import Referral
from amparo.care.shelters.models import Bed
from amparo.foundation.access.models import User
from amparo.foundation.core.counts import count_each
from amparo.line.chat.models import Chat
from amparo.line.contacts.picklists import Channel
from amparo.line.switchboard.models import Call, Language, State

from .wallboard import MOST, due_return_calls


@dataclass(frozen=True)
class DueItem:
    label: str
    number: int
    address: str  # of the page that lists them


def due_items(user: User, now: datetime, abandoned: int) -> list[DueItem]:
    """Count return calls, late steps of units, late referrals, free beds and old entries, each with its page.

    `abandoned`: calls of today, counted already.
    """
    stale = Service.objects.exclude(status=Status.DEFUNCT).exclude(pk__in=Service.objects.fresh(now).values("pk"))
    late = Escalation.objects.waiting(), Referral.objects.visible_to(user).late(now)
    steps, referrals, beds, services = count_each(*late, Bed.objects.in_use(now).free(now), stale, at_most=MOST)
    returns = len(due_return_calls(now))
    return [
        DueItem(ngettext("return call due", "return calls due", returns), returns, _list_of("returns")),
        DueItem(ngettext("call abandoned today", "calls abandoned today", abandoned), abandoned, _list_of("abandoned")),
        DueItem(ngettext("late step of a unit", "late steps of units", steps), steps, reverse("reports")),
        DueItem(ngettext("late referral", "late referrals", referrals), referrals, reverse("referrals")),
        DueItem(ngettext("free bed", "free beds", beds), beds, reverse("beds")),
        DueItem(
            ngettext("service to verify again", "services to verify again", services), services, reverse("directory")
        ),
    ]


def _list_of(what: str) -> str:
    return reverse("wallboard-counted", args=[what])


def waiting_by_channel(live: Iterable[Call]) -> list[tuple[str, str, int]]:
    """Return (channel, language, number of people who wait now), in words; no practice. `live`: running calls."""
    calls = [
        (Channel.CALL.value, call.language)
        for call in live
        if call.state == State.WAITING and call.practice_of_id is None
    ]
    chats = Chat.objects.waiting_in_order().filter(practice_of=None).values_list("channel", "language")
    found = Counter(calls) + Counter(chats)
    return [
        (str(Channel(channel).label), str(Language(language).label), found[channel, language])
        for channel in Channel.values
        for language in Language.values
        if found[channel, language]
    ]
