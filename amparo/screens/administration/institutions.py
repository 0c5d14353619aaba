"""The institutions that work with Amparo: their people by role, and what these roles may do."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from amparo.foundation.access import permissions
from amparo.foundation.access.models import Agency, Role, User

# In the words of a page, each decided by the permission that the pages themselves ask.
MAY: tuple[tuple[Callable[[User], bool], str | Promise], ...] = (
    (permissions.take_calls, _("take calls and chats")),
    (permissions.supervise, _("supervise the line")),
    (permissions.follow_cases, _("work in the cases that they are given")),
    (permissions.approve_placements, _("approve placements, and see the addresses of shelters")),
    (permissions.run_house, _("see who comes to their shelter, and report its beds")),
    (permissions.receive_reports, _("read the police reports that are sent to them")),
    (permissions.answer_referrals, _("answer referrals to their services, by a program")),
    (permissions.edit_directory, _("edit the directory of services")),
    (permissions.publish, _("count and publish figures, and open no file")),
    (permissions.analyse, _("combine published figures")),
    (permissions.run_campaigns, _("run campaigns and events, and open no file")),
    (permissions.coordinate_plan, _("edit the plan of action")),
    (permissions.follow_plan, _("read the plan of action, and report to it")),
    (permissions.audit, _("read the audit log, and no file")),
    (permissions.watch, _("see alerts about unusual access")),
    (permissions.manage_people, _("let their colleagues in, and lock them out")),
    (permissions.keep_installation, _("see how the machine is")),
)


@dataclass(frozen=True)
class Institution:
    agency: Agency
    roles: list[tuple[str, int]]  # with how many people
    programs: int  # that sign in with a token
    may: list[str]


def institutions() -> list[Institution]:
    """Return every institution, the hotline first, with its open accounts."""
    people: dict[int, list[User]] = {}
    for user in User.objects.filter(is_active=True):
        people.setdefault(user.agency.pk, []).append(user)
    return [_institution(agency, people.get(agency.pk, [])) for agency in Agency.objects.order_by("pk")]


def _institution(agency: Agency, accounts: list[User]) -> Institution:
    people = [user for user in accounts if not user.is_machine]
    counted = Counter(user.role for user in people)
    roles = [(str(role.label), counted[role]) for role in Role if counted[role]]
    may = [str(words) for permission, words in MAY if any(permission(user) for user in accounts)]
    return Institution(agency, roles, len(accounts) - len(people), may)
