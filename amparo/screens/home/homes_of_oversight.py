"""First pages of those who look after the hotline: its administrators and its auditors."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from amparo.foundation.access import permissions
from amparo.foundation.access.colleagues import colleagues_of, lacking_factors, unused_accounts
from amparo.foundation.access.models import Recovery, User
from amparo.foundation.audit.rules import count_entries, sealer_status
from amparo.foundation.oversight.models import Alert
from amparo.screens.administration.rules import GREEN, RED, Part, parts

from . import numbers, rows
from .home import Home, Seal
from .numbers import Number
from .rows import AT_MOST, OPEN, Row

WEEK = timedelta(days=7)


def administrator(user: User, now: datetime) -> Home:
    """The accounts that need the administrator; for the hotline's own administrators also the state of each part."""
    people = colleagues_of(user)
    unused, lacking = list(unused_accounts(people, now)[:AT_MOST]), lacking_factors(people)
    state = parts(now) if permissions.keep_installation(user) else []
    found = [
        *(_fault(part) for part in state if part.light == RED),
        *_recoveries(user),
        *(_unused_account(person) for person in unused),
        *_second_ways(lacking),
        *rows.alerts(user),
    ]
    return Home(
        [
            Number(len(unused), numbers.UNUSED_ACCOUNTS, _people_address("unused"), "wait" if unused else ""),
            Number(len(lacking), _("without a second way in"), _people_address("second"), "wait" if lacking else ""),
            _faults_number(state) if state else _people_number(people.filter(is_active=True).count()),
        ],
        found,
        (_("Add somebody"), f"{reverse('staff')}#id_username", "people"),
        parts=state,
    )


def _people_address(show: str) -> str:
    """The address of the page of people, with this filter."""
    return f"{reverse('staff')}?show={show}"


def _faults_number(state: list[Part]) -> Number:
    faults = [part for part in state if part.light != GREEN]
    tone = "danger" if any(part.light == RED for part in faults) else "wait" if faults else ""
    return Number(len(faults), numbers.PARTS_TO_LOOK_AT, reverse("installation"), tone)


def _people_number(number: int) -> Number:
    return Number(number, numbers.PEOPLE_WITH_ACCESS, reverse("staff"))


def _fault(part: Part) -> Row:
    title = _("%(part)s: %(verdict)s") % {"part": part.name, "verdict": part.verdict}
    return Row(title, part.sentences[0], reverse("installation"), OPEN, icon="gear")


def _recoveries(user: User) -> Iterable[Row]:
    waiting = Recovery.objects.filter(confirmed_at=None).select_related("person", "requested_by")
    for recovery in waiting.exclude(requested_agency=user.agency).exclude(person=user)[:AT_MOST]:
        title = _("Confirm the recovery of %(who)s") % {"who": recovery.person}
        why = _("%(who)s asked for it.") % {"who": recovery.requested_by}
        yield Row(title, why, reverse("staff"), OPEN, since=recovery.requested_at)


def _unused_account(person: User) -> Row:
    title = _("Has %(who)s left? Then lock the account") % {"who": person}
    if person.last_login is None:
        return Row(title, _("Nobody has ever signed in with it."), _people_address("unused"), OPEN, icon="lock")
    day = date_format(timezone.localtime(person.last_login), "DATE_FORMAT")
    return Row(title, _("Last sign-in: %(day)s") % {"day": day}, _people_address("unused"), OPEN, icon="lock")


def _second_ways(people: list[User]) -> Iterable[Row]:
    """One row for all who have fewer than two ways to sign in: whoever loses the only one is locked out."""
    if people:
        title = ngettext(
            "%(n)s person without a second way to sign in", "%(n)s people without a second way to sign in", len(people)
        )
        yield Row(
            title % {"n": len(people)}, ", ".join(map(str, people[:5])), _people_address("second"), OPEN, icon="key"
        )


def auditor(user: User, now: datetime) -> Home:
    """Alerts to answer, the state of the ledger's seal, and how much is written into it."""
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    entries = count_entries(midnight, midnight - WEEK + timedelta(days=1))
    waiting = Alert.objects.visible_to(user).waiting().count()
    return Home(
        [
            Number(waiting, numbers.ALERTS_TO_ANSWER, reverse("alerts"), "wait" if waiting else ""),
            Number(entries.today, numbers.ENTRIES_TODAY, reverse("ledger")),
            Number(entries.week, numbers.ENTRIES_IN_SEVEN_DAYS, reverse("ledger-entries")),
        ],
        list(rows.alerts(user)),
        (_("Read the audit log"), reverse("ledger"), "list"),
        seal=Seal(sealer_status(), entries.sealed),
    )


def watcher(user: User, now: datetime) -> Home:
    """Alerts, for supervisors of other institutions than the hotline."""
    alerts = Alert.objects.visible_to(user)
    waiting, answered = alerts.waiting().count(), alerts.filter(answered_at__isnull=False).count()
    week = alerts.filter(at__gte=now - WEEK).count()
    return Home(
        [
            Number(waiting, numbers.ALERTS_TO_ANSWER, reverse("alerts"), "wait" if waiting else ""),
            Number(week, numbers.ALERTS_IN_SEVEN_DAYS, reverse("alerts")),
            Number(answered, numbers.ANSWERED_ALERTS, reverse("alerts")),
        ],
        list(rows.alerts(user)),
    )
