"""Somebody writes by WhatsApp: signed posts bring the words, and a provider on this machine takes the answers."""

import logging
import uuid
from collections.abc import Iterator

import pytest
from django.conf import settings as django_settings
from django.db.models import Count
from django.test import Client
from django.utils import timezone

from amparo.foundation.access.models import User
from amparo.foundation.core.refusal import Misconfigured, Refused
from amparo.line.channels import webhooks
from amparo.line.channels.email.tests.test_no_address_in_clear import everything
from amparo.line.channels.rules import answer_in_channel, take_in
from amparo.line.channels.whatsapp.channel import Whatsapp
from amparo.line.chat.models import Chat, ChatMessage, Delivery
from amparo.line.chat.rules import UNANSWERED
from amparo.line.contacts.picklists import Channel
from amparo.line.contacts.rules import take_chat

from .provider import HOOK, NUMBER_ID, SECRET, TOKEN, VERIFY, Provider, message, post, post_of

HER = "51900000456"
WORDS = "palabras inventadas"
THEIRS = ChatMessage.objects.filter(from_bearer=True)


@pytest.fixture
def provider() -> Iterator[Provider]:
    provider = Provider()
    provider.server.start()
    yield provider
    provider.server.stop()


@pytest.fixture(autouse=True)
def line(monkeypatch, provider) -> Iterator[None]:
    """A line with WhatsApp."""
    for name, value in {
        "": NUMBER_ID, "_TOKEN": TOKEN, "_SECRET": SECRET, "_VERIFY": VERIFY,
        "_API": f"http://127.0.0.1:{provider.server.port}/v23.0",
    }.items():  # fmt: skip
        monkeypatch.setenv(f"AMPARO_WHATSAPP{name}", value)
    yield
    for path, _body in webhooks.stored_posts("whatsapp"):
        path.unlink()


@pytest.fixture
def chat(minute) -> Chat:
    """A message that waits."""
    assert post(post_of(message(HER, WORDS, "wamid.first", ago=60))) == 200
    minute()
    return Chat.objects.select_related("key").get()


def reply(chat: Chat, text: str, by: User) -> None:
    answer_in_channel(chat, text, pk=uuid.uuid4(), by=by, now=timezone.now())


def test_a_message_waits_is_answered_and_becomes_a_contact(chat, ana, minute, provider):
    assert [each.text for each in chat.read() if each.from_bearer] == [WORDS]
    assert (provider.sent[0]["to"], "BAJA" in provider.sent[0]["text"]["body"]) == (HER, True)
    assert take_chat(chat, by=ana, now=timezone.now()).channel == Channel.WHATSAPP
    reply(chat, "an invented answer", ana)
    minute()
    assert provider.sent[1]["text"]["body"] == "an invented answer"


def test_the_provider_subscribes_with_our_word_alone():
    request_data = {"hub.mode": "subscribe", "hub.challenge": "158201444"}
    answered = Client().get(HOOK, {**request_data, "hub.verify_token": VERIFY})
    assert (answered.status_code, answered.content) == (200, b"158201444")
    assert Client().get(HOOK, {**request_data, "hub.verify_token": "another"}).status_code == 403
    assert Client().get(HOOK, {"hub.challenge": "<b>", "hub.verify_token": VERIFY}).status_code == 403


def test_what_is_not_signed_by_the_provider_is_refused_and_kept_nowhere(minute):
    body = post_of(message(HER, WORDS, "wamid.forged"))
    assert post(body, secret="another secret of nobody") == 403
    assert Client().post(HOOK, body, content_type="application/json").status_code == 403
    minute()
    assert (Chat.objects.count(), list(webhooks.stored_posts("whatsapp"))) == (0, [])


def test_without_the_setting_the_address_is_not_there(monkeypatch):
    for name in ("", "_TOKEN", "_SECRET", "_VERIFY"):
        monkeypatch.delenv(f"AMPARO_WHATSAPP{name}")
    assert Client().get(HOOK).status_code == 404


def test_posted_again_and_in_another_order_each_is_kept_once(chat, minute):
    later, first = message(HER, "second", "wamid.2", ago=10), message(HER, "first", "wamid.1", ago=20)
    for _ in range(2):
        assert post(post_of(later)) == post(post_of(first, later)) == 200
        minute()
    texts = [each.text for each in chat.read() if each.from_bearer]
    assert texts == [WORDS, "first", "second"]


