"""Care for those who answer: a talk and a rest after hard contacts, and one's load over weeks. Never a ranking."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db.models import Count, F, Sum
from django.db.models.functions import TruncWeek
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import User
from amparo.foundation.core.charts import Chart, bars_of
from amparo.foundation.core.dates import midnight, monday_of
from amparo.foundation.core.live import notify
from amparo.foundation.core.refusal import Refused
from amparo.line.roster.rules import SHIFT, start_rest_after_hard_contact

from .models import Contact, Debrief
from .models.contact import HARD
from .picklists import DebriefState, HardCall

WEEKS = 12
EARLIEST = timedelta(days=90)  # how long ago a talk may have been that is recorded now


def offer_debrief_and_rest(contact: Contact, *, by: User, now: datetime) -> None:
    """Offer `by` a talk after a hard contact of their own, and a rest if the rules say so. Practice does not count."""
    is_own = contact.operator_id == by.pk and contact.practice_of_id is None
    if not is_own or contact.hard_call in ("", HardCall.NO):
        return
    offered = {"contact_number": contact.number, "operator": by, "offered_at": now}
    Debrief.objects.get_or_create(contact=contact, defaults=offered)
    if contact.started <= now - SHIFT:
        return  # opened again, or entered late: no rest now for what was long ago
    hard = Contact.objects.real().filter(HARD, operator=by, started__gt=now - SHIFT, started__lte=now).count()
    start_rest_after_hard_contact(hard, wants_to_talk=contact.hard_call == HardCall.TALK, by=by, now=now)


def withdraw_debrief(contact: Contact, *, by: User) -> None:
    """Withdraw the talk that was offered to `by` for a contact which was not hard after all.

    A talk that was taken or declined stays, and so does one that is offered to somebody else.
    """
    if Debrief.objects.filter(contact=contact, operator=by, state=DebriefState.OFFERED).delete()[0]:
        notify("messages")


@action(permissions.take_calls, label=gettext_lazy("took the talk after a hard contact"))
def take_debrief(debrief: Debrief, with_whom: User, talked_at: datetime, *, by: User, now: datetime) -> Debrief:
    """Record that the operator talked with somebody, and when. What was said is not kept.

    The operator records it, or the supervisor who talked with them.
    """
    debrief = _lock_debrief(debrief)
    if by.pk not in (debrief.operator_id, with_whom.pk):
        raise Refused(_("Only who talked records the talk."))
    if debrief.state == DebriefState.TAKEN:
        raise Refused(_("This talk is recorded already, with %(name)s.") % {"name": debrief.with_whom})
    if with_whom.pk == debrief.operator_id or not permissions.take_calls(with_whom):
        raise Refused(_("Choose a colleague or a supervisor."))
    if not now - EARLIEST <= talked_at <= now:
        raise Refused(_("Choose when you talked: not in the future, and within 90 days."))
    debrief.state, debrief.with_whom, debrief.talked_at = DebriefState.TAKEN, with_whom, talked_at
    return _save_answer(debrief, now)


@action(permissions.take_calls, label=gettext_lazy("declined the talk after a hard contact"))
def decline_debrief(debrief: Debrief, *, by: User, now: datetime) -> Debrief:
    """Decline the talk, without a reason. Operators decline only their own; they can still take it later."""
    debrief = _lock_debrief(debrief)
    if debrief.operator_id != by.pk:
        raise Refused(_("Only the person to whom it is offered declines it."))
    if debrief.state != DebriefState.OFFERED:
        return debrief
    debrief.state = DebriefState.DECLINED
    return _save_answer(debrief, now)


@action(permissions.supervise, label=gettext_lazy("talked about a hard call"))
def acknowledge_hard_call(contact: Contact, *, by: User, now: datetime) -> Contact:
    """Record that a supervisor talked with the operator about a hard call. Doing it twice changes nothing."""
    contact = Contact.objects.visible_to(by).get_locked(contact.pk)
    if contact.operator_id == by.pk:
        raise Refused(_("Nobody debriefs themselves. Talk with a colleague, and record it under wellbeing."))
    if contact.hard_call_seen_at is None:
        contact.hard_call_seen_at = now
        contact.save(update_fields=["hard_call_seen_at"])
        debrief = Debrief.objects.filter(contact=contact).exclude(operator=by).first()
        if debrief and debrief.state == DebriefState.OFFERED:
            take_debrief(debrief, by, now, by=by, now=now)
        notify("contact", contact.pk)
        notify("messages")
    return contact


def load_charts(person: User, *, by: User, now: datetime) -> list[Chart]:
    """Return three charts of one operator's last twelve weeks: contacts, hard contacts and hours in conversation.

    Raises `Refused` unless `by` is that person or a supervisor. Nobody is compared with anybody.
    """
    if by.pk != person.pk and not permissions.supervise(by):
        raise Refused(_("Only the person and supervisors see this."))
    since = midnight(monday_of(timezone.localdate(now)) - timedelta(weeks=WEEKS - 1))
    own = Contact.objects.visible_to(by).real().filter(operator=person, started__gte=since)
    counted = own.order_by().annotate(week=TruncWeek("started")).values("week")
    numbers, hard, hours = Counter[date](), Counter[date](), Counter[date]()
    for row in counted.annotate(number=Count("pk"), hard=Count("pk", filter=HARD)):
        numbers[row["week"].date()], hard[row["week"].date()] = row["number"], row["hard"]
    for week in counted.filter(ended__isnull=False).annotate(spent=Sum(F("ended") - F("started"))):
        hours[week["week"].date()] = round(week["spent"] / timedelta(hours=1))
    weeks = [since.date() + timedelta(weeks=n) for n in range(WEEKS)]
    note = _("The last twelve weeks, without practice.")
    return [
        _weekly_chart(title, note, unit, weeks, counts)
        for title, unit, counts in (
            (_("Contacts by week"), _("Contacts"), numbers),
            (_("Hard contacts by week"), _("Hard contacts"), hard),
            (_("Hours in conversation by week"), _("Hours"), hours),
        )
    ]


def _weekly_chart(title: str, note: str, unit: str, weeks: Iterable[date], counts: Counter[date]) -> Chart:
    bars = bars_of((date_format(week, "d/m"), counts[week]) for week in weeks)
    return Chart(title, "columns", note, (_("Week from"), unit), bars)


def _lock_debrief(debrief: Debrief) -> Debrief:
    found = Debrief.objects.select_for_update(of=("self",)).filter(pk=debrief.pk).first()
    if found is None:
        raise Refused(_("It does not exist, or you have no access."))
    return found


def _save_answer(debrief: Debrief, now: datetime) -> Debrief:
    debrief.answered_at = now
    debrief.save(update_fields=["state", "with_whom", "talked_at", "answered_at"])
    notify("messages")
    return debrief
