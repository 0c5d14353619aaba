"""What the promises' tests share: agencies that work beside each other, and connections as each process signs in."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.conf import settings
from django.db import connection
from django.http import HttpResponseBase
from django.test import Client
from django.utils import timezone

from amparo.foundation.access.models import Agency, Kind, Role, User
from amparo.foundation.core.actor import Actor, _signed, acting_as
from amparo.line.contacts.models import Contact
from amparo.line.contacts.rules import open_contact
from amparo.line.switchboard.models import Call
from tests.repetitions import SOAK

NOTHING_THERE = (404, 405)


@contextmanager
def as_process(name: str, acting: Actor | None = None):
    """A connection signed in as this process of ours does, perhaps with somebody acting in its transaction."""
    at = connection.settings_dict
    with psycopg.connect(
        dbname=at["NAME"], user=f"{at['NAME']}_{name}", host=at["HOST"], port=at["PORT"] or None,
        password=settings.ENVIRONMENT.secret(f"database-{name}"),
    ) as link:  # fmt: skip
        if acting:
            link.execute("select set_config('amparo.acting', %s, true)", [_signed(acting, link.info.backend_pid)])
        yield link


def colleague(name: str, role: Role = Role.OPERATOR, agency: Agency | None = None) -> User:
    return User.objects.create(username=f"{name}-{uuid.uuid4().hex[:6]}", role=role, agency=agency or hotline())


def hotline() -> Agency:
    return Agency.objects.get(kind=Kind.HOTLINE, pk=1)


def agency(kind: Kind) -> Agency:
    return Agency.objects.create(name=f"Invented {kind}", kind=kind, is_invented=True)


def contact_of(user: User, notes: str = "", pseudonym: bytes | None = None) -> Contact:
    now = timezone.now()
    call = Call.objects.create(arrived_at=now, answered_at=now, operators=[user.pk], pseudonym=pseudonym)
    contact = open_contact(call, by=user, now=now)
    if notes:
        with acting_as(user.acting()):
            contact.notes = notes
            contact.save(update_fields=["notes"])
    return contact


def answers(client: Client, address: str, turn: int, *, has_record: bool) -> Iterator[tuple[str, HttpResponseBase]]:
    """What is answered at an address to a script and to a person who opens it, by Sec-Fetch-Mode.

    Where nothing is there for them, the person is shown the script's sentence with the bar around it, which takes ten
    times as long: at one of 16 such addresses (`turn` numbers the addresses). A page of no record is the same for both:
    the person is shown one of four. In `make soak` all.
    """
    answer = client.get(address, headers={"Sec-Fetch-Mode": "cors"})
    yield "cors", answer
    often = 16 if answer.status_code in NOTHING_THERE else 1 if has_record else 4
    if SOAK or turn % often == 0:
        yield "navigate", client.get(address, headers={"Sec-Fetch-Mode": "navigate"})
