"""What cannot wait, for the wallboard: each thing with one button that does something about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from amparo.care.police_reports.models import Escalation
from amparo.foundation.access.models import Agency, User
from amparo.line.channels.rules import channel_of
from amparo.line.chat.models import State as ChatState
from amparo.line.switchboard.models import Call, DangerAlert, State
from amparo.screens.desk.queue import LONG_WAIT, LONG_WAIT_IN_WRITING

from .wallboard import Numbers, of_people, written_chats

SHOWN = 5  # things of one kind; of the rest the wallboard says how many they are


@dataclass(frozen=True)
class Urgent:
    sentence: str
    since: datetime | None
    picture: str  # name of an icon
    label: str  # of the button
    address: str
    tone: str = "danger"
    alert: int | None = None  # of danger: the button acknowledges it
    detail: str = ""
    language: str = ""  # of the person, before the sentence
    unit: Agency | None = None  # of the police: its telephone stands beside


def urgent_things(found: Numbers, live: Sequence[Call], user: User) -> list[Urgent]:
    """Return danger first, then who has waited too long, voices before writing, then what else is late.

    `live`: the calls of `live_calls`.
    """
    late = list(Escalation.objects.waiting().filter(is_danger=True).with_telephones()) if found.late_units else []
    return [
        *_dangers(found, user), *_late_in_danger(late), *_nobody_free(found), *_callers(found, live), *_writers(found),
        *_returned(found), *_late_units(found.late_units - len(late)),
    ]  # fmt: skip


def _dangers(found: Numbers, user: User) -> list[Urgent]:
    if not found.danger:
        return []
    alerts = list(DangerAlert.objects.waiting_for(user, found.now)[:SHOWN])
    rows = [
        Urgent(_("Danger, and nobody is on it:"), alert.at, "danger", _("I am on it"), reverse("danger-acknowledge"),
               alert=alert.pk, detail=_("In writing") if alert.chat else _("In a call"))
        for alert in alerts
    ]  # fmt: skip
    return rows + _more(found.danger - len(rows), "danger", reverse("triage"))


def _late_in_danger(late: Sequence[Escalation]) -> list[Urgent]:
    """Units that are late with the report of somebody in danger. Only the first rows name the unit."""
    rows = [
        Urgent(_("Danger, and the police unit is late:"), each.at, "shield", _("Call the unit"), reverse("reports"),
               detail=f"{each.to_agency}: {each.get_late_display()}", unit=each.to_agency)
        for each in late[:SHOWN]
    ]  # fmt: skip
    return rows + _more(len(late) - len(rows), "shield", reverse("reports"))


def _nobody_free(found: Numbers) -> list[Urgent]:
    if found.stranded is None:
        return []
    what_to_do = _("No ready operator is left. Answer yourself, or bring somebody back from a break.")
    sentence = _("Somebody waits and nobody is free:")
    return [Urgent(sentence, found.stranded, "danger", _("Who waits"), reverse("triage"), detail=what_to_do)]


def _callers(found: Numbers, live: Sequence[Call]) -> list[Urgent]:
    start = found.now - LONG_WAIT
    late = [call for call in of_people(live, State.WAITING) if call.waiting_since and call.waiting_since <= start]
    rows = [
        Urgent(_("waits for long,"), call.waiting_since, "clock", _("Pass on"), reverse("triage"),
               language=call.language)
        for call in late[:SHOWN]
    ]  # fmt: skip
    return rows + _more(len(late) - len(rows), "clock", reverse("triage"))


def _writers(found: Numbers) -> list[Urgent]:
    """People whom nobody has answered yet."""
    if found.writing_tone != "danger":
        return []
    start = found.now - LONG_WAIT_IN_WRITING
    late = written_chats().filter(state=ChatState.WAITING, taken_at=None, begun_at__lte=start)
    rows = [
        Urgent(_("nobody has answered in writing,"), chat.begun_at, "chat", _("Pass on"), reverse("triage"),
               detail=str(channel_of(chat).label), language=chat.language)
        for chat in late.order_by("begun_at", "pk")[:SHOWN]
    ]  # fmt: skip
    rest = late.count() - len(rows) if len(rows) == SHOWN else 0
    return rows + _more(rest, "chat", reverse("triage"))


def _returned(found: Numbers) -> list[Urgent]:
    """Conversations that an operator has handed back. Their place in the queue says nothing of this wait."""
    if not found.returned:
        return []
    sentence = ngettext(
        "%(number)s conversation in writing was handed back and waits.",
        "%(number)s conversations in writing were handed back and wait.",
        found.returned,
    ) % {"number": found.returned}
    return [Urgent(sentence, None, "chat", _("Pass on"), reverse("triage"), "wait")]


def _late_units(steps: int) -> list[Urgent]:
    if steps <= 0:
        return []
    sentence = ngettext(
        "%(number)s police unit has not answered in time.", "%(number)s answers of police units are late.", steps
    ) % {"number": steps}
    return [Urgent(sentence, None, "shield", _("Call the unit"), reverse("reports"), "wait")]


def _more(number: int, picture: str, address: str) -> list[Urgent]:
    if number <= 0:
        return []
    sentence = ngettext("and %(number)s more like this", "and %(number)s more like this", number) % {"number": number}
    return [Urgent(sentence, None, picture, _("See all"), address)]
