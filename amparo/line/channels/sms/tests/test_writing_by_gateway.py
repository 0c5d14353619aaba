"""Somebody writes through a gateway: its signed posts bring messages, twice and in any order; ours take answers."""

import json
import logging
import uuid
from collections.abc import Iterator
from datetime import timedelta
from random import Random

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.utils import timezone

from amparo.foundation.core.refusal import Misconfigured, Refused
from amparo.foundation.vault.models import Retention
from amparo.foundation.vault.retention import destroy_due_keys
from amparo.line.channels import delivery, webhooks
from amparo.line.channels.email.tests.test_no_address_in_clear import everything
from amparo.line.channels.rules import answer_in_channel, take_in
from amparo.line.channels.sms import settings
from amparo.line.channels.sms.channel import Sms
from amparo.line.chat.models import Chat, ChatMessage, Delivery
from amparo.line.chat.rules import UNANSWERED, end_chat
from amparo.line.contacts.models import Contact
from amparo.line.contacts.picklists import Channel
from amparo.line.contacts.rules import open_contact, take_chat, wrap_up
from amparo.line.switchboard.models import Call

from .centre import MessageCentre
from .conftest import HER, WORDS
from .peer import HOOK, KEY, PATH, SECRET, Gateway, post, signature_of

THEIRS = ChatMessage.objects.filter(from_bearer=True)
OURS = ChatMessage.objects.filter(automatic=True)

NO_TIMES = ("2026-11-28T10:00:00", 1764324000, "", "0000-01-01T00:00:00Z")


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    gateway = Gateway()
    gateway.server.start()
    yield gateway
    gateway.server.stop()


@pytest.fixture(autouse=True)
def line(monkeypatch, gateway) -> Iterator[None]:
    """A line with a gateway, instead of a carrier."""
    monkeypatch.setenv("AMPARO_SMS", f"http://127.0.0.1:{gateway.server.port}{PATH}")
    monkeypatch.setenv("AMPARO_SMS_SECRET", SECRET)
    yield
    for path, _body in webhooks.stored_posts("sms"):
        path.unlink()


@pytest.fixture
def chat(gateway, minute) -> Chat:
    """A message that waits; its first answer was sent."""
    gateway.text(HER, WORDS, "first", ago=60)
    gateway.forward()
    minute()
    return Chat.objects.select_related("key").get()


@pytest.fixture
def reply(ana):
    def reply(text: str) -> None:
        answer_in_channel(Chat.objects.get(), text, pk=uuid.uuid4(), by=ana, now=timezone.now())

    return reply


def theirs() -> list[str]:
    return [each.text for each in Chat.objects.select_related("key").get().read() if each.from_bearer]


def message(**fields: object) -> bytes:
    return json.dumps({"id": "1", "from": HER, "text": WORDS, "received_at": "2026-11-28T10:00:00Z", **fields}).encode()


def test_a_text_message_waits_is_answered_and_becomes_a_contact(chat, gateway, minute, ana, reply):
    assert (chat.channel, theirs()) == ("sms", [WORDS])
    assert {each["to"] for each in gateway.taken.values()} == {HER}
    assert gateway.texts[0].endswith("BAJA")
    assert take_chat(chat, by=ana, now=timezone.now()).channel == Channel.SMS
    reply("an invented answer")
    minute()
    assert gateway.texts[1:] == ["an invented answer"]


@pytest.mark.parametrize(
    "sent",
    [
        {"key": KEY[::-1]}, {"ago": 301}, {"ago": -302}, {"webhook-timestamp": "now"}, {"webhook-id": "another"},
        {"webhook-signature": ""}, {"webhook-signature": "v1,AAAA v2,ñ"},
    ],
)  # fmt: skip
def test_a_bad_signature_and_an_old_time_are_refused_in_one_sentence_and_kept_nowhere(db, sent):
    refused = post(message(), **sent)
    assert (refused.status_code, refused.content.decode().count(".")) == (403, 1)
    assert list(webhooks.stored_posts("sms")) == []


