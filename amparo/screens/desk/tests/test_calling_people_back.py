import io
import wave
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from amparo.foundation.audit.models import Entry
from amparo.foundation.vault.models import Grant
from amparo.line.contacts.models import SafeContact
from amparo.line.roster.models import Queue
from amparo.line.roster.models import State as SeatState
from amparo.line.roster.rules import mark_seen, set_state, take_seat
from amparo.line.roster.shift_rules import issue_certificate, set_ringing_rules
from amparo.line.switchboard.models import Hours, Message

from . import scenes


@pytest.fixture
def card(ana) -> SafeContact:
    scenes.left_behind()
    return SafeContact.objects.get()


def local(hour: int) -> datetime:
    return timezone.make_aware(datetime(2026, 11, 24, hour))


def test_the_list_says_how_to_call_safely(card, console):
    text = console.get("/console/queue").content.decode()
    assert card.contact.code in text
    assert "la tienda de hilos" in text
    assert "987000111" not in text  # only the switchboard gets the number


def test_outside_the_safe_hours_no_call_and_no_button(card, console):
    hour = timezone.localtime().hour
    card.any_hour, card.hours_from, card.hours_to = False, f"{(hour + 2) % 24:02}:00", f"{(hour + 3) % 24:02}:00"
    card.save()
    answer = console.post(f"/return-call/{card.pk}")
    assert answer.status_code == 409
    assert card.hours_from in answer.content.decode()
    assert f'formaction="/return-call/{card.pk}"' not in console.get("/console/queue").content.decode()


def test_without_a_safe_number_no_call(card, console):
    card.number = None
    card.save()
    assert console.post(f"/return-call/{card.pk}").status_code == 409


def test_within_the_hours_the_switchboard_is_asked(card, console):
    assert f'formaction="/return-call/{card.pk}"' in console.get("/console/queue").content.decode()
    assert console.post(f"/return-call/{card.pk}").status_code == 503  # the switchboard is away in this test


def test_without_a_certificate_there_is_no_button_while_a_certified_colleague_is_here(card, console, rufino, marta):
    now = timezone.now()
    button, left = f'formaction="/return-call/{card.pk}"', Message.objects.exclude(number=None).get()
    text = console.get("/console/queue").content.decode()
    assert button in text, "control: no certificates are asked for"
    assert "987000222" in text
    assert reads_of(left) == 1
    set_ringing_rules(by_shift=False, by_certificate=True, by=marta)
    issue_certificate(rufino, Queue.CALLS, now + timedelta(days=1), by=marta, now=now)
    take_seat(by=rufino, now=now)
    set_state(SeatState.READY, by=rufino, now=now)
    mark_seen(rufino.pk, now)
    text = console.get("/console/queue").content.decode()
    assert button not in text
    assert f'formaction="/messages/{left.pk}/call"' not in text
    assert "987000222" not in text, "who may not call reads no number"
    assert "Dejó un número" in text
    assert reads_of(left) == 1, "and no number was opened"
    assert text.count("certificado para llamadas") == 3, "each says why it has no button, and the spoken one no sound"
    for address in (f"/return-call/{card.pk}", f"/messages/{left.pk}/call"):
        answer = console.post(address)
        assert answer.status_code == 409
        assert "certificado para llamadas" in answer.content.decode()
    assert SafeContact.objects.get().attempts == 0
    assert reads_of(left) == 1
    console.force_login(rufino)
    assert "987000222" in console.get("/console/queue").content.decode(), "control: a certified colleague reads it"
    assert reads_of(left) == 2


def test_without_a_certificate_a_spoken_message_is_not_heard(card, console, rufino, marta):
    spoken, now = next(each for each in Message.objects.all() if each.has_sound), timezone.now()
    sound, player = f"/messages/{spoken.pk}/sound", f'src="/messages/{spoken.pk}/sound"'
    set_ringing_rules(by_shift=False, by_certificate=True, by=marta)
    assert player in console.get("/console/queue").content.decode(), "nobody certified is here, so anybody may hear it"
    assert reads_of(spoken) == 0, "the list opens no sound"
    assert console.get(sound).status_code == 200
    assert reads_of(spoken) == 1
    issue_certificate(rufino, Queue.CALLS, now + timedelta(days=1), by=marta, now=now)
    take_seat(by=rufino, now=now)
    set_state(SeatState.READY, by=rufino, now=now)
    mark_seen(rufino.pk, now)
    for user in (None, marta):  # Ana, and a supervisor without a certificate
        if user:
            console.force_login(user)
        text = console.get("/console/queue").content.decode()
        assert player not in text
        assert "por eso escucharlo exige un certificado para llamadas vigente" in text
        answer = console.get(sound)
        assert answer.status_code == 409
        assert "certificado para llamadas" in answer.content.decode()
    assert reads_of(spoken) == 1, "nothing was opened"
    console.force_login(rufino)
    assert player in console.get("/console/queue").content.decode(), "control: a certified colleague hears it"
    assert console.get(sound).headers["Content-Type"] == "audio/wav"
    assert reads_of(spoken) == 2