def test_receipts_of_others_and_what_is_for_another_number_are_no_messages(chat, minute):
    post(post_of(statuses=[{"id": "wamid.another", "status": "delivered", "recipient_id": HER}]))
    post(post_of(message(HER, "for another number", "wamid.9"), number_id="999"))
    post(b'{"entry": [{"changes": [{}]}]}')
    post(b"no json")
    minute()
    assert (THEIRS.count(), list(webhooks.stored_posts("whatsapp"))) == (1, [])


@pytest.mark.parametrize(
    ("receipts", "end"),
    [
        (["sent"], Delivery.SENT), (["sent", "delivered"], Delivery.ARRIVED), (["read"], Delivery.ARRIVED),
        (["sent", "failed"], Delivery.REFUSED), (["failed"] * 2, Delivery.REFUSED),
        (["failed", "delivered"], Delivery.ARRIVED), (["delivered", "failed", "sent"], Delivery.ARRIVED),
        (["failed", "sent"], Delivery.REFUSED), (["deleted"], Delivery.SENT),
    ],
)  # fmt: skip
def test_the_thread_says_what_became_of_an_answer_after_the_provider_took_it(
    chat, ana, minute, provider, receipts, end
):
    take_chat(chat, by=ana, now=timezone.now())
    reply(chat, "an invented answer", ana)
    minute()
    for status in receipts:
        provider.receipt(1, status)
    minute()
    answered = ChatMessage.objects.get(by=ana)
    assert (answered.delivery, answered.delivered_at is None) == (end, end == Delivery.REFUSED)
    assert (THEIRS.count(), len(provider.sent), list(webhooks.stored_posts("whatsapp"))) == (1, 2, [])


def test_a_receipt_that_cannot_be_read_holds_up_nothing_of_the_same_post(chat, minute, provider, caplog):
    first = {"status": "failed", "biz_opaque_callback_data": provider.sent[0]["biz_opaque_callback_data"]}
    odd = [None, "x", {"status": "failed"}, {"status": ["failed"], "biz_opaque_callback_data": "no id of ours"}]
    post(post_of(message(HER, "more", "wamid.2"), statuses=[*odd, first]))
    minute()
    assert ChatMessage.objects.get(automatic=True).delivery == Delivery.REFUSED
    assert (THEIRS.count(), list(webhooks.stored_posts("whatsapp"))) == (2, [])
    assert HER not in caplog.text


def test_what_cannot_be_read_takes_nothing_of_the_same_post_with_it(minute, db, caplog):
    good, later = message(HER, WORDS, "wamid.1", ago=20), message(HER, "later", "wamid.2", ago=10)
    no_sender = message(HER, "x", "wamid.3")
    del no_sender["from"]
    no_words = message(HER, "x", "wamid.4") | {"text": None}
    post(post_of(no_sender, "x", {"from": HER}, good, no_words, later))  # type: ignore[arg-type]
    minute()
    texts = {each.text for each in Chat.objects.select_related("key").get().read() if each.from_bearer}
    assert texts == {WORDS, "later", "[They sent something that is not text (text). It was not kept.]"}
    assert caplog.text.count("could not be read") == 3
    assert HER not in caplog.text
    assert list(webhooks.stored_posts("whatsapp")) == []


def test_what_cannot_be_stored_waits_and_holds_up_nothing_of_the_same_post(minute, db):
    post(post_of(message(HER, "bad", "wamid.1", ago=20), message(HER, WORDS, "wamid.2", ago=10)))

    def keep(arrival):
        if arrival.text == "bad":
            raise ValueError
        return take_in(Whatsapp(), arrival, now=timezone.now())

    assert Whatsapp().receive(keep) == 1
    assert (THEIRS.count(), len(list(webhooks.stored_posts("whatsapp")))) == (1, 1)
    minute()
    assert (THEIRS.count(), list(webhooks.stored_posts("whatsapp"))) == (2, [])


def test_half_of_a_sign_and_a_zero_hold_up_nothing(minute, db):
    post(post_of(message(HER, "half \ud83d, zero \0, whole \ud83d\ude42", "wamid.1")))
    minute()
    assert [each.text for each in Chat.objects.select_related("key").get().read() if each.from_bearer] == [
        "half �, zero , whole 🙂"
    ]


