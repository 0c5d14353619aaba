"""What may be done with campaigns and their spots: add, correct, remove, and estimate the effect."""

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import User
from amparo.foundation.audit.labels import label_verb
from amparo.foundation.audit.rules import append
from amparo.foundation.core import edit_conflicts
from amparo.foundation.core.dates import midnight, monday_of
from amparo.foundation.core.refusal import Refused
from amparo.foundation.core.small_counts import rounded_or_hidden
from amparo.line.contacts.models import CodeWord
from amparo.line.roster.rules import MOST_LIFT

from .counts import count_brought, count_contacts
from .models import Campaign, Spot
from .other_causes import ALONE, Causes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from .effect import Effect, TooFew

WEEKS_BEFORE = 52  # a year, so that an effect can be told from the season
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
# Attribute of a later room's AppConfig: its function that returns the days of events that are no part of a campaign.
OTHER_DAYS = "days_of_other_events"


@action(permissions.run_campaigns, label=gettext_lazy("wrote down a campaign"))
def add_campaign(*, by: User, **columns: Any) -> Campaign:
    """Record a campaign. Its name must be unique."""
    return _save_campaign(Campaign(**columns))


@action(permissions.run_campaigns, label=gettext_lazy("corrected a campaign"))
def change_campaign(
    campaign: Campaign, *, based_on: int | None = None, by: User, now: datetime, **columns: Any
) -> Campaign:
    """Correct a campaign. Its contacts are counted anew whenever its page is opened, so they follow its days.

    Raises `EditConflict` if somebody else changed the same field since version `based_on` (`core/edit_conflicts.py`).
    """
    seen = campaign.version if based_on is None else based_on
    campaign = Campaign.objects.select_for_update().get(pk=campaign.pk)
    edit_conflicts.merge_edits(campaign, columns, based_on=seen, by=by, now=now)
    return _save_campaign(campaign)


@action(permissions.run_campaigns, label=gettext_lazy("said how many more calls a campaign may bring"))
def expect_lift(campaign: Campaign, percent: int, *, by: User) -> None:
    """Record how many percent more calls than usual are expected while the campaign runs."""
    if not 0 <= percent <= MOST_LIFT:
        raise Refused(_("Write a number from 0 to %(most)s.") % {"most": MOST_LIFT})
    campaign.expected_lift = percent
    campaign.save(update_fields=["expected_lift"])


@action(permissions.run_campaigns, label=gettext_lazy("wrote down a spot of a campaign"))
def add_spot(campaign: Campaign, *, by: User, **columns: Any) -> Spot:
    """Record a spot. Its number is stored without spaces, as the switchboard writes numbers; its code word in capitals.

    The code word is added to the list from which operators choose.
    """
    return _save_spot(Spot(campaign=campaign, **_normalised_columns(columns)))


@action(permissions.run_campaigns, label=gettext_lazy("corrected a spot of a campaign"))
def change_spot(spot: Spot, *, based_on: int | None = None, by: User, now: datetime, **columns: Any) -> Spot:
    """Correct a spot, but not a number or code word by which contacts are counted. Operators can still choose the
    former code word.

    Raises `EditConflict` if somebody else changed the same field since version `based_on` (`core/edit_conflicts.py`).
    """
    seen = spot.version if based_on is None else based_on
    spot = _locked_spot(spot)
    counted = _counted_codes(spot)
    changed = edit_conflicts.merge_edits(spot, _normalised_columns(columns), based_on=seen, by=by, now=now)
    if not counted <= {spot.line, spot.code}:
        raise Refused(_("Contacts are counted by its number or code word. Keep these, or add another spot."))
    if "aired_at" in changed:
        append("move_spot", f"spot {spot.pk}", ["aired_at"], with_verb=True)  # five in a day raise an alert
    return _save_spot(spot)


label_verb("move_spot", gettext_lazy("corrected the time of a spot"))


@action(permissions.run_campaigns, label=gettext_lazy("removed a spot that was written down by mistake"))
def remove_spot(spot: Spot, *, by: User) -> None:
    """Remove a spot. Operators can still choose its code word.

    Raises `Refused` if contacts are counted by its number or code word.
    """
    spot = _locked_spot(spot)
    if reason := why_spot_stays(spot):
        raise Refused(reason)
    Spot.objects.filter(pk=spot.pk).delete()


