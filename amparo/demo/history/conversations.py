"""Write an invented call of the past as the switchboard would, and its contact as an operator would."""

import uuid
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone

from amparo.foundation.access.models import HOTLINE, Role, User
from amparo.foundation.audit.rules import append
from amparo.foundation.core.actor import SWITCHBOARD, WORKER, acting_as, role_holder
from amparo.foundation.places import places
from amparo.foundation.vault.models import DataKey
from amparo.line.contacts import rules
from amparo.line.contacts.models import Contact
from amparo.line.contacts.picklists import Channel, Type
from amparo.line.contacts.picklists import State as ContactState
from amparo.line.switchboard.danger import acknowledge_danger, create_danger_alerts
from amparo.line.switchboard.models import Call, CallEvent, DangerAlert, Ending, Hours, Message, State

from . import cases
from .recipe import PastCall

NAMESPACE = uuid.UUID("5d1f1c3e-6f1c-4d3c-9a53-3f0a3f0d1e00")  # of the ids of invented calls
OPENING = timedelta(seconds=18)  # the opening words
SEEN_WITHIN = timedelta(seconds=9)  # an alert of danger
LEFT_OPEN = timedelta(days=2)  # messages newer than this still wait for their call back
TALKED_AFTER = timedelta(days=4)  # the supervisor, about a hard call
Kind = CallEvent.Kind


def id_of_call(number: int) -> uuid.UUID:
    """Return the id of the call with this number in the recipe. It is the same at each start, so no call is written
    twice."""
    return uuid.uuid5(NAMESPACE, str(number))


def operator_at(moment: datetime, people: dict[str, User]) -> User:
    """Return the invented person who answers at this hour."""
    hour = timezone.localtime(moment).hour
    return people["marta" if 6 <= hour < 14 else "ana" if 14 <= hour < 22 else "rufino"]


def write_call(number: int, past: PastCall, people: dict[str, User], now: datetime) -> Contact | None:
    """Write the call with its events, its message and its contact. Return the contact; None: nobody answered."""
    by = operator_at(past.arrived, people)
    call = _write_call_row(number, past, by)
    if past.contact:
        return _write_contact(call, past, by, people, now)
    if past.ending == Ending.MESSAGE and call.ended_at:
        _write_message(call, call.ended_at, by, now)
    return None


def write_forgotten_month(month: list[PastCall], people: dict[str, User], now: datetime) -> None:
    """Write the answered calls of one month, with contacts whose retention is over: forgotten, but still counted.

    Some of the contacts get a case, which is closed and not forgotten: a case is kept for years.
    """
    by = people["ana"]
    calls = [
        Call(
            language=past.language, state=State.ENDED, arrived_at=past.arrived, waiting_since=past.arrived + OPENING,
            answered_at=past.arrived + OPENING + timedelta(seconds=past.wait), ending=Ending.CALLER, operators=[by.pk],
            ended_at=past.arrived + OPENING + timedelta(seconds=past.wait + past.talk),
        )
        for past in month
    ]  # fmt: skip
    with transaction.atomic():
        with acting_as(SWITCHBOARD):
            Call.objects.bulk_create(calls)
        with acting_as(by.acting()):
            key = DataKey.objects.make(by.acting().holders[0], agency=HOTLINE, kind="contact")
            contacts = Contact.objects.bulk_create(
                _forgotten_contact(past, call, key, by) for past, call in zip(month, calls, strict=True)
            )
        for number, (past, contact) in enumerate(zip(month, contacts, strict=True)):
            if past.becomes_a_case:
                cases.write_case(contact, number, people, now, cases.EARLIER)
        with acting_as(WORKER):
            append("forget", f"contact {key.pk}", key=key.pk)
            key.forget()


def _forgotten_contact(past: PastCall, call: Call, key: DataKey, by: User) -> Contact:
    assert past.contact is not None
    assert call.answered_at is not None
    return Contact(
        call=call, operator=by, key=key, channel=Channel.CALL, language=past.language, started=call.answered_at,
        ended=call.ended_at, state=ContactState.WRAPPED, type=past.contact.type,
        ubigeo=past.contact.fields.get("place", ""),
    )  # fmt: skip


