"""What may be done with events, pledges and testimonies."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import Role, User
from amparo.foundation.audit.rules import append
from amparo.foundation.core import edit_conflicts
from amparo.foundation.core.actor import acting_as, role_holder
from amparo.foundation.core.refusal import Refused
from amparo.foundation.vault.models import DataKey
from amparo.programme.campaigns.models import Campaign
from amparo.programme.campaigns.rules import causes, effect_of

from . import public
from .models import Event, Pledge, Testimony
from .picklists import Outlet

LONGEST_PERMISSION_YEARS = 2  # then the survivor is asked again

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from amparo.programme.campaigns.effect import Effect, TooFew

EFFECT_DAYS = timedelta(days=20)  # in which an effect is looked for: two whole weeks, whatever day it began on


def effect_of_event(event: Event, now: datetime) -> "Effect | TooFew":
    """Estimate how contacts changed after an event, beside all campaigns and the other events."""
    day = timezone.localdate(event.starts_at)
    others = causes(Campaign.objects.all(), _days_of(Event.objects.exclude(pk=event.pk)))
    return effect_of(day, day + EFFECT_DAYS, now, others)


def days_of_other_events(campaign: Campaign) -> list[date]:
    """Return the days of all events that are no part of this campaign."""
    return _days_of(Event.objects.exclude(campaign=campaign))


def _days_of(events: "QuerySet[Event]") -> list[date]:
    return [timezone.localdate(each) for each in events.values_list("starts_at", flat=True)]


@action(permissions.run_campaigns, label=gettext_lazy("wrote down an event held in public"))
def record_event(*, by: User, **columns: Any) -> Event:
    """Record an event, before or after it takes place."""
    event = Event(**columns)
    _check_numbers(event)
    event.save()
    return event


@action(permissions.run_campaigns, label=gettext_lazy("corrected an event held in public"))
def change_event(event: Event, *, based_on: int | None = None, by: User, now: datetime, **columns: Any) -> Event:
    """Correct an event. If it is on the public pages, they change too.

    Raises `EditConflict` if somebody else changed the same field since version `based_on` (`core/edit_conflicts.py`).
    """
    seen = event.version if based_on is None else based_on
    event = _locked_event(event.pk)
    changed = edit_conflicts.merge_edits(event, columns, based_on=seen, by=by, now=now)
    _check_numbers(event)
    event.save(update_fields=changed)
    if moved := [field for field in changed if field in ("starts_at", "ubigeo")]:
        append("move_event", f"event {event.pk}", moved, with_verb=True)  # five in a day raise an alert
    _write_event_on_commit(event, by)
    return event


def why_event_stays(event: Event) -> str:
    """Say why the event cannot be removed. Empty: it can."""
    if event.published_at:
        return _("It is or was on the public page, so it stays. You can correct it, or take it off the page.")
    if event.pledges.exists() or event.testimonies.exists():
        return _("A pledge or a testimony belongs to it, so it stays. You can correct it.")
    return ""


@action(permissions.run_campaigns, label=gettext_lazy("removed an event that was written down by mistake"))
def remove_event(event: Event, *, by: User) -> None:
    """Remove an event that nothing refers to, and that was never on the public pages."""
    event = _locked_event(event.pk)
    if reason := why_event_stays(event):
        raise Refused(reason)
    Event.objects.filter(pk=event.pk).delete()


@action(permissions.run_campaigns, label=gettext_lazy("showed an event on the public page"))
def publish_event(event: Event, *, by: User, now: datetime) -> Event:
    """Show the event on the public pages, as it is now. If it is there already, write it anew."""
    event = _locked_event(event.pk)
    event.published_at, event.taken_off_at = event.published_at or now, None
    event.save(update_fields=["published_at", "taken_off_at"])
    _write_event_on_commit(event, by)
    return event


@action(permissions.run_campaigns, label=gettext_lazy("took an event off the public page"))
def unpublish_event(event: Event, *, by: User, now: datetime) -> Event:
    """Take the event off the public pages before this returns. It can be shown again. A second call changes nothing."""
    event = _locked_event(event.pk)
    if event.is_public:
        event.taken_off_at = now
        event.save(update_fields=["taken_off_at"])
    public.remove_event(event)
    return event


@action(permissions.run_campaigns, label=gettext_lazy("wrote down a pledge"))
def add_pledge(event: Event, *, text: str, made_by: str, due: date | None = None, by: User) -> Pledge:
    """Record what an institution promised at an event."""
    event = _locked_event(event.pk)
    pledge: Pledge = event.pledges.create(text=text, made_by=made_by, due=due)
    _write_event_on_commit(event, by)
    return pledge


@action(permissions.run_campaigns, label=gettext_lazy("said whether a pledge was kept"))
def close_pledge(pledge: Pledge, *, was_kept: bool, evidence: str, on: date, by: User) -> Pledge:
    """Record whether a pledge was kept. A closed pledge must be reopened before it can be closed again."""
    pledge = _locked_pledge(pledge)
    if pledge.was_kept is not None:
        raise Refused(_("This pledge is closed already."))
    if was_kept and not evidence.strip():
        raise Refused(_("Say what shows that it was kept: a document, a date, a link."))
    pledge.was_kept, pledge.evidence, pledge.closed_on = was_kept, evidence.strip(), on
    pledge.save(update_fields=["was_kept", "evidence", "closed_on"])
    _write_event_on_commit(pledge.event, by)
    return pledge


@action(permissions.run_campaigns, label=gettext_lazy("corrected a pledge"))
def change_pledge(
    pledge: Pledge, *, text: str, made_by: str, due: date | None, based_on: int | None = None, by: User, now: datetime
) -> Pledge:
    """Correct a pledge; the public page changes too.

    Raises `EditConflict` if somebody else changed the same field since version `based_on` (`core/edit_conflicts.py`).
    """
    seen = pledge.version if based_on is None else based_on
    pledge = _locked_pledge(pledge)
    columns = {"text": text, "made_by": made_by, "due": due}
    pledge.save(update_fields=edit_conflicts.merge_edits(pledge, columns, based_on=seen, by=by, now=now))
    _write_event_on_commit(pledge.event, by)
    return pledge


@action(permissions.run_campaigns, label=gettext_lazy("opened a pledge again that was closed by mistake"))
def reopen_pledge(pledge: Pledge, *, by: User, now: datetime) -> Pledge:
    """Open a pledge again that was closed by mistake; how it was closed is kept. Doing it twice changes nothing."""
    pledge = _locked_pledge(pledge)
    if pledge.was_kept is None:
        return pledge
    assert pledge.closed_on  # by a constraint
    pledge.earlier_closings.create(
        was_kept=pledge.was_kept, closed_on=pledge.closed_on, evidence=pledge.evidence, reopened_at=now, reopened_by=by
    )
    pledge.was_kept, pledge.evidence, pledge.closed_on = None, "", None
    pledge.save(update_fields=["was_kept", "evidence", "closed_on"])
    _write_event_on_commit(pledge.event, by)
    return pledge


def why_pledge_stays(pledge: Pledge) -> str:
    """Say why the pledge cannot be removed. Empty: it can."""
    if pledge.event.published_at or pledge.was_kept is not None or pledge.earlier_closings.exists():
        return _("It was public or closed, so it stays. You can correct it, or close it as not kept.")
    return ""


@action(permissions.run_campaigns, label=gettext_lazy("removed a pledge that was written down by mistake"))
def remove_pledge(pledge: Pledge, *, by: User) -> None:
    """Remove a pledge that was never closed, of an event that was never on the public pages."""
    pledge = _locked_pledge(pledge)
    if reason := why_pledge_stays(pledge):
        raise Refused(reason)
    Pledge.objects.filter(pk=pledge.pk).delete()


@action(permissions.run_campaigns, label=gettext_lazy("sealed a testimony"))
def add_testimony(
    event: Event | None, *, text_es: str, text_en: str = "", signed_as: str = "", outlets: Iterable[str], until: date,
    was_explained: bool, by: User, now: datetime,
) -> Testimony:  # fmt: skip
    """Seal a survivor's words, with their permission: in which outlets, until which day, under which name."""
    _refuse_unexplained(was_explained)
    if not text_es.strip():
        raise Refused(_("Write the words as the person wants them read."))
    event = _locked_event(event.pk) if event else None
    holder = role_holder(by.agency.pk, Role.CAMPAIGN_OFFICER)
    testimony: Testimony = Testimony.objects.create(
        event=event, key=DataKey.objects.make(holder, agency=by.agency.pk, kind="testimony"), text_es=text_es.strip(),
        text_en=text_en.strip() or None, signed_as=signed_as.strip() or None, explained_at=now, written_by=by,
    )  # fmt: skip
    for outlet in sorted(set(outlets)):
        _create_permission(testimony, outlet, until, now)
    return testimony


