"""Who works on a case: a team, one of whom has it in hand on this shift, and what one shift leaves to the next."""

from datetime import datetime

from django.utils.translation import gettext as _

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

from .handovers import HandOver
from .models import Case, CaseRecordKey, Member, Task
from .picklists import EntryKind
from .tasks_planning import hold_open, tell


def begin(first: Task, urgency: Urgency, *, by: User, now: datetime) -> Case:
    """A new case with its first task, in the hand of who begins it; within another verb."""
    holders = by.acting().holders[0], role_holder(by.agency.pk, Role.SUPERVISOR)
    case = Case.objects.create(
        key=DataKey.objects.make(*holders, agency=by.agency.pk, kind="case"), urgency=urgency, opened_at=now,
        opened_by=by, holder=by, next_task=first, next_due=first.due,
    )  # fmt: skip
    first.case, first.key = case, case.key
    first.save(force_insert=True)
    Member.objects.create(case=case, key=case.key, user=by, since=now)
    return case


@action(permissions.follow_cases)
def let_join(case: Case, user: User, *, by: User, now: datetime) -> Member:
    """A colleague works on it from now on; doing it twice changes nothing. Only who works on it can let them."""
    case = hold_open(case, by)
    if user.agency_id != by.agency_id or not permissions.follow_cases(user):
        raise Refused(_("Only people of the line who follow cases can join the team."))
    member, is_new = case.team.get_or_create(user=user, until=None, defaults={"key": case.key, "since": now})
    if is_new:
        for key in team_keys(case):
            key.give(user.acting().holders[0])
        tell(case, EntryKind.JOINED, by=by, now=now, about=str(user.pk))
        notify("case", case.pk)
    return member


@action(permissions.follow_cases)
def let_leave(case: Case, user: User, *, by: User, now: datetime) -> None:
    """Somebody works on it no longer, and from the next query on does not see it. A team is never empty."""
    case = hold_open(case, by)
    if not case.team.filter(until=None).exclude(user=user).exists():
        raise Refused(_("Somebody has to stay with the case. Let a colleague join first."))
    case.tasks.filter(is_open=True, assignee=user).update(assignee=None)
    tell(case, EntryKind.LEFT, by=by, now=now, about=str(user.pk))
    if case.holder_id == user.pk:
        case.holder = None
        case.save(update_fields=["holder"])
    case.team.filter(user=user, until=None).update(until=now)
    notify("case", case.pk)
    for key in [*case_keys(case), *_heard_by_others(case, user)]:
        key.take(user.acting().holders[0])


@action(permissions.follow_cases)
def take_in_hand(case: Case, *, by: User, now: datetime) -> Case:
    """From now on this is whom to ask on this shift; they join the team by it."""
    case = let_join(case, by, by=by, now=now).case
    if case.holder_id != by.pk:
        case.holder = by
        case.save(update_fields=["holder"])
        tell(case, EntryKind.TAKEN, by=by, now=now)
        notify("case", case.pk)
    return case


@action(permissions.follow_cases)
def hand_over(
    case: Case, *, where_it_stands: str, what_next: str = "", what_not_to_ask: str = "", to: User | None = None,
    by: User, now: datetime,
) -> HandOver:  # fmt: skip
    """Leave it to the next shift, or to one of the team: who reads it has it in hand. Until then nobody has."""
    case = hold_open(case, by)
    if not where_it_stands.strip():
        raise Refused(_("Say where it stands: one line is enough."))
    if to == by:
        raise Refused(_("A colleague reads what you hand over."))
    if to and not case.team.filter(user=to, until=None).exists():
        raise Refused(_("It is left to somebody of the team. Let them join first."))
    case.holder = None
    case.save(update_fields=["holder"])
    tell(case, EntryKind.HANDED_OVER, by=by, now=now)
    notify("case", case.pk)
    return HandOver.objects.create(
        case=case, key=case.key, where_it_stands=where_it_stands, what_next=what_next or None,
        what_not_to_ask=what_not_to_ask or None, to=to, written_at=now, written_by=by,
    )  # fmt: skip


@action(permissions.follow_cases)
def read_hand_over(hand_over: HandOver, *, by: User, now: datetime) -> HandOver:
    """The next shift has read it, and has the case in hand."""
    case = hold_open(hand_over.case, by)
    hand_over = case.hand_overs.select_for_update(of=("self",)).get(pk=hand_over.pk)
    if hand_over.read_at is None:
        if hand_over.written_by_id == by.pk:
            raise Refused(_("A colleague reads what you hand over."))
        hand_over.read_at, hand_over.read_by = now, by
        hand_over.save(update_fields=["read_at", "read_by"])
        tell(case, EntryKind.READ_OVER, by=by, now=now)
        take_in_hand(case, by=by, now=now)
    return hand_over


def key_beside(case: Case, kind: str) -> DataKey:
    """A key for a record of a later room that belongs to this case: held by its team, whoever that will be."""
    key = DataKey.objects.make_beside(case.key, kind=kind)
    CaseRecordKey.objects.create(beside=key, case=case, key=case.key)
    return key


def case_keys(case: Case) -> list[DataKey]:
    """The keys of the case itself, of the identities of its people, and of what later rooms made beside it."""
    identities = Identity.objects.filter(person__key=case.key_id).select_related("key")
    besides = CaseRecordKey.objects.filter(case=case).select_related("beside")
    return [case.key, *(it.key for it in identities), *(it.beside for it in besides)]


def team_keys(case: Case) -> list[DataKey]:
    """What a member of the team holds: these, and the keys of the contacts that belong to the case."""
    included = Contact.objects.filter(inclusion__case=case).select_related("key")
    return [*case_keys(case), *(key for contact in included for key in contact.own_keys)]


def _heard_by_others(case: Case, user: User) -> list[DataKey]:
    """The keys of conversations that this person was not in herself."""
    others = (
        Contact.objects.filter(inclusion__case=case).exclude(operator=user).exclude(call__operators__contains=[user.pk])
    )
    return [key for contact in others.select_related("key") for key in contact.own_keys]