def test_control_the_same_post_is_taken_and_one_of_two_signatures_is_enough(db):
    assert post(message(), ago=290).status_code == 200
    assert len(list(webhooks.stored_posts("sms"))) == 1
    assert post(message(), key=KEY).status_code == 200
    now = str(int(timezone.now().timestamp()))
    both = f"v1,AAAA {signature_of('msg_1', now, message())}"
    assert post(message(), **{"webhook-timestamp": now, "webhook-signature": both}).status_code == 200


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"no json", "JSON"), (b"[1]", "JSON"), (b"[" * 100_000, "JSON"), (message(id=7), "id"),
        (message(id=" "), "id"),
        (message(**{"from": "x" * 33}), "from"), (message(**{"from": "5190\n"}), "from"), (message(text=None), "text"),
        *((message(received_at=at), "received_at") for at in NO_TIMES),
        (b'{"id": "7", "status": "delivered"}', "id"),
        (b'{"id": "11111111-1111-4111-8111-111111111111", "status": "queued"}', "status"),
        (b'{"id": "11111111-1111-4111-8111-111111111111", "status": ["failed"]}', "status"),
    ],
)  # fmt: skip
def test_another_shape_is_refused_in_a_sentence_that_names_the_field_and_no_word(db, body, field):
    refused = post(body)
    assert (refused.status_code, field in refused.content.decode()) == (400, True)
    assert HER not in refused.content.decode()
    assert list(webhooks.stored_posts("sms")) == []


def test_what_the_line_posts_cannot_be_posted_back_to_it(chat, gateway):
    [ours] = gateway.taken.values()
    assert post(json.dumps(ours).encode()).status_code == 400


def test_a_browser_and_a_line_without_a_gateway_are_not_served(monkeypatch, db):
    assert Client().get(HOOK).status_code == 405
    monkeypatch.setenv("AMPARO_SMS", "smpp://127.0.0.1:1")
    monkeypatch.delenv("AMPARO_SMS_SECRET")
    for name in ("NUMBER", "USER", "PASSWORD"):
        monkeypatch.setenv(f"AMPARO_SMS_{name}", "1818")
    assert post(message()).status_code == 404


def test_posted_again_and_in_another_order_each_is_kept_once(chat, gateway, minute):
    for _ in range(2):
        gateway.text(HER, "second", "2", ago=10), gateway.text(HER, "first", "1", ago=20)
        gateway.text(HER, "second", "2", ago=10)
        gateway.forward()
        minute()
    assert theirs() == [WORDS, "first", "second"]


def test_ninety_posts_of_thirty_messages_in_any_order_are_thirty_messages_and_ten_first_answers(gateway, minute, db):
    made = [gateway.text(f"5190000{number % 10:04}", f"{number}") for number in range(30)]
    posts = Random(20).sample(made * 3, 90)
    for start in range(0, 90, 30):
        gateway.waiting, gateway.hangs_up = posts[start : start + 30], start == 0
        gateway.forward()
        minute()
    assert sorted(int(each.text) for each in THEIRS.select_related("key")) == list(range(30))
    assert len(gateway.taken) == len({each["to"] for each in gateway.taken.values()}) == 10


def test_the_same_words_with_other_ids_are_two_messages(chat, gateway, minute):
    """The control of the one above: "yes" to two questions."""
    gateway.text(HER, "sí"), gateway.text(HER, "sí")
    gateway.forward()
    minute()
    assert theirs() == [WORDS, "sí", "sí"]


def test_killed_before_the_post_was_deleted_it_is_kept_once(gateway, minute, db):
    gateway.text(HER, WORDS)
    gateway.forward()

    def keep_and_die(arrival):
        take_in(Sms(), arrival, now=timezone.now())
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Sms().receive(keep_and_die)
    assert (theirs(), len(list(webhooks.stored_posts("sms")))) == ([WORDS], 1)
    minute()
    assert (theirs(), list(webhooks.stored_posts("sms"))) == ([WORDS], [])


def test_half_of_a_sign_and_a_zero_hold_up_nothing(gateway, minute, db):
    gateway.text(HER, "half \ud83d, zero \0, whole \ud83d\ude42")
    gateway.forward()
    minute()
    assert theirs() == ["half �, zero , whole 🙂"]


def test_a_gateway_that_is_away_for_an_hour_loses_and_doubles_nothing(chat, gateway, minute, ana, reply, caplog):
    take_chat(chat, by=ana, now=timezone.now())
    gateway.server.stop()
    for number in range(3):
        gateway.text(HER, f"{number}", ago=9 - number)
        reply(f"answer {number}")
        minute()
    assert "does not take messages" in caplog.text
    assert ChatMessage.objects.filter(delivery=Delivery.PENDING).count() == 3
    gateway.server.start()
    gateway.forward()
    minute(), minute()
    assert sorted(theirs()) == sorted([WORDS, "0", "1", "2"])
    assert gateway.texts[1:] == ["answer 0", "answer 1", "answer 2"]
    assert not ChatMessage.objects.filter(delivery=Delivery.PENDING).exists()


def test_an_answer_whose_acknowledgement_was_lost_is_posted_again_with_its_id(chat, gateway, minute, ana, reply):
    take_chat(chat, by=ana, now=timezone.now())
    gateway.hangs_up = True
    reply("an answer")
    minute(), minute()
    assert (gateway.requests, ChatMessage.objects.get(by=ana).delivery) == (3, Delivery.PENDING)
    gateway.hangs_up = False
    minute(), minute()
    assert (gateway.requests, gateway.texts[1:]) == (4, ["an answer"])


