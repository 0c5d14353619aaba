"""Who asks: nobody, and one of every role of every kind of institution. All runs in the process of a hotline."""

from dataclasses import dataclass, field

NOBODY = "nobody"
ENOUGH = 12  # contacts of one person
TOKEN = "t" * 32  # what a page of ours would bring against requests forged by other sites


@dataclass(frozen=True)
class Desk:
    """Somebody signed in, and what there is for them to ask about, by the converter of an address."""

    session: str
    known: dict[str, list[str]] = field(default_factory=dict)


def hire() -> list[str]:
    """One of each; the names they sign in with."""
    from amparo.foundation.access.models import Agency, Kind, Role, User

    for kind in Kind:
        agency, _made = Agency.objects.get_or_create(kind=kind, defaults={"name": f"Invented {kind}"})
        for role in Role:
            User.objects.create(username=f"{kind}-{role}", first_name=f"{role} {kind}", role=role, agency=agency)
    return [NOBODY, *User.objects.order_by("pk").values_list("username", flat=True)]


def sit_down(username: str) -> Desk:
    """Open a new session, because other requests may have ended the one before; for people who take calls, contacts and
    messages too.
    """
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    from amparo.foundation.access import permissions
    from amparo.foundation.access.models import User
    from amparo.foundation.access.models.sessions import SessionStore
    from tests.full_session import full_session

    session, work = SessionStore(), []
    if username != NOBODY:
        User.objects.filter(username=username).update(is_active=True)
        user = User.objects.get(username=username)
        signed_in = {
            SESSION_KEY: str(user.pk),
            BACKEND_SESSION_KEY: "django.contrib.auth.backends.ModelBackend",
            HASH_SESSION_KEY: user.get_session_auth_hash(),
        }
        session.update(signed_in | full_session())
        work = _work(user) if permissions.take_calls(user) else []
    session.save()
    return Desk(str(session.session_key), _known(work))


def _known(uuids: list[str]) -> dict[str, list[str]]:
    from amparo.foundation.access.models import User
    from amparo.line.contacts.models import DataSubjectRequest

    numbers = [*User.objects.values_list("pk", flat=True), *DataSubjectRequest.objects.values_list("pk", flat=True)[:9]]
    return {"uuid": uuids, "int": [str(number) for number in numbers], "slug": ["ready", "break", "off"]}


def _work(user: "User") -> list[str]:  # noqa: F821
    """What they have to do, one more each time until it is enough: a console with a thousand messages draws slowly."""
    from amparo.line.contacts.models import Contact
    from amparo.line.switchboard.models import Message

    mine = Contact.objects.filter(operator=user)
    if mine.count() < ENOUGH:
        _one_more(user)
    calls = [str(pk) for pk in mine.values_list("call", flat=True)]
    messages = Message.objects.filter(call__in=calls).values_list("pk", flat=True)
    return [*calls, *map(str, mine.values_list("pk", flat=True)), *map(str, messages)]


def _one_more(user: "User") -> None:  # noqa: F821
    from django.utils import timezone

    from amparo.line.contacts.rules import open_contact, receive_request
    from amparo.line.roster.rules import take_seat
    from amparo.line.switchboard.models import Call, Message, State
    from tests.keys import message_key

    now = timezone.now()
    take_seat(by=user, now=now)
    call = Call.objects.create(arrived_at=now, answered_at=now, state=State.ENDED, ended_at=now, operators=[user.pk])
    contact = open_contact(call, by=user, now=now)
    receive_request(contact, "erase", by=user, now=now)
    Message.objects.create(call=call, left_at=now, key=message_key(user), number="987000222", sound=b"\x7f" * 80)


def close_a_page() -> None:
    """The control: the web may no longer read what the page of everybody's own sign-in shows, so a view raises."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f'revoke select on mfa_authenticator from "{connection.settings_dict["NAME"]}_web"')