@action(permissions.run_campaigns, label=gettext_lazy("recorded a new permission for a testimony"))
def allow_outlets(
    testimony: Testimony, outlets: Iterable[str], *, until: date, was_explained: bool, by: User, now: datetime
) -> None:
    """Record that the survivor allows more outlets, or allows outlets again until another day.

    The earlier permissions for these outlets stay on record, replaced.
    """
    _refuse_unexplained(was_explained)
    testimony = _locked_testimony(testimony)
    for outlet in sorted(set(outlets)):
        testimony.permissions.current().filter(outlet=outlet).update(replaced_at=now)
        _create_permission(testimony, outlet, until, now)
    _write_testimony_on_commit(testimony, by)


@action(permissions.run_campaigns, label=gettext_lazy("showed a testimony on the public page"))
def publish_testimony(testimony: Testimony, *, by: User, now: datetime) -> Testimony:
    """Show the testimony on the public pages that the survivor allowed."""
    testimony = _locked_testimony(testimony)
    if not any(testimony.allows(outlet, timezone.localdate(now)) for outlet in (Outlet.SITE_ES, Outlet.SITE_EN)):
        raise Refused(_("The person has not allowed the public page, or the time is over. Ask them first."))
    testimony.published_at = testimony.published_at or now
    testimony.save(update_fields=["published_at"])
    _write_testimony_on_commit(testimony, by)
    return testimony


