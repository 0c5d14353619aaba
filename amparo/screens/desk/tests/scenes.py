"""States of the hotline, written as the switchboard and the operators would write them."""

import time
import uuid
from datetime import timedelta
from typing import Any

from django.db import OperationalError, connection, transaction
from django.utils import timezone

from amparo.foundation.access.models import User
from amparo.foundation.access.spoken_codes import new_code
from amparo.foundation.core.actor import SWITCHBOARD, acting_as
from amparo.foundation.core.live import notify
from amparo.line.chat import rules as chats
from amparo.line.chat.models import Chat
from amparo.line.chat.receipts import acting_with
from amparo.line.contacts.models import Contact, Draft, SafeContact
from amparo.line.contacts.rules import open_contact
from amparo.line.roster.models import Device, Seat
from amparo.line.roster.models import State as SeatState
from amparo.line.switchboard.danger import create_danger_alerts
from amparo.line.switchboard.models import Call, CallEvent, DangerAlert, Language, Message, State
from amparo.programme.training.models import Practice
from tests.keys import message_key

LONG_AGO = timedelta(seconds=90)
Kind = CallEvent.Kind


def clear() -> None:
    """Nobody calls or writes, and no danger alert waits. Ana is ready; everybody else is on a break."""
    models = (CallEvent, Draft, SafeContact, Contact, Message, Call, Chat, DangerAlert)
    tables = ", ".join(model._meta.db_table for model in models)
    while not _emptied(tables):
        pass
    Seat.objects.update(state=SeatState.BREAK, seen_at=timezone.now(), since=timezone.now(), device=Device.BROWSER)
    Seat.objects.filter(user__username="ana").update(state=SeatState.READY)
    tell()


def _emptied(tables: str) -> bool:
    """Empty the tables, or change nothing: a page of the test before may still be reading or saving."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("set local lock_timeout = '300ms'")
            cursor.execute(f"truncate {tables} cascade")
    except OperationalError:
        return False
    return True


def tell() -> None:
    for topic in ("queue", "seats", "messages"):
        notify(topic)


def person(username: str = "ana") -> User:
    return User.objects.get(username=username)


def call(**what: Any) -> Call:
    now = timezone.now()
    since = now - LONG_AGO
    turn_at = since - timedelta(days=1) if what.get("danger") else since  # as the switchboard orders them
    row = Call.objects.create(
        **{"state": State.WAITING, "arrived_at": now, "waiting_since": since, "turn_at": turn_at, **what}
    )
    tell()
    return row


def waiting() -> None:
    """Three callers wait: one in danger who cannot speak, one who called before, one from the page."""
    clear()
    call(danger=True, silent=True, line="0800")
    call(state=State.ENDED, pseudonym=b"p" * 16, ended_at=timezone.now())
    earlier = call(pseudonym=b"q" * 16, state=State.ENDED, operators=[person().pk], ended_at=timezone.now())
    open_contact(earlier, by=person(), now=timezone.now())
    Contact.objects.update(state="wrapped", type="crisis")
    call(language="qu", pseudonym=b"q" * 16)
    call(channel="browser")


def missed_by_ana() -> None:
    """Ana answered a call and never got in; it waits again, and everybody else is on a break."""
    clear()
    row = call()
    now = timezone.now()
    for seconds, kind in ((60, Kind.RINGING), (50, Kind.ANSWERED), (1, Kind.REQUEUED)):
        CallEvent.objects.create(call=row, kind=kind, user=person(), at=now - timedelta(seconds=seconds))
    Seat.objects.filter(user=person()).update(state=SeatState.BUSY)
    tell()


def surge() -> None:
    """More callers wait than the shift can answer: two pressed a key, and more wait than are shown."""
    clear()
    now = timezone.now()
    for n in range(40):
        pressed = n in (7, 20)
        place = now + timedelta(seconds=n) + (timedelta() if pressed else timedelta(hours=1))
        call(surge_key="pressed" if pressed else "pending", turn_at=place, language="qu" if pressed else "es")


def ringing(username: str = "ana") -> str:
    """A call rings for Ana."""
    row = call(language="qu", ringing_for=person(username), ringing_since=timezone.now(), line="0800")
    return str(row.pk)


def ring() -> None:
    waiting()
    ringing()


def talking(**what: Any) -> str:
    """Ana is in a call that has its contact."""
    clear()
    row = call(state=State.TALKING, operators=[person().pk], answered_at=timezone.now() - LONG_AGO, **what)
    CallEvent.objects.create(call=row, kind=Kind.ANSWERED, user=person(), at=timezone.now() - LONG_AGO)
    open_contact(row, by=person(), now=timezone.now())
    Seat.objects.filter(user=person()).update(state=SeatState.BUSY, device=Device.PHONE)  # no audio in this scene
    tell()
    return str(row.pk)


def close_contact(pk: str) -> None:
    """The contact of this call is not open yet."""
    Contact.objects.filter(call=pk).delete()
    tell()


def yes_or_no() -> None:
    """The caller cannot speak and answers by keys; there is danger."""
    pk = talking(silent=True, danger=True)
    for kind in (Kind.YES, Kind.YES, Kind.NO):
        CallEvent.objects.create(call_id=pk, kind=kind, at=timezone.now())
    tell()


def begin_chat() -> Chat:
    """Somebody writes on the public page."""
    more = {"language": Language.SPANISH, "behind": 0, "work": None, "now": timezone.now()}
    return chats.begin_chat(acting_with(new_code()), "invented words", pk=uuid.uuid4(), **more)


def blows(pk: str) -> None:
    """During Ana's call danger begins, and the caller can no longer speak."""
    Call.objects.filter(pk=pk).update(danger=True, silent=True)
    tell()