def reads_of(message: Message) -> int:
    return Entry.objects.filter(what="look", about=f"message {message.pk}").count()


def test_unreached_people_stay_on_the_list_until_somebody_gives_up(card, console):
    SafeContact.objects.update(attempts=2, last_attempt_at=timezone.now())
    text = console.get("/console/queue").content.decode()
    assert "Se llamó 2 veces" in text
    assert f'formaction="/return-call/{card.pk}"' not in text  # called a moment ago
    assert console.post(f"/return-call/{card.pk}").status_code == 409
    assert console.post(f"/return-call/{card.pk}/give-up", {"why": "invented"}).status_code == 409
    assert console.post(f"/return-call/{card.pk}/reached").status_code == 204
    assert card.contact.code not in console.get("/console/queue").content.decode()


def test_giving_up_needs_a_reason(card, console):
    assert console.post(f"/return-call/{card.pk}/give-up", {"why": "requested"}).status_code == 204
    assert [it.given_up for it in SafeContact.objects.all()] == ["requested"]
    assert card.contact.code not in console.get("/console/queue").content.decode()


def test_people_who_want_no_call_are_shown_to_no_colleague(card, console, rufino):
    SafeContact.objects.update(call_wanted=False)
    Grant.objects.exclude(holder__endswith="supervisor").delete()
    assert console.post(f"/return-call/{card.pk}").status_code == 409


@pytest.mark.parametrize(
    ("hours", "inside", "outside"),
    [(Hours.MORNING, 6, 12), (Hours.AFTERNOON, 12, 18), (Hours.EVENING, 23, 5)],
)
def test_the_hours_of_a_message(hours, inside, outside):
    message = Message(number="1", hours=hours)
    assert message.why_not_at(local(inside)) is None
    assert message.why_not_at(local(outside))
    assert Message(number="1", hours=Hours.ANY).why_not_at(local(outside)) is None


def test_a_spoken_message_without_a_number_is_not_called():
    assert Message(sound=b"x", hours=Hours.ANY).why_not_at(local(12))


def test_a_message_is_taken_and_done_by_one_person(card, console, rufino, client):
    message = Message.objects.exclude(number=None).get()
    assert console.post(f"/messages/{message.pk}/take").status_code == 204
    client.force_login(rufino)
    assert client.post(f"/messages/{message.pk}/take").status_code == 409
    assert client.post(f"/messages/{message.pk}/done").status_code == 409
    assert console.post(f"/messages/{message.pk}/done").status_code == 204
    assert not Message.objects.open().filter(pk=message.pk).exists()


def test_a_call_and_a_message_are_given_to_a_named_colleague(card, console, rufino, client):
    message = Message.objects.exclude(number=None).get()
    page = console.get("/console/queue?language=en").content.decode()
    assert f'formaction="/return-call/{card.pk}/give" name="colleague" value="{rufino.pk}"' in page
    for address in (f"/return-call/{card.pk}/give", f"/messages/{message.pk}/give"):
        assert console.post(address, {"colleague": "x"}).status_code == 400
        assert console.post(address, {"colleague": rufino.pk}).status_code == 204
    assert console.get("/console/queue?language=en").content.decode().count("Rufino E. has it.") == 2
    client.force_login(rufino)
    home = client.get("/home?language=en").content.decode()
    assert f"Call back, {card.contact.code}" in home
    assert f"Call back, {card.contact.code}" not in console.get("/home").content.decode()
    client.post(f"/messages/{message.pk}/done")
    assert not Message.objects.open().filter(pk=message.pk).exists()


def test_a_spoken_message_is_heard_and_kept_by_no_browser(card, console):
    message = next(m for m in Message.objects.all() if m.sound)
    answer = console.get(f"/messages/{message.pk}/sound")
    assert answer.headers["Content-Type"] == "audio/wav"
    assert "no-store" in answer.headers["Cache-Control"]
    with wave.open(io.BytesIO(answer.content)) as sound:
        assert (sound.getframerate(), sound.getnframes()) == (8000, 16000)
        assert any(sound.readframes(16000))


def test_a_spoken_message_is_for_operators(card, stranger, client):
    message = next(m for m in Message.objects.all() if m.sound)
    client.force_login(stranger)
    assert client.get(f"/messages/{message.pk}/sound").status_code == 404
    number_only = Message.objects.exclude(number=None).get()
    assert client.get(f"/messages/{number_only.pk}/sound").status_code == 404
