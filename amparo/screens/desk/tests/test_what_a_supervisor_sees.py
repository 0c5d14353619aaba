"""A supervisor sees hard calls, and sets the languages in which calls ring."""

import uuid

import pytest
from django.test import Client
from django.utils import timezone

from amparo.foundation.access.models import User
from amparo.foundation.audit.models import Entry
from amparo.foundation.core.refusal import Refused
from amparo.line.contacts.rules import open_contact, wrap_up
from amparo.line.roster.models import Seat
from amparo.line.roster.rules import set_languages
from amparo.line.switchboard.models import Call, State
from amparo.line.switchboard.seats import Seats


def browser_of(user: User) -> Client:
    client = Client(headers={"Sec-Fetch-Mode": "cors"})
    client.force_login(user)
    return client


def closed(ana, hard_call: str):
    now = timezone.now()
    call = Call.objects.create(arrived_at=now, answered_at=now, state=State.TALKING, operators=[ana.pk])
    contact = open_contact(call, by=ana, now=now)
    Call.objects.filter(pk=call.pk).update(state=State.ENDED, operators=[], ended_at=now)
    return wrap_up(contact, type="crisis", key=uuid.uuid4(), hard_call=hard_call, by=ana, now=now)


def test_a_hard_call_is_on_the_supervisors_screen_until_they_talked(ana, marta):
    hard, easy = closed(ana, "talk"), closed(ana, "no")
    desk = browser_of(marta)
    text = desk.get("/console/queue").content.decode()
    assert hard.code in text
    assert easy.code not in text
    assert desk.post(f"/hard-calls/{hard.pk}/seen").status_code == 204
    assert hard.code not in desk.get("/console/queue").content.decode()
    assert Entry.objects.filter(what="acknowledge_hard_call", user_id=marta.pk).exists()


def test_colleagues_do_not_see_hard_calls(ana, rufino):
    hard = closed(ana, "later")
    for who in (ana, rufino):
        assert f"/hard-calls/{hard.pk}" not in browser_of(who).get("/console/queue").content.decode()
    assert browser_of(rufino).post(f"/hard-calls/{hard.pk}/seen").status_code == 404
    assert browser_of(ana).post(f"/hard-calls/{hard.pk}/seen").status_code == 409


def spoken(user: User) -> list[str]:
    return Seat.objects.get(pk=user.pk).languages


def test_languages_are_set_by_oneself_and_by_a_supervisor(ana, rufino, marta):
    assert browser_of(ana).post(f"/languages/{ana.pk}", {"language": ["qu", "es"]}).status_code == 302
    assert set(spoken(ana)) == {"es", "qu"}
    assert browser_of(marta).post(f"/languages/{ana.pk}", {"language": ["en"]}).status_code == 302
    assert spoken(ana) == ["en"]
    page = browser_of(marta).get("/languages").content.decode()
    assert "Ana F." in page
    assert "Rufino E." in page
    assert "Rufino E." not in browser_of(ana).get("/languages").content.decode()


def test_operators_cannot_set_a_colleagues_languages(ana, rufino):
    assert browser_of(ana).post(f"/languages/{rufino.pk}", {"language": ["en"]}).status_code == 404
    with pytest.raises(Refused):
        set_languages(Seat.objects.get(pk=rufino.pk), ["en"], by=ana)
    assert spoken(rufino) == ["es"]


@pytest.mark.parametrize("languages", [[], ["xx"], ["es", "xx"]])
def test_languages_must_be_at_least_one_of_the_list(ana, languages):
    assert browser_of(ana).post(f"/languages/{ana.pk}", {"language": languages}).status_code == 422
    assert spoken(ana) == ["es"]


@pytest.mark.django_db(transaction=True)
async def test_routing_reads_it(ana):
    from asgiref.sync import sync_to_async

    await sync_to_async(set_languages)(await Seat.objects.aget(pk=ana.pk), ["qu"], by=ana)
    seats = Seats()
    await seats.refresh()
    assert seats.on_shift[ana.pk].languages == {"qu"}


def test_only_a_supervisor_writes_to_an_operator_and_only_one_sentence(ana, marta):
    """Bad words go nowhere. Good ones ask the switchboard, which is away in this test."""
    now = timezone.now()
    call = Call.objects.create(arrived_at=now, answered_at=now, state=State.TALKING, operators=[ana.pk])
    address = f"/calls/{call.pk}/write-whisper"
    for words in ("", " \n ", "a" * 141, "frase\u202einventada", "frase\0"):
        answer = browser_of(marta).post(address, {"words": words})
        assert (answer.status_code, answer.content.decode()) == (
            409, "Escriba una frase de 140 caracteres como máximo.",
        )  # fmt: skip
    assert browser_of(marta).post(address, {"words": "a" * 140}).status_code == 503
    assert browser_of(ana).post(address, {"words": "a"}).status_code == 404
    assert not Entry.objects.filter(what="write_whisper").exists()