def why_spot_stays(spot: Spot) -> str:
    """Say why the spot cannot be removed. Empty: it can."""
    if not _counted_codes(spot):
        return ""
    return _("Contacts are counted by its number or code word, so it stays. You can correct it.")


def effect_of_campaign(campaign: Campaign, now: datetime) -> "Effect | TooFew":
    """Estimate how contacts changed while the campaign ran. Its own events are a part of it."""
    names = {config.name: getattr(config, OTHER_DAYS, "") for config in apps.get_app_configs()}
    days = [day for room, name in names.items() if name for day in import_string(f"{room}.{name}")(campaign)]
    return effect_of(campaign.starts, campaign.ends, now, causes(Campaign.objects.exclude(pk=campaign.pk), days))


def causes(campaigns: "QuerySet[Campaign]", days: "Iterable[date]") -> Causes:
    """Return these campaigns, and the events that began on these days, as causes of contacts."""
    spans = campaigns.order_by("starts", "pk").values_list("name", "starts", "ends")
    return Causes(tuple(spans), tuple(sorted(days)))


def effect_of(starts: date, ends: date, now: datetime, others: Causes = ALONE) -> "Effect | TooFew":
    """Estimate how contacts changed from the day `starts` to the day `ends`, by the whole weeks that are over."""
    from .effect import estimate_effect  # numpy is loaded when somebody asks

    until, start = monday_of(starts), monday_of(starts + 6 * DAY)
    after = min(monday_of(ends + DAY), monday_of(timezone.localdate(now)))
    mondays = [until - ago * WEEK for ago in range(WEEKS_BEFORE, 0, -1)]
    mondays += [start + number * WEEK for number in range(max((after - start) // WEEK, 0))]
    weeks = [(midnight(each), midnight(each + WEEK)) for each in mondays]
    found = [rounded_or_hidden(count) for count in count_contacts(weeks)]
    return estimate_effect(found[:WEEKS_BEFORE], found[WEEKS_BEFORE:], until, start, others)


def _save_campaign(campaign: Campaign) -> Campaign:
    if campaign.ends < campaign.starts:
        raise Refused(_("A campaign ends after it starts. Look at the two dates."))
    try:
        with transaction.atomic():
            campaign.save()
    except IntegrityError as twice:  # a colleague may store the same name in this moment
        raise Refused(_("There is a campaign of this name. Choose another name.")) from twice
    return campaign


def _locked_spot(spot: Spot) -> Spot:
    """Return the locked row of a spot. Raises `Refused` if a colleague has removed it."""
    found = Spot.objects.select_for_update(of=("self",)).select_related("campaign").filter(pk=spot.pk).first()
    if not found:
        raise Refused(_("A colleague has removed this spot. Load the page of its campaign anew."))
    return found


def _normalised_columns(columns: dict[str, Any]) -> dict[str, Any]:
    """Return the columns with the number without spaces, and the code word in capitals."""
    line, code = "".join(columns.get("line", "").split()), " ".join(columns.get("code", "").upper().split())
    return {**columns, "line": line, "code": code}


def _save_spot(spot: Spot) -> Spot:
    try:
        with transaction.atomic():
            if spot.code:
                CodeWord.objects.get_or_create(word=spot.code)
            spot.save()
    except IntegrityError:
        raise Refused(_("This spot is written down already, at the same time.")) from None
    return spot


def _counted_codes(spot: Spot) -> set[str]:
    """Return the spot's number and code word, if the page shows contacts by them.

    One that another spot of the campaign shares is left out. So is one with fewer than ten contacts: if it kept the
    spot from being removed, the refusal would reveal that there are some.
    """
    others, span = spot.campaign.spots.exclude(pk=spot.pk), spot.campaign.span
    found = set()
    if spot.line and not others.filter(line=spot.line).exists() and count_brought(*span, spot.line, "", None).contacts:
        found.add(spot.line)
    if spot.code and not others.filter(code=spot.code).exists() and count_brought(*span, "", spot.code, None).contacts:
        found.add(spot.code)
    return found
