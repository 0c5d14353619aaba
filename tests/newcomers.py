"""People in the hotline under test; run in a process that has its database."""

import itertools
import os

from allauth.mfa.models import Authenticator
from django.utils import timezone

from amparo.foundation.access.models import HOTLINE, Agency, EnrolmentCode, Kind, Role, User
from amparo.foundation.access.rules import lock_person, request_recovery
from amparo.line.contacts.rules import open_contact
from amparo.line.switchboard.models import Call, State

_numbers = itertools.count()


def newcomer(role: str = "operator", agency: str = "") -> str:
    """The user name of a new person who has not signed in yet."""
    username = f"person{os.getpid()}x{next(_numbers)}"
    where = Agency.objects.get_or_create(name=agency, defaults={"kind": Kind.NGO})[0] if agency else None
    person = User(username=username, first_name=username.title(), role=Role(role))
    person.agency_id = where.pk if where else HOTLINE
    person.set_unusable_password()
    person.save()
    return username


def code_for(username: str) -> str:
    return EnrolmentCode.make(User.objects.get(username=username), timezone.now())


def authenticators_of(username: str) -> list[str]:
    return list(Authenticator.objects.filter(user__username=username).values_list("type", flat=True))


def neighbours(username: str) -> None:
    """Fill the staff page with people in every state, and a recovery that waits."""
    me = User.objects.get(username=username)
    for _ in range(2):
        other = User.objects.get(username=newcomer())
        Authenticator.objects.create(user=other, type="webauthn", data={"name": "x"})
    lock_person(User.objects.get(username=newcomer()), by=me)
    request_recovery(other, by=me, now=timezone.now())
    newcomer("administrator", "Casa ajena")


def conversation_of(username: str) -> str:
    """A contact in which this operator writes."""
    operator, now = User.objects.get(username=username), timezone.now()
    call = Call.objects.create(
        arrived_at=now, answered_at=now, ended_at=now, state=State.ENDED, operators=[operator.pk], pseudonym=b"p" * 16
    )
    return str(open_contact(call, by=operator, now=now).pk)