def test_what_was_posted_while_the_worker_was_away_waits_sealed_on_the_disk(gateway, minute, db):
    for number in range(3):
        gateway.text(HER, f"{WORDS} {number}")
    gateway.forward()
    folder = django_settings.ENVIRONMENT.home / "webhooks" / "sms"
    files = [path.read_bytes() for path in folder.iterdir()]
    assert (gateway.waiting, len(files)) == ([], 3)
    assert not any(trace.encode() in raw for raw in files for trace in (HER, WORDS))
    minute()
    assert (THEIRS.count(), list(folder.iterdir())) == (3, [])


def test_a_flood_of_one_person_waits_and_holds_up_nobody(gateway, minute, db):
    for number in range(UNANSWERED + 2):
        gateway.text(HER, f"{number}", ago=90 - number)
    gateway.text("51900000789", WORDS)
    gateway.forward()
    minute()
    assert (THEIRS.count(), len(list(webhooks.stored_posts("sms")))) == (UNANSWERED + 1, 2)


@pytest.mark.parametrize(
    ("receipts", "end"),
    [
        (["delivered"], Delivery.ARRIVED), (["failed"], Delivery.REFUSED), (["delivered"] * 2, Delivery.ARRIVED),
        (["failed", "delivered"], Delivery.ARRIVED), (["delivered", "failed"], Delivery.ARRIVED), ([], Delivery.SENT),
    ],
)  # fmt: skip
def test_receipts_twice_and_in_any_order_end_the_same(chat, gateway, minute, receipts, end):
    for status in receipts:
        gateway.receipt(str(OURS.get().pk), status)
    gateway.forward()
    minute()
    assert (OURS.get().delivery, OURS.get().delivered_at is None) == (end, end == Delivery.REFUSED)
    assert (THEIRS.count(), gateway.requests, list(webhooks.stored_posts("sms"))) == (1, 1, [])


def test_a_receipt_that_is_faster_than_the_answer_is_not_overwritten(chat, gateway, minute, ana, reply):
    """The gateway took a message, its answer was lost, and its receipt arrived: nothing is posted again."""
    take_chat(chat, by=ana, now=timezone.now())
    gateway.hangs_up = True
    reply("an answer")
    minute()
    pk = ChatMessage.objects.get(by=ana).pk
    gateway.hangs_up = False
    gateway.receipt(str(pk), "delivered")
    gateway.forward()
    minute()
    delivery._record_answer(pk, Delivery.SENT, timezone.now())
    assert (gateway.requests, ChatMessage.objects.get(pk=pk).delivery) == (2, Delivery.ARRIVED)


def test_a_receipt_after_the_end_is_recorded_and_one_of_nothing_of_ours_is_not(chat, gateway, minute, ana):
    take_chat(chat, by=ana, now=timezone.now())
    end_chat(Chat.objects.get(), by=ana, now=timezone.now())
    minute()
    for pk in (THEIRS.get().pk, uuid.uuid4(), OURS.get().pk):
        gateway.receipt(str(pk), "failed")
    gateway.forward()
    minute()
    assert (THEIRS.get().delivery, OURS.get().delivery) == (Delivery.NONE, Delivery.REFUSED)
    assert list(webhooks.stored_posts("sms")) == []


@pytest.mark.parametrize(
    ("status", "end"),
    [
        (503, Delivery.PENDING), (401, Delivery.PENDING), (404, Delivery.PENDING), (302, Delivery.PENDING),
        (400, Delivery.REFUSED), (422, Delivery.REFUSED),
    ],
)  # fmt: skip
def test_a_temporary_refusal_is_tried_again_and_a_final_one_is_not(chat, gateway, minute, ana, reply, status, end):
    take_chat(chat, by=ana, now=timezone.now())
    gateway.status = status
    reply("an answer")
    minute()
    assert ChatMessage.objects.get(by=ana).delivery == end


def test_one_word_opts_out(chat, gateway, minute, ana, reply):
    take_chat(chat, by=ana, now=timezone.now())
    gateway.text(HER, "Baja")
    gateway.forward()
    minute()
    with pytest.raises(Refused):
        reply("an answer")
    assert len(gateway.taken) == 1  # the first answer, from before