def _write_call_row(number: int, past: PastCall, by: User) -> Call:
    waiting = past.arrived + OPENING if past.is_offered else None
    answered = waiting + timedelta(seconds=past.wait) if waiting and past.is_answered else None
    ended = (answered or waiting or past.arrived) + timedelta(seconds=past.talk if answered else past.wait + 6)
    ending = Ending.CALLER if past.is_answered or not waiting else Ending(past.ending)
    call = Call(
        pk=id_of_call(number), line=past.line, language=past.language, state=State.ENDED, danger=past.is_danger,
        silent=past.is_silent, arrived_at=past.arrived, waiting_since=waiting, answered_at=answered, ended_at=ended,
        ending=ending, operators=[by.pk] if answered else [],
    )  # fmt: skip
    happened = [(Kind.ARRIVED, past.arrived, None), (Kind.WAITING, waiting, None), (Kind.ANSWERED, answered, by.pk)]
    if past.is_silent:
        happened.append((Kind.SILENT, past.arrived + OPENING / 2, None))
    if past.is_danger:
        happened.append((Kind.DANGER, past.arrived + OPENING / 3, None))
    happened.append((Kind.ENDED, ended, None))
    events = [{"call_id": call.pk, "at": at, "kind": str(kind), "user_id": user} for kind, at, user in happened if at]
    with acting_as(SWITCHBOARD):
        call.save(force_insert=True)
        CallEvent.objects.bulk_create(CallEvent(**event) for event in events)
        create_danger_alerts(events)
    if past.is_danger:
        with acting_as(by.acting()):
            alert = DangerAlert.objects.get(call=call)
        acknowledge_danger(alert, by=by, now=alert.at + SEEN_WITHIN)
    return call


def _write_contact(call: Call, past: PastCall, by: User, people: dict[str, User], now: datetime) -> Contact:
    assert past.contact is not None
    assert call.answered_at is not None
    assert call.ended_at is not None
    key, ended = uuid.uuid4(), call.ended_at
    contact = rules.open_contact(call, by=by, now=call.answered_at)
    if fields := dict(past.contact.fields):
        fields["place"] = places.place_label(fields["place"])
        rules.save_draft(contact, key=key, revision=1, based_on=contact.version, changes=fields, by=by, now=ended)
    contact = rules.wrap_up(contact, type=past.contact.type, key=key, by=by, now=ended + timedelta(minutes=2))
    if past.contact.fields.get("hard_call") and ended + TALKED_AFTER < now:
        supervisor = people["nelly" if by == people["marta"] else "marta"]
        rules.acknowledge_hard_call(contact, by=supervisor, now=ended + TALKED_AFTER)
    date_back_key(contact)
    return contact


def _write_message(call: Call, at: datetime, by: User, now: datetime) -> None:
    holders = (role_holder(HOTLINE, role) for role in (Role.OPERATOR, Role.SUPERVISOR))
    with acting_as(SWITCHBOARD):
        message = Message(call=call, left_at=at, number=f"000{call.pk.int % 10**6:06}", hours=Hours.ANY)
        message.key = DataKey.objects.make(*holders, agency=HOTLINE, kind="message")
        message.save(force_insert=True)
    if now - at < LEFT_OPEN:
        return
    back = at + timedelta(minutes=35)
    contact = rules.take_message(message, by=by, now=back)
    rules.wrap_up(contact, type=Type.INFORMATION, key=uuid.uuid4(), by=by, now=back + timedelta(minutes=6))
    rules.finish_message(message, by=by, now=back + timedelta(minutes=6))
    date_back_key(contact)


def date_back_key(contact: Contact) -> None:
    """Date the grants of a contact's data key back to the conversation.

    Contacts are listed by this date, so that real ones recorded meanwhile stay at the top.
    """
    with connection.cursor() as cursor:
        cursor.execute("update vault_grant set made_at = %s where key_id = %s", [contact.started, contact.key_id])
