"""Somebody sends text messages through a real message centre, in any order and twice, and is answered."""

import logging
import uuid

import pytest
from django.utils import timezone, translation
from smpplib import consts, gsm

from amparo.foundation.core.refusal import Misconfigured, Refused
from amparo.line.channels.email.tests.test_no_address_in_clear import everything
from amparo.line.channels.rules import answer_in_channel, take_in
from amparo.line.channels.sms import coding, settings
from amparo.line.channels.sms.channel import Sms
from amparo.line.chat.models import Chat, ChatMessage, Delivery, State
from amparo.line.contacts.picklists import Channel
from amparo.line.contacts.rules import take_chat

from .conftest import HER, WORDS

LONG = "Estoy en un restaurante de la avenida y no me dejan salir: se quedaron con mi documento. " * 3


def theirs() -> list[str]:
    """The messages that arrived, as the thread shows them."""
    chat = Chat.objects.select_related("key").get()
    return [message.text for message in chat.messages.select_related("key") if message.from_bearer]


def sent(centre) -> list[str]:
    """The messages that the line sent, each whole, as a telephone shows them."""
    texts: dict[str, str] = {}
    for number, each in enumerate(centre.submitted):
        words, part = coding.part_of(each.short_message, each.esm_class)
        key = part[0] if part else f"alone {number}"
        texts[key] = texts.get(key, "") + coding.text_of(words, each.data_coding)
    return list(texts.values())


def parts(text: str, reference: int = 7) -> list[dict]:
    made, data_coding, esm_class = coding.parts_to_send(text, reference)
    return [{"message": part, "data_coding": data_coding, "esm_class": esm_class} for part in made]


@pytest.fixture
def reply(ana):
    def reply(text: str) -> None:
        answer_in_channel(Chat.objects.get(), text, pk=uuid.uuid4(), by=ana, now=timezone.now())

    return reply


def test_a_text_message_waits_is_answered_and_becomes_a_contact(centre, minute, ana, reply, now):
    centre.text(HER, WORDS)
    minute()
    chat = Chat.objects.get()
    assert (chat.state, chat.channel, theirs()) == (State.WAITING, "sms", [WORDS])
    assert {(each.destination_addr, each.source_addr) for each in centre.submitted} == {(HER, "1818")}
    assert sent(centre)[0].endswith("BAJA")
    assert take_chat(chat, by=ana, now=timezone.now()).channel == Channel.SMS
    reply("an invented answer")
    minute()
    assert sent(centre)[1:] == ["an invented answer"]


def test_the_first_answer_fits_into_three_parts_in_each_language():
    for language in ("es", "en"):
        with translation.override(language):
            assert len(coding.parts_to_send(Sms().first_answer(), 0)[0]) <= 3


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 1, 0, 2), (3, 2, 1, 0)])
def test_parts_in_any_order_are_one_message(centre, minute, order):
    made = parts(LONG)
    assert len(made) > 1
    for number in [each for each in order if each < len(made)]:
        centre.raw(HER, **made[number])
    minute()
    assert theirs() == [LONG]


def test_a_part_that_is_late_is_put_in_its_place_and_what_is_there_is_shown(centre, minute):
    first, *others = parts(LONG)
    for part in others:
        centre.raw(HER, **part)
    minute()
    [shown] = theirs()
    assert shown.startswith("[…]")
    centre.text(HER, "and another")
    centre.raw(HER, **first), centre.raw(HER, **first)
    minute()
    assert sorted(theirs()) == sorted([LONG, "and another"])


def test_killed_before_the_centre_was_told_it_is_kept_once(centre, minute, now):
    centre.text(HER, WORDS)

    def keep_and_die(arrival):
        take_in(Sms(), arrival, now=now)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Sms().receive(keep_and_die)
    assert (theirs(), len(centre.waiting)) == ([WORDS], 1)  # the centre was not told
    minute()
    assert (theirs(), len(centre.waiting)) == ([WORDS], 0)


def test_the_same_words_twice_are_two_messages(centre, minute):
    """The control of the one above: "yes" to two questions."""
    for _ in range(3):
        centre.text(HER, "sí")
        minute()
    centre.text(HER, "sí"), centre.text(HER, "sí")
    minute()
    assert theirs() == ["sí"] * 5


