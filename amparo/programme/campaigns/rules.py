"""What may be done with campaigns."""

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import User
from amparo.foundation.core.refusal import Refused
from amparo.line.contacts.models import CodeWord
from amparo.line.roster.rules import MOST_LIFT

from .counts import count_contacts
from .models import Campaign, Spot

if TYPE_CHECKING:
    from .effect import Effect, TooFew

DAYS_BEFORE = 366  # a year, so that the time of the year is told from the cause
DAY = timedelta(days=1)


@action(permissions.run_campaigns, label=gettext_lazy("wrote down a campaign"))
def add_campaign(*, by: User, **columns: Any) -> Campaign:
    """Record a campaign. Its name must be unique."""
    if Campaign.objects.filter(name=columns["name"]).exists():
        raise Refused(_("There is a campaign of this name. Choose another name."))
    if columns["ends"] < columns["starts"]:
        raise Refused(_("A campaign ends after it starts. Look at the two dates."))
    campaign: Campaign = Campaign.objects.create(**columns)
    return campaign


@action(permissions.run_campaigns, label=gettext_lazy("said how many more calls a campaign may bring"))
def expect_lift(campaign: Campaign, percent: int, *, by: User) -> None:
    """Record how many percent more calls than usual are expected while the campaign runs."""
    if not 0 <= percent <= MOST_LIFT:
        raise Refused(_("Write a number from 0 to %(most)s.") % {"most": MOST_LIFT})
    campaign.expected_lift = percent
    campaign.save(update_fields=["expected_lift"])


@action(permissions.run_campaigns, label=gettext_lazy("wrote down a spot of a campaign"))
def add_spot(campaign: Campaign, *, by: User, **columns: Any) -> Spot:
    """Record a spot. `line` is stored as the switchboard writes numbers: without spaces; a code word in capitals.

    Operators then find the word in the list of what people may say.
    """
    columns["line"] = "".join(columns.get("line", "").split())
    columns["code"] = " ".join(columns.get("code", "").upper().split())
    try:
        with transaction.atomic():
            if columns["code"]:
                CodeWord.objects.get_or_create(word=columns["code"])
            spot: Spot = campaign.spots.create(**columns)
    except IntegrityError:
        raise Refused(_("This spot is written down already, at the same time.")) from None
    return spot


def effect_of(starts: date, ends: date, now: datetime) -> "Effect | TooFew":
    """Whether contacts changed from one day to another, from the days that are over."""
    from .effect import TooFew, estimate  # numpy is loaded when somebody asks

    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    start = timezone.make_aware(datetime.combine(starts, time.min))
    end = min(midnight, timezone.make_aware(datetime.combine(ends, time.min)) + DAY)
    first, days = start - DAYS_BEFORE * DAY, (end - start).days + DAYS_BEFORE
    if end <= start:
        return TooFew.DAYS
    found = count_contacts([(first + n * DAY, first + (n + 1) * DAY) for n in range(days)])
    silent = next((number for number, count in enumerate(found) if count), len(found))  # a line younger than a year
    return estimate(found[silent:], starts - (DAYS_BEFORE - silent) * DAY, starts)
