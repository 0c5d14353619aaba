"""Notices leave by the line's own channels, say nothing of anybody, and are not doubled when they are sent again."""

from dataclasses import replace
from datetime import timedelta

import pytest

from amparo.line.channels.email.tests.servers import ADDRESS
from amparo.line.channels.sms import coding, smpp
from amparo.line.channels.sms.tests.centre import MessageCentre

from .. import ladder, rules, sending
from ..finding import Look
from ..models import Notice, NoticeState, Route
from .conftest import MAILBOX, MOBILE, NOW, minute, note
from .test_the_ladder import in_danger, waits

pytestmark = pytest.mark.django_db
M = timedelta(minutes=1)


@pytest.fixture
def centre(monkeypatch):
    """A carrier by SMPP, which knows no ids, instead of the gateway."""
    server = MessageCentre()
    server.start()
    monkeypatch.delenv("AMPARO_SMS_SECRET")
    for name, value in {
        "": f"smpp://127.0.0.1:{server.port}", "_NUMBER": "1818", "_USER": "amparo", "_PASSWORD": "secret",
    }.items():  # fmt: skip
        monkeypatch.setenv(f"AMPARO_SMS{name}", value)
    yield server
    server.stop()


@pytest.fixture
def adela(stranger):
    """An administrator of the line."""
    return stranger


def test_danger_goes_by_text_message_and_says_nothing_of_it(reach, gateway, relay, marta, settings):
    reach(marta, Route.EMAIL)
    reach(marta, Route.SMS)
    call = in_danger().call
    minute(NOW)
    [text] = gateway.taken.values()
    assert text["to"] == MOBILE
    here = settings.ENVIRONMENT.staff_address
    assert text["text"] == f"Amparo: algo urgente espera. Entre cuando esté a solas. No responda a este mensaje. {here}"
    assert str(call.pk) not in str(text)
    assert relay.handler.received == []
    assert text["id"] == str(Notice.objects.get().pk)


def test_what_can_wait_goes_by_email_with_nothing_but_that_it_waits(reach, gateway, relay, adela, settings):
    reach(adela, Route.SMS)
    reach(adela, Route.EMAIL)
    rules.ask_for_test(by=adela, now=NOW)
    sending.send_pending(NOW)
    gateway.taken.clear()
    with_event(adela)
    sending.send_pending(NOW)
    [message] = relay.handler.received
    assert (message["Subject"], message["From"]) == ("Algo espera en Amparo", ADDRESS)
    assert message["Auto-Submitted"] == "auto-generated"
    words = message.get_payload(decode=True).decode().strip()
    here = settings.ENVIRONMENT.staff_address
    assert words == f"Amparo: algo espera. Entre cuando esté a solas. No responda a este mensaje. {here}"
    assert gateway.taken == {}


@pytest.mark.parametrize(
    ("language", "plea"), [("es", "No responda a este mensaje."), ("en", "Do not answer this message.")]
)
def test_every_message_asks_for_no_answer_and_fits_one_text_message(line, gateway, adela, settings, language, plea):
    settings.LANGUAGE_CODE = language
    host = "amparo.line-of-the-country.example.org"
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, staff_host=host, public_host=f"public.{host}")
    rules.give_address(Route.SMS, MOBILE, by=adela, now=NOW)
    sending.send_pending(NOW)
    [code] = [text["text"] for text in gateway.taken.values()]
    sentences = [sending.words_of(Notice(**how)) for how in ({}, {"is_urgent": True}, {"is_test": True})]
    assert len(set(sentences)) == 3
    for words in (code, *sentences):
        assert plea in words
        assert len(coding.parts_to_send(words, 1)[0]) == 1, words


def test_an_email_that_is_sent_again_keeps_its_message_id(reach, relay, adela):
    reach(adela, Route.EMAIL)
    with_event(adela)
    relay.handler.hangs_up = True
    sending.send_pending(NOW)
    assert Notice.objects.get().state == NoticeState.PENDING
    relay.handler.hangs_up = False
    sending.send_pending(NOW + M)
    sending.send_pending(NOW + 2 * M)
    first, second = relay.handler.received
    assert first["Message-ID"] == second["Message-ID"] == f"<{Notice.objects.get().pk}@{ADDRESS.partition('@')[2]}>"
    assert Notice.objects.get().state == NoticeState.SENT


def test_while_the_server_is_away_nothing_is_lost(reach, relay, adela):
    reach(adela, Route.EMAIL)
    with_event(adela)
    relay.stop()
    sending.send_pending(NOW)
    assert Notice.objects.get().tries == 0
    relay.start()
    sending.send_pending(NOW + M)
    assert (Notice.objects.get().state, len(relay.handler.received)) == (NoticeState.SENT, 1)


def test_danger_leaves_by_email_while_text_messages_cannot(reach, gateway, relay, marta):
    reach(marta, Route.SMS)
    reach(marta, Route.EMAIL)
    gateway.server.stop()
    in_danger()
    minute(NOW)
    assert relay.handler.recipients == [MAILBOX.format("marta")]
    gateway.server.start()
    minute(NOW + M)
    assert gateway.taken == {}


def test_what_a_carrier_may_have_taken_is_not_sent_again(reach, centre, marta, monkeypatch):
    monkeypatch.setattr(smpp, "PATIENCE", 0.5)
    reach(marta, Route.SMS)
    centre.is_silent = True
    in_danger()
    minute(NOW)
    minute(NOW + M)
    assert Notice.objects.get().state == NoticeState.UNCLEAR
    assert len(centre.submitted) == 1


def test_a_run_that_was_cut_short_is_known(reach, centre, marta):
    reach(marta, Route.SMS)
    in_danger()
    note(Look(NOW, []))
    ladder.notify_people(NOW)
    Notice.objects.update(tried_at=NOW)  # it was killed while it sent
    sending.send_pending(NOW + M)
    assert (Notice.objects.get().state, len(centre.submitted)) == (NoticeState.UNCLEAR, 0)


def test_what_is_over_before_it_leaves_is_not_sent(reach, gateway, marta):
    reach(marta, Route.SMS)
    alert = in_danger()
    note(Look(NOW, []))
    ladder.notify_people(NOW)
    type(alert).objects.filter(pk=alert.pk).update(acknowledged_at=NOW, acknowledged_by=marta)
    minute(NOW + M)
    assert (Notice.objects.get().state, gateway.taken) == (NoticeState.CANCELLED, {})


def test_after_a_day_it_is_given_up(reach, relay, adela):
    reach(adela, Route.EMAIL)
    with_event(adela)
    relay.handler.answer = "451 later"
    sending.send_pending(NOW)
    sending.send_pending(NOW + timedelta(hours=25))
    assert Notice.objects.get().state == NoticeState.REFUSED


def test_a_removed_address_gets_nothing(reach, relay, adela):
    reach(adela, Route.EMAIL)
    with_event(adela)
    rules.remove_address(Route.EMAIL, by=adela)
    sending.send_pending(NOW)
    assert (Notice.objects.get().state, relay.handler.received) == (NoticeState.REFUSED, [])


def with_event(user) -> None:
    """Something that can wait is in a notice to this administrator."""
    waits("disk", NOW, "")
    Notice.objects.all().delete()
    assert ladder.notify_people(NOW) == 1
    assert Notice.objects.get().to == user