def test_a_late_receipt_is_no_message(centre, minute):
    centre.raw(HER, b"id:1 sub:001 dlvrd:001 stat:DELIVRD", esm_class=consts.SMPP_MSGTYPE_DELIVERYACK)
    centre.text(HER, WORDS)
    minute()
    assert theirs() == [WORDS]
    assert centre.statuses == [0, 0]


def test_a_centre_that_is_away_for_an_hour_loses_and_doubles_nothing(centre, minute, ana, reply, caplog):
    centre.text(HER, WORDS)
    minute()
    take_chat(Chat.objects.get(), by=ana, now=timezone.now())
    centre.stop()
    for number in range(3):
        centre.text(HER, f"{number}")
        reply(f"answer {number}")
        minute()
    assert "does not answer" in caplog.text
    assert ChatMessage.objects.filter(delivery=Delivery.PENDING).count() == 3
    centre.start()
    minute(), minute()
    assert theirs() == [WORDS, "0", "1", "2"]
    assert sent(centre)[1:] == ["answer 0", "answer 1", "answer 2"]
    assert not ChatMessage.objects.filter(delivery=Delivery.PENDING).exists()


@pytest.mark.parametrize(
    ("status", "delivery"),
    [(consts.SMPP_ESME_RTHROTTLED, Delivery.PENDING), (consts.SMPP_ESME_RINVDSTADR, Delivery.REFUSED)],
)
def test_a_temporary_refusal_is_tried_again_and_a_final_one_is_not(centre, minute, status, delivery):
    centre.answer = status
    centre.text(HER, WORDS)
    minute()
    assert ChatMessage.objects.get(automatic=True).delivery == delivery


def test_one_word_opts_out(centre, minute, ana, reply):
    centre.text(HER, WORDS)
    minute()
    take_chat(Chat.objects.get(), by=ana, now=timezone.now())
    centre.text(HER, "Baja")
    minute()
    with pytest.raises(Refused):
        reply("an answer")
    assert len(sent(centre)) == 1  # the first answer, from before


def test_no_number_and_no_word_is_in_a_table_or_a_log(centre, minute, ana, reply, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    logging.getLogger("amparo.smpp").disabled = False  # as each process leaves it, which sets logging up once more
    centre.text(HER, WORDS)
    minute()
    take_chat(Chat.objects.get(), by=ana, now=timezone.now())
    for centre.answer in (consts.SMPP_ESME_RTHROTTLED, consts.SMPP_ESME_RINVDSTADR, 0):
        reply(f"{WORDS} {centre.answer}")
        minute()
    log = "\n".join(record.getMessage() for record in caplog.records) + "".join(capfd.readouterr())
    assert "does not take messages" in log
    assert not [record for record in caplog.records if record.name == "amparo.smpp"]
    rows = everything()
    for trace in (HER, WORDS, HER.encode().hex(), WORDS.encode().hex(), WORDS.encode("utf-16-be").hex()):
        assert trace not in rows
        assert trace not in log


@pytest.mark.parametrize("text", ["¿Qué? ñandú @ £ {[~]} €", "árbol con í y ú", "Allin p'unchay"])
def test_letters_survive_the_alphabets(text):
    made, data_coding, _esm_class = gsm.make_parts(text)
    assert coding.text_of(b"".join(made), data_coding) == text


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("", "mail.example.org"), ("", "smpp://carrier.example.org"), ("", "smpp://203.0.113.9:2775"),
        ("", "http://10.0.0.5"), ("_NUMBER", "the line"), ("_NUMBER", ""), ("_USER", ""), ("_PASSWORD", ""),
        ("_PASSWORD", "much too long"),
    ],
)  # fmt: skip
def test_an_unusable_setting_is_named_in_one_sentence(monkeypatch, name, value):
    monkeypatch.setenv(f"AMPARO_SMS{name}", value)
    with pytest.raises(Misconfigured, match=f"AMPARO_SMS{name}"):
        Sms().read_settings()


def test_incomplete_settings_are_refused(monkeypatch):
    monkeypatch.delenv("AMPARO_SMS")
    with pytest.raises(Misconfigured, match="without AMPARO_SMS"):
        settings.read_settings()
