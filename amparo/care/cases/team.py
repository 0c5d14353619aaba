"""The team of a case: its members, the member in charge on this shift, hand-over notes, and the members' keys."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.care.people.models import Identity
from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import Role, User
from amparo.foundation.core.actor import role_holder
from amparo.foundation.core.live import notify
from amparo.foundation.core.refusal import Refused
from amparo.foundation.vault.models import DataKey
from amparo.line.contacts.models import Contact
from amparo.line.contacts.picklists import Urgency

from .models import Case, CaseRecordKey, HandOver, Member, Task
from .picklists import EntryKind
from .tasks_planning import add_entry, lock_open_case


def create_case(first: Task, urgency: Urgency, *, by: User, now: datetime) -> Case:
    """Insert a new case with its first task, and `by` as member in charge. Call it within another action."""
    holders = by.acting().holders[0], role_holder(by.agency.pk, Role.SUPERVISOR)
    case = Case.objects.create(
        key=DataKey.objects.make(*holders, agency=by.agency.pk, kind="case"), urgency=urgency, opened_at=now,
        opened_by=by, holder=by, next_task=first, next_due=first.due,
    )  # fmt: skip
    first.case, first.key = case, case.key
    first.save(force_insert=True)
    Member.objects.create(case=case, key=case.key, user=by, since=now)
    return case


@action(permissions.follow_cases, label=gettext_lazy("let somebody join the team"))
def add_member(case: Case, user: User, *, by: User, now: datetime) -> Member:
    """Add a colleague to the team and give them its keys. Calling it twice changes nothing.

    Only members of the team, or supervisors, have access to the case and so can add others.
    """
    case = lock_open_case(case, by)
    if user.agency_id != by.agency_id or not permissions.follow_cases(user):
        raise Refused(_("Only people of the line who follow cases can join the team."))
    member, is_new = case.team.get_or_create(user=user, until=None, defaults={"key": case.key, "since": now})
    if is_new:
        for key in team_keys(case):
            key.give(user.acting().holders[0])
        add_entry(case, EntryKind.JOINED, by=by, now=now, about=str(user.pk))
        notify("case", case.pk)
    return member


@action(permissions.follow_cases, label=gettext_lazy("let somebody leave the team"))
def remove_member(case: Case, user: User, *, by: User, now: datetime) -> None:
    """Remove a member. They lose access with the next query. Raises `Refused` for the last member of a team.

    They keep the keys of conversations in which they took part themselves.
    """
    case = lock_open_case(case, by)
    if not case.team.filter(until=None).exclude(user=user).exists():
        raise Refused(_("Somebody has to stay with the case. Let a colleague join first."))
    case.tasks.filter(is_open=True, assignee=user).update(assignee=None)
    add_entry(case, EntryKind.LEFT, by=by, now=now, about=str(user.pk))
    if case.holder_id == user.pk:
        case.holder = None
        case.save(update_fields=["holder"])
    case.team.filter(user=user, until=None).update(until=now)
    notify("case", case.pk)
    for key in [*case_keys(case), *_keys_of_others_contacts(case, user)]:
        key.take(user.acting().holders[0])


@action(permissions.follow_cases, label=gettext_lazy("took it in hand"))
def take_charge(case: Case, *, by: User, now: datetime) -> Case:
    """Put `by` in charge of the case on this shift. They join the team if they are not in it."""
    case = add_member(case, by, by=by, now=now).case
    if case.holder_id != by.pk:
        case.holder = by
        case.save(update_fields=["holder"])
        add_entry(case, EntryKind.TAKEN, by=by, now=now)
        notify("case", case.pk)
    return case


@action(permissions.follow_cases, label=gettext_lazy("handed it over"))
def hand_over(
    case: Case, *, where_it_stands: str, what_next: str = "", what_not_to_ask: str = "", to: User | None = None,
    by: User, now: datetime,
) -> HandOver:  # fmt: skip
    """Hand the case over to the next shift, or to one member of the team, with a note.

    Nobody is in charge until somebody reads the note; then that person is.
    """
    case = lock_open_case(case, by)
    if not where_it_stands.strip():
        raise Refused(_("Say where it stands: one line is enough."))
    if to == by:
        raise Refused(_("A colleague reads what you hand over."))
    if to and not case.team.filter(user=to, until=None).exists():
        raise Refused(_("It is left to somebody of the team. Let them join first."))
    case.holder = None
    case.save(update_fields=["holder"])
    add_entry(case, EntryKind.HANDED_OVER, by=by, now=now)
    notify("case", case.pk)
    return HandOver.objects.create(
        case=case, key=case.key, where_it_stands=where_it_stands, what_next=what_next or None,
        what_not_to_ask=what_not_to_ask or None, to=to, written_at=now, written_by=by,
    )  # fmt: skip


@action(permissions.follow_cases, label=gettext_lazy("read the hand-over"))
def read_hand_over(hand_over: HandOver, *, by: User, now: datetime) -> HandOver:
    """Mark a hand-over note as read, and put `by` in charge of the case."""
    case = lock_open_case(hand_over.case, by)
    hand_over = case.hand_overs.select_for_update(of=("self",)).get(pk=hand_over.pk)
    if hand_over.read_at is None:
        if hand_over.written_by_id == by.pk:
            raise Refused(_("A colleague reads what you hand over."))
        hand_over.read_at, hand_over.read_by = now, by
        hand_over.save(update_fields=["read_at", "read_by"])
        add_entry(case, EntryKind.READ_OVER, by=by, now=now)
        take_charge(case, by=by, now=now)
    return hand_over


def make_record_key(case: Case, kind: str) -> DataKey:
    """Make a key for a record in another room that belongs to this case. Present and future members hold it."""
    key = DataKey.objects.make_beside(case.key, kind=kind)
    CaseRecordKey.objects.create(beside=key, case=case, key=case.key)
    return key


def case_keys(case: Case) -> list[DataKey]:
    """Return the keys of the case, of the identities of its people, and of its records in other rooms."""
    identities = Identity.objects.filter(person__key=case.key_id).select_related("key")
    besides = CaseRecordKey.objects.filter(case=case).select_related("beside")
    return [case.key, *(it.key for it in identities), *(it.beside for it in besides)]


def team_keys(case: Case) -> list[DataKey]:
    """Return all keys that a member of the team holds: `case_keys` and those of the contacts of the case."""
    included = Contact.objects.filter(inclusion__case=case).select_related("key")
    return [*case_keys(case), *(key for contact in included for key in contact.own_keys)]


def _keys_of_others_contacts(case: Case, user: User) -> list[DataKey]:
    """Return the keys of contacts in which `user` did not take part as an operator."""
    others = (
        Contact.objects.filter(inclusion__case=case).exclude(operator=user).exclude(call__operators__contains=[user.pk])
    )
    return [key for contact in others.select_related("key") for key in contact.own_keys]