def test_a_flood_of_one_person_holds_up_nobody_of_the_same_post(minute, db):
    other = "51900000789"
    flood = [message(HER, f"{number}", f"wamid.{number}", ago=90 - number) for number in range(UNANSWERED + 2)]
    post(post_of(*flood, message(other, WORDS, "wamid.other")))
    minute()
    assert sorted(THEIRS.values_list("chat").annotate(n=Count("pk")).values_list("n", flat=True)) == [1, UNANSWERED]
    assert len(list(webhooks.stored_posts("whatsapp"))) == 1  # the rest of the flood


def test_a_message_without_text_is_noted_and_a_location_is_stored(chat, minute):
    picture = message(HER, "", "wamid.3") | {"type": "image", "image": {"id": "1", "caption": "look"}}
    place = message(HER, "", "wamid.4") | {"type": "location", "location": {"latitude": -12.1, "longitude": -77.0}}
    post(post_of(picture, place))
    minute()
    texts = {each.text for each in chat.read() if each.from_bearer}
    assert texts == {WORDS, "look\n\n[They sent something that is not text (image). It was not kept.]", "-12.1, -77.0"}


def test_a_provider_that_is_away_for_an_hour_loses_and_doubles_nothing(chat, ana, minute, provider, caplog):
    take_chat(chat, by=ana, now=timezone.now())
    provider.server.stop()
    for number in range(3):
        reply(chat, f"answer {number}", ana)
        minute()
    assert "does not take messages" in caplog.text
    provider.server.start()
    minute(), minute()
    assert [each["text"]["body"] for each in provider.sent[1:]] == ["answer 0", "answer 1", "answer 2"]


def test_what_was_posted_while_the_worker_was_away_waits_sealed_on_the_disk(minute, db):
    """The web keeps it without the database; neither number nor word is in the file."""
    for number in range(3):
        assert post(post_of(message(HER, f"{WORDS} {number}", f"wamid.{number}"))) == 200
    folder = django_settings.ENVIRONMENT.home / "webhooks" / "whatsapp"
    files = [path.read_bytes() for path in folder.iterdir()]
    assert len(files) == 3
    assert not any(trace.encode() in raw for raw in files for trace in (HER, WORDS))
    minute()
    assert (THEIRS.count(), list(folder.iterdir())) == (3, [])


@pytest.mark.parametrize(("status", "delivery"), [(503, Delivery.PENDING), (401, Delivery.PENDING), (400, "refused")])
def test_a_temporary_refusal_is_tried_again_and_a_final_one_is_not(chat, ana, minute, provider, status, delivery):
    take_chat(chat, by=ana, now=timezone.now())
    provider.status = status
    reply(chat, "an answer", ana)
    minute()
    assert ChatMessage.objects.get(by=ana).delivery == delivery


def test_one_word_opts_out(chat, ana, minute, provider):
    take_chat(chat, by=ana, now=timezone.now())
    post(post_of(message(HER, "BAJA", "wamid.5")))
    minute()
    with pytest.raises(Refused):
        reply(chat, "an answer", ana)
    assert len(provider.sent) == 1


def test_no_number_and_no_word_is_in_a_table_or_a_log(chat, ana, minute, provider, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    take_chat(chat, by=ana, now=timezone.now())
    for provider.status in (503, 400, 200):
        reply(chat, f"{WORDS} {provider.status}", ana)
        minute()
    post(b'{"entry": "' + HER.encode() + b'"}')
    minute()
    log = "\n".join(record.getMessage() for record in caplog.records) + "".join(capfd.readouterr())
    assert "could not be read" in log
    rows = everything()
    for trace in (HER, WORDS, HER.encode().hex(), WORDS.encode().hex()):
        assert trace not in rows
        assert trace not in log


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("", "+51 900"), ("_TOKEN", ""), ("_SECRET", "short"), ("_VERIFY", "with a blank inside"),
        ("_API", "http://graph.example.org"), ("_API", "nonsense"),
    ],
)  # fmt: skip
def test_an_unusable_setting_is_named_in_one_sentence(monkeypatch, name, value):
    monkeypatch.setenv(f"AMPARO_WHATSAPP{name}", value)
    with pytest.raises(Misconfigured, match=f"AMPARO_WHATSAPP{name}"):
        Whatsapp().read_settings()


def test_incomplete_settings_are_refused(monkeypatch):
    monkeypatch.delenv("AMPARO_WHATSAPP")
    with pytest.raises(Misconfigured, match="without AMPARO_WHATSAPP"):
        Whatsapp().read_settings()