@action(permissions.run_campaigns, label=gettext_lazy("took a testimony back from one place"))
def withdraw_outlet(testimony: Testimony, outlet: str, *, by: User, now: datetime) -> Testimony:
    """Withdraw the permission for one outlet. Doing it twice changes nothing.

    The words leave every public page before this returns. Pages that are still allowed get them back after the commit.
    """
    testimony = _locked_testimony(testimony)
    testimony.permissions.current().filter(outlet=outlet).update(withdrawn_at=now)
    public.remove_testimony(testimony)  # before the commit: if that fails, it is gone all the same
    _write_testimony_on_commit(testimony, by)  # what other outlets still allow
    return testimony


@action(permissions.run_campaigns, label=gettext_lazy("took a testimony back, and destroyed its words"))
def withdraw_testimony(testimony: Testimony, *, by: User, now: datetime) -> Testimony:
    """Withdraw the whole testimony: the words leave every public page before this returns, and their key is destroyed.

    Raises `Unreachable` if the public file cannot be removed; then nothing is changed. A second call changes nothing.
    """
    testimony = Testimony.objects.select_for_update(of=("self",)).select_related("key").get(pk=testimony.pk)
    if testimony.is_withdrawn:
        return testimony
    public.remove_testimony(testimony)
    testimony.permissions.current().update(withdrawn_at=now)
    testimony.withdrawn_at = now
    testimony.save(update_fields=["withdrawn_at"])
    testimony.key.forget()
    return testimony


def _refuse_unexplained(was_explained: bool) -> None:
    if not was_explained:
        raise Refused(_("First explain to the person where it will be, for how long, and how to withdraw it."))


def _create_permission(testimony: Testimony, outlet: str, until: date, now: datetime) -> None:
    if outlet not in Outlet.values:
        raise Refused(_("Choose one of the list."))
    today = timezone.localdate(now)
    if not today <= until <= today.replace(year=today.year + LONGEST_PERMISSION_YEARS, day=1):
        raise Refused(_("Choose a last day within the next two years. After it, the person is asked again."))
    testimony.permissions.create(outlet=outlet, until=until, given_at=now)


def _locked_testimony(testimony: Testimony) -> Testimony:
    """Return the locked row of a testimony. Raises `Refused` if it was withdrawn."""
    found = Testimony.objects.select_for_update(of=("self",)).select_related("key").get(pk=testimony.pk)
    if found.is_withdrawn:
        raise Refused(_("It was withdrawn, and the words are destroyed. If they wish, the person can give them again."))
    return found


def _check_numbers(event: Event) -> None:
    if event.decision_makers and event.decision_makers > (event.attendance or 0):
        raise Refused(_("Decision makers are among those who came: there cannot be more of them."))


def _locked_event(pk: int) -> Event:
    event: Event | None = Event.objects.select_for_update(of=("self",)).filter(pk=pk).first()
    if not event:
        raise Refused(_("A colleague has removed this event."))
    return event


def _locked_pledge(pledge: Pledge) -> Pledge:
    locked = Pledge.objects.select_for_update(of=("self",)).select_related("event")
    found: Pledge | None = locked.filter(pk=pledge.pk).first()
    if not found:
        raise Refused(_("A colleague has removed this pledge."))
    return found


def _write_testimony_on_commit(testimony: Testimony, by: User) -> None:
    """Write the public file after the commit, from the row as it is then, locked again: so a withdrawal wins."""

    def write() -> None:
        with acting_as(by.acting()):
            now = Testimony.objects.select_for_update(of=("self",)).select_related("key", "event").get(pk=testimony.pk)
            if not now.is_withdrawn:
                public.write_testimony(now)
            if now.event:
                _write_public_event(now.event)

    transaction.on_commit(write)


def _write_event_on_commit(event: Event, by: User) -> None:
    def write() -> None:
        with acting_as(by.acting()):
            _write_public_event(event)

    transaction.on_commit(write)


def _write_public_event(event: Event) -> None:
    """Write the public file from the row as it is now: an event that was taken off meanwhile does not return."""
    now = _locked_event(event.pk)
    if now.is_public:
        public.write_event(now)
