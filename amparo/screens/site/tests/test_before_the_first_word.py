"""The page of the chat says, above its field, when the line must tell others, and which number helps in danger."""

import re

import pytest
from django.test import Client

from amparo.foundation.line_settings.rules import LineSettings, keep

from .test_each_word_in_its_language import words_of

LIMITS = {
    "es": ("peligro grave", "menor de 18", "juez", "ley"),
    "en": ("grave danger", "under 18", "judge", "law"),
    "qu": ("peligro grave", "menor de 18", "juez", "ley"),  # no reader of Quechua has approved them: in Spanish
}
NUMBER, POLICE = "0800 00 000", "000 105"
OWN_PAGE = {"Sec-Fetch-Site": "same-origin"}


def before_the_field(text: str) -> str:
    """The words of the page up to the first field in which one writes."""
    main = text[text.index("<main>") : text.index("<textarea")]
    return " ".join(words for words, _language in words_of(f'<html lang="">{main}'))


@pytest.mark.parametrize("is_offered", [True, False])
def test_a_chat_offers_the_languages_of_the_line(client, is_offered):
    keep(LineSettings(offers_english=is_offered))
    text = client.get("/chat").content.decode()
    assert ('name="language" value="en"' in text) is is_offered
    assert 'name="language" value="es"' in text


@pytest.mark.parametrize("language", LIMITS)
def test_the_page_says_when_we_tell_others_before_one_writes(client, language):
    text = client.get(f"/chat?language={language}").content.decode()
    assert all(words in before_the_field(text) for words in LIMITS[language])
    query = "" if language == "es" else f"?language={language}"
    assert f'href="/telling{query}"' in text[: text.index("<textarea")]
    assert f'href="/chat{query}"' in client.get(f"/telling{query}").content.decode()  # the way back to the field


@pytest.mark.parametrize("language", LIMITS)
def test_the_page_on_ones_data_says_it_before_anything_else_of_them(client, language):
    text = client.get(f"/privacy?language={language}").content.decode()
    first = text[text.index("<main") : text.index("<h2")]
    words = " ".join(words for words, _language in words_of(f'<html lang="">{first}'))
    assert all(each in words for each in LIMITS[language])
    assert 'href="/telling' in first


def test_limits_in_spanish_are_marked_for_who_listens_in_quechua(client):
    found = words_of(client.get("/chat?language=qu").content.decode())
    assert {language for words, language in found if "menor de 18" in words} == {"es"}


def test_the_control_words_below_the_field_are_not_read_first():
    assert before_the_field("<main><p>one</p><textarea></textarea><p>two</p></main>") == "one"


def numbers_to_dial(text: str) -> list[str]:
    return re.findall(r'href="tel:([^"]*)"', text)


@pytest.fixture(params=[NUMBER, "ayuda"], ids=["with a number of its own", "without"])
def own(request, settings) -> list[str]:
    """The number that the line has to dial, if any."""
    keep(LineSettings(line_number=request.param, police_number=POLICE))
    return [NUMBER.replace(" ", "")] if request.param == NUMBER else []


@pytest.mark.parametrize("page", ["/", "/call", "/chat", "/telling", "/services", "/nothing-here"])
@pytest.mark.parametrize("language", ["es", "en", "qu"])
def test_whoever_is_in_danger_finds_the_police_on_each_page_to_reach_us(client, own, page, language):
    text = client.get(f"{page}?language={language}").content.decode()
    assert POLICE.replace(" ", "") in numbers_to_dial(text)
    assert set(own) <= set(numbers_to_dial(text)) or page == "/call"


def test_a_line_that_names_no_police_shows_no_number_of_them(client, settings):
    keep(LineSettings(line_number="ayuda", police_number=""))
    assert numbers_to_dial(client.get("/chat").content.decode()) == []


@pytest.mark.django_db(transaction=True)
def test_who_writes_while_nobody_is_on_shift_reads_the_number_of_the_police_there(own):
    page = Client(headers=OWN_PAGE)
    first = page.get("/chat").content.decode()
    sent = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', first.partition("</form>")[0]))
    text = page.post("/chat", {**sent, "text": "invented words", "language": "es"}).content.decode()
    assert "Ahora no hay nadie de turno" in text
    assert numbers_to_dial(text[: text.index('class="talk"')]) == [*own, POLICE.replace(" ", "")]