def wrap_up() -> str:
    """Ana's call has ended; its contact is open."""
    pk = talking()
    Call.objects.filter(pk=pk).update(state=State.ENDED, operators=[], ended_at=timezone.now())
    tell()
    return pk


def left_behind() -> None:
    """A number and a spoken message left by callers, and a person who asked to be called back."""
    pk = wrap_up()
    contact = Contact.objects.get(call=pk)
    Contact.objects.update(state="wrapped", type="crisis", confidentiality_explained_at=timezone.now())
    card = SafeContact(
        contact=contact, key=message_key(person()), contact_number=contact.number, call_wanted=True, any_hour=True
    )
    card.number, card.cover_story = "987000111", "la tienda de hilos"
    card.save()
    message(number="987000222")
    message(sound=b"\xff\x00" * 8000)
    Seat.objects.filter(user=person()).update(state=SeatState.READY)
    tell()


def mark_danger() -> None:
    """Danger in a call of Ana's, as the switchboard writes it."""
    marked, user = call(state=State.TALKING, operators=[person().pk]), person().pk
    event = {"call_id": marked.pk, "at": timezone.now(), "kind": CallEvent.Kind.DANGER, "user_id": user}
    with acting_as(SWITCHBOARD):
        create_danger_alerts([event])


def message(**what: Any) -> Message:
    ended = call(state=State.ENDED, ended_at=timezone.now())
    return Message.objects.create(call=ended, key=message_key(person()), left_at=timezone.now(), **what)


def quiet() -> None:
    clear()


def calls_end() -> None:
    """Wait until the switchboard has written the end of each call: what it writes later comes into the next test."""
    for _ in range(600):
        if not Call.objects.live().exists():
            return
        time.sleep(0.1)
    raise AssertionError("a call goes on")


ALL = (quiet, waiting, surge, ring, talking, yes_or_no, wrap_up, left_behind)


def practice_reaches(step: str) -> None:
    """Wait until the invented person of the newest practice says this step."""
    path: list[list[str]] = []
    for _ in range(600):
        path = Practice.objects.latest("pk").path
        if any(step == name for name, _signal in path):
            return
        time.sleep(0.1)
    raise AssertionError(f"{step} is not in {path}")


def seen_of_calls() -> dict[str, int]:
    """How many calls each of these people sees."""
    found = {}
    for name in ("ana", "rufino", "marta"):
        with acting_as(person(name).acting()):
            found[name] = Call.objects.count()
    return found
