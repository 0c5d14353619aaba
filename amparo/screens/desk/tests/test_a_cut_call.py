"""After a fault cut the call, the wrap-up says so, how the person can be reached, and has its reason chosen."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from amparo.line.contacts.models import Contact
from amparo.line.contacts.rules import open_contact
from amparo.line.switchboard.models import Call, Ending

from . import scenes

CUT = "Se cortó por una falla a las"


def page_after(console, **what) -> str:
    """The wrap-up of Ana's call, which ended in this way."""
    pk = scenes.wrap_up()
    Call.objects.filter(pk=pk).update(**what)
    return re.sub(r"\s+", " ", console.get("/console/main").content.decode())


def chosen(page: str) -> list[str]:
    radios = re.findall(r'<input type="radio" name="type"[^>]*>', page)
    return [re.search(r'value="(\w+)"', each)[1] for each in radios if "checked" in each]


@pytest.mark.parametrize(
    ("ending", "channel", "says"),
    [
        (Ending.LOST, "browser", "desde su página, aún abierta, entra primero"),
        (Ending.LOST, "phone", "Después de un reinicio nuestro no se reconoce un teléfono"),
        (Ending.SILENCE, "phone", "desde el mismo teléfono, entra primero"),
    ],
)
def test_a_cut_call_says_so_and_its_reason_is_chosen(ana, console, ending, channel, says):
    page = page_after(console, ending=ending, channel=channel)
    assert CUT in page
    assert "La persona ya no está." in page
    assert says in page
    assert chosen(page) == ["cut"]
    assert page.index("<kbd>0</kbd>") < page.index("<kbd>1</kbd>")


def test_who_wrote_notes_chooses_what_it_was_about(ana, console):
    pk = scenes.wrap_up()
    Call.objects.filter(pk=pk).update(ending=Ending.LOST)
    contact = Contact.objects.get(call=pk)
    contact.notes = "Cuenta de una deuda"
    contact.save()
    page = console.get("/console/main").content.decode()
    assert chosen(page) == []
    assert "cuenta como conversación" in page
    assert 'value="cut"' in page  # it can still be chosen


def returns(**what) -> Contact:
    """The contact of Ana's call that a fault cut; its caller calls Ana again."""
    old = scenes.wrap_up()
    Call.objects.filter(pk=old).update(ending=Ending.LOST)
    Contact.objects.update(state="wrapped", type="cut")
    scenes.call(returns_to=old, **what)
    return Contact.objects.get(call=old)


def test_the_ring_and_the_call_name_the_contact_that_was_cut(ana, console):
    contact = returns(ringing_for=ana, ringing_since=timezone.now())
    ring = console.get("/console/main").content.decode()
    assert f"una falla cortó {contact.code}" in ring
    assert "1 contacto" in ring
    Call.objects.live().update(state="talking", ringing_for=None, operators=[ana.pk])
    open_contact(Call.objects.live().get(), by=ana, now=timezone.now())
    call = console.get("/console/main").content.decode()
    assert f"una falla cortó {contact.code}" in call
    assert f'href="/contacts/{contact.pk}"' in call


def test_a_colleague_learns_that_it_was_cut_and_no_code(rufino, console):
    contact = returns(ringing_for=rufino, ringing_since=timezone.now())
    console.force_login(rufino)
    ring = console.get("/console/main").content.decode()
    assert "una falla cortó su llamada" in ring
    assert contact.code not in ring


@pytest.mark.parametrize("ending", [Ending.CALLER, Ending.OPERATOR])
def test_a_call_that_somebody_ended_says_nothing_of_a_fault(ana, console, ending):
    page = page_after(console, ending=ending)
    assert CUT not in page
    assert chosen(page) == []
    assert 'value="cut"' not in page


def test_a_reason_that_was_chosen_stays(ana, console):
    scenes.wrap_up()
    Call.objects.update(ending=Ending.LOST)
    Contact.objects.update(type="crisis")
    assert chosen(console.get("/console/main").content.decode()) == ["crisis"]


@pytest.mark.parametrize(
    ("language", "caller", "operator"),
    [
        (
            "es",
            "Se cortó por una falla nuestra. Vuelva a llamar: entra primero.",
            "Se cortó por una falla a las HH:MM.",
        ),
        ("en", "It was cut off by a fault of ours. Call again: you come first.", "Cut off by a fault at HH:MM."),
    ],
)
def test_both_open_pages_have_the_sentence_at_hand_in_their_language(ana, console, language, caller, operator):
    """The server that would say it may be away, so each page brings it, and shows it at the word `cut`."""
    hers = Client().get("/call", {"language": language}).content.decode()
    assert re.search(r'data-when="cut">(.*?)<', hers)[1] == caller
    his = console.get("/console", {"language": language}).content.decode()
    assert re.search(r'id="cut" role="alert" hidden data-words="([^"]*)"', his)[1].startswith(operator)
