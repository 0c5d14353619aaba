"""A supervisor takes back an answer that waits in a conversation whose operator is gone."""

import uuid
from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import expect

from amparo.foundation.core.actor import acting_as
from amparo.line.channels.channel import Arrival
from amparo.line.channels.rules import answer_in_channel, take_in
from amparo.line.channels.whatsapp.channel import Whatsapp
from amparo.line.chat.models import Chat, ChatMessage
from amparo.line.chat.tasks import requeue_abandoned
from amparo.line.contacts.rules import take_chat
from amparo.line.roster.models import Seat
from amparo.screens.desk.tests import scenes
from tests.browser import faults_in_every_dress, signed_in

ADDRESS = "51900000123"
NOT_SET_UP = Whatsapp()  # so that an answer waits: text messages of a demonstration leave at once
WRITTEN = ("primera-respuesta-inventada", "segunda-respuesta-inventada")


def operator_is_gone() -> None:
    """Ana wrote two answers, which no provider has taken; her console closed ten minutes ago."""
    scenes.quiet()
    ana, then = scenes.person(), timezone.now() - timedelta(minutes=10)
    take_in(NOT_SET_UP, Arrival(uuid.uuid4().hex, ADDRESS, "invented words", then, {"address": ADDRESS}), now=then)
    take_chat(Chat.objects.get(), by=ana, now=then)
    for place, text in enumerate(WRITTEN):
        answer_in_channel(Chat.objects.get(), text, pk=uuid.uuid4(), by=ana, now=then + timedelta(seconds=place))
    Seat.objects.filter(user=ana).update(seen_at=then, since=then)
    requeue_abandoned(timezone.now())


def rufino_takes_it() -> None:
    take_chat(Chat.objects.get(), by=scenes.person("rufino"), now=timezone.now())


def deliveries() -> list[str]:
    with acting_as(scenes.person("marta").acting()):
        return list(ChatMessage.objects.filter(automatic=False, from_bearer=False).values_list("delivery", flat=True))


def test_a_supervisor_takes_back_one_of_two_answers_of_an_operator_who_is_gone(browser, line) -> None:
    line.do(operator_is_gone)
    marta = signed_in(browser, line, "Marta Q.", "/waiting")
    assert faults_in_every_dress(marta) == []
    marta.get_by_role("link", name="2 respuestas pendientes de envío").click()
    expect(marta.locator(".talk-lines li")).to_have_count(2)
    assert faults_in_every_dress(marta) == []
    names = marta.get_by_role("button", name="No enviarla").all_inner_texts()
    assert len(set(names)) == 2, "each button names its answer"
    marta.locator("li", has_text=WRITTEN[1]).get_by_role("button", name="No enviarla").click()
    expect(marta.locator(".talk-lines li")).to_have_count(1)
    expect(marta.locator(".talk-lines")).to_contain_text(WRITTEN[0])
    assert line.do(deliveries) == ["pending", "taken_back"]
    marta.get_by_role("link", name="Quién espera").click()
    expect(marta.get_by_role("link", name="1 respuesta pendiente de envío")).to_be_visible()


def test_once_a_colleague_has_the_conversation_the_button_and_the_page_say_who(browser, line) -> None:
    line.do(operator_is_gone)
    marta = signed_in(browser, line, "Marta Q.", "/waiting")
    marta.get_by_role("link", name="2 respuestas pendientes de envío").click()
    expect(marta.locator(".talk-lines li")).to_have_count(2)
    address = marta.url
    line.do(rufino_takes_it)
    marta.get_by_role("button", name="No enviarla").first.click()
    expect(marta).not_to_have_url(address)
    expect(marta.get_by_role("alert")).to_contain_text("Rufino E. atiende esta conversación")
    assert line.do(deliveries) == ["pending", "pending"]
    marta.goto(address)
    expect(marta.get_by_role("alert")).to_contain_text("Rufino E. atiende esta conversación")