def test_a_caller_who_goes_on_by_text_message_stays_in_the_same_contact(chat, gateway, minute, ana, reply):
    call = Call.objects.create(arrived_at=timezone.now(), answered_at=timezone.now(), operators=[ana.pk])
    called = open_contact(call, by=ana, now=timezone.now())
    assert take_chat(chat, into=called.pk, by=ana, now=timezone.now()) == called
    reply("an invented answer")
    minute()
    assert (Contact.objects.get().chat_id, Contact.objects.get().call_id) == (chat.pk, call.pk)
    assert gateway.texts[1:] == ["an invented answer"]


def test_a_line_that_changes_to_a_carrier_takes_in_what_was_posted_and_answers_it(
    chat, gateway, minute, ana, reply, monkeypatch
):
    take_chat(chat, by=ana, now=timezone.now())
    gateway.text(HER, "the last by the gateway")
    gateway.forward()
    centre = MessageCentre()
    centre.start()
    monkeypatch.delenv("AMPARO_SMS_SECRET")
    for name, value in {
        "": f"smpp://127.0.0.1:{centre.port}", "_NUMBER": "1818", "_USER": "amparo", "_PASSWORD": "secret",
    }.items():  # fmt: skip
        monkeypatch.setenv(f"AMPARO_SMS{name}", value)
    monkeypatch.setattr("amparo.line.channels.sms.smpp.QUIET", 0.2)
    reply("by the carrier")
    minute()
    centre.stop()
    assert theirs() == [WORDS, "the last by the gateway"]
    assert [(each.destination_addr, each.short_message) for each in centre.submitted] == [(HER, b"by the carrier")]


def test_no_number_and_no_word_is_in_a_table_or_a_log(chat, gateway, minute, ana, reply, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    take_chat(chat, by=ana, now=timezone.now())
    for gateway.status in (503, 400, 200):
        reply(f"{WORDS} {gateway.status}")
        minute()
    post(b'{"from": "' + HER.encode() + b'"}')
    webhooks.store_post("sms", b'{"from": "' + HER.encode() + b'"}')
    minute()
    log = "\n".join(record.getMessage() for record in caplog.records) + "".join(capfd.readouterr())
    assert ("could not be read" in log, "does not take messages" in log) == (True, True)
    rows = everything()
    for trace in (HER, WORDS, HER.encode().hex(), WORDS.encode().hex()):
        assert trace not in rows
        assert trace not in log


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("AMPARO_SMS", "http://gateway.example.org/messages", "AMPARO_SMS is not an address with https"),
        ("AMPARO_SMS", "https://gateway.example.org/a b", "AMPARO_SMS is not an address with https"),
        ("AMPARO_SMS", "ftp://gateway.example.org", "AMPARO_SMS"),
        ("AMPARO_SMS", "", "AMPARO_SMS_SECRET is set without AMPARO_SMS"),
        ("AMPARO_SMS", "smpp://10.0.0.5", "AMPARO_SMS_SECRET is of a gateway, .* never both"),
        ("AMPARO_SMS_PASSWORD", "secret", "AMPARO_SMS_PASSWORD is of a carrier's message centre, .* never both"),
        ("AMPARO_SMS_NUMBER", "1818", "AMPARO_SMS_NUMBER is of a carrier's message centre, .* never both"),
        ("AMPARO_SMS_SECRET", "", "AMPARO_SMS_SECRET is not"), ("AMPARO_SMS_SECRET", "whsec_c2hvcnQ=", "SECRET is not"),
        ("AMPARO_SMS_SECRET", SECRET.removeprefix("whsec_"), "SECRET is not"),
        ("AMPARO_SMS_SECRET", "whsec_ñ", "SECRET is not"),
    ],
)  # fmt: skip
def test_an_unusable_setting_and_two_ways_at_once_are_refused_in_one_sentence(monkeypatch, name, value, why):
    assert isinstance(Sms().read_settings(), settings.GatewaySettings)
    monkeypatch.setenv(name, value)
    with pytest.raises(Misconfigured, match=why):
        Sms().read_settings()


def test_what_is_kept_of_a_gateway_is_forgotten_with_its_conversation(chat, gateway, minute, ana):
    """The setting `chat` of Retention, as for every conversation in writing."""
    Retention.objects.update_or_create(kind="chat", defaults={"days": 90})
    take_chat(chat, by=ana, now=timezone.now())
    end_chat(Chat.objects.get(), by=ana, now=timezone.now())
    wrap_up(Contact.objects.get(), type="crisis", key=uuid.uuid4(), by=ana, now=timezone.now())
    destroy_due_keys(timezone.now() + timedelta(days=89))
    assert (Chat.objects.get().sender is None, ChatMessage.objects.count()) == (False, 2)
    destroy_due_keys(timezone.now() + timedelta(days=91))
    assert (Chat.objects.get().sender, ChatMessage.objects.count()) == (None, 0)
