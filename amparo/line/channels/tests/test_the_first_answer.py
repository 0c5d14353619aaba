"""The automatic first answer of each channel says when the line must tell others, and betrays nobody."""

from dataclasses import replace

import pytest
from django.utils import translation

from amparo.foundation.line_settings.definitions import LONGEST_GREETING, LONGEST_LINE_NAME
from amparo.foundation.line_settings.rules import LineSettings, keep
from amparo.line.channels.channel import WrittenChannel
from amparo.line.channels.email.channel import Email
from amparo.line.channels.sms import coding
from amparo.line.channels.sms.channel import Sms
from amparo.line.channels.whatsapp.channel import Whatsapp

CHANNELS = (Sms(), Whatsapp(), Email())
LIMITS = {"es": ("menor de 18", "peligro", "ley", "avisar a otros"), "en": ("under 18", "danger", "law", "tell others")}
BETRAYS = ("trata", "traffick", "amparo", "víctima", "victim", "denunci", "explot")
POLICE = "105"


@pytest.fixture(params=CHANNELS, ids=lambda channel: channel.name)
def channel(request) -> WrittenChannel:
    return request.param


@pytest.fixture
def police() -> None:
    keep(LineSettings(police_number=POLICE))


def answer(channel: WrittenChannel, language: str) -> str:
    with translation.override(language):
        return channel.first_answer()


@pytest.mark.parametrize("language", LIMITS)
def test_it_says_when_we_tell_others_and_names_neither_us_nor_our_subject(channel, language):
    text = answer(channel, language)
    assert [words for words in LIMITS[language] if words not in text] == []
    assert [words for words in BETRAYS if words in text.casefold()] == []


@pytest.mark.parametrize("language", LIMITS)
def test_it_names_the_number_of_the_police_where_one_is_set(channel, language, police):
    assert POLICE in answer(channel, language)


@pytest.mark.parametrize("language", LIMITS)
def test_where_none_is_set_it_names_none(channel, language):
    keep(LineSettings(police_number=""))
    text = answer(channel, language)
    assert POLICE not in text
    assert "()" not in text


@pytest.mark.parametrize("language", LIMITS)
def test_by_text_message_it_fits_into_two_parts(language, police):
    assert len(coding.parts_to_send(answer(Sms(), language), 0)[0]) <= 2


@pytest.mark.parametrize("language", LIMITS)
def test_the_lines_own_first_sentence_replaces_ours_and_nothing_else(channel, language):
    own = "Aquí le leemos: ánimo."
    keep(LineSettings(police_number=POLICE))
    rest = answer(channel, language).partition(".")[2]
    keep(LineSettings(police_number=POLICE, **{f"greeting_{language}": own}))
    text, limits = answer(channel, language), LIMITS[language]
    assert text.startswith("Aqui le leemos: animo." if channel.name == "sms" else own)
    assert [words for words in (*limits, POLICE, "BAJA") if words in rest and words not in text] == []
    assert len([words for words in (*limits, POLICE, "BAJA") if words in text]) == len(limits) + 2


def test_the_longest_first_sentence_leaves_a_text_message_at_two_parts(police):
    longest = replace(LineSettings(police_number=POLICE), greeting_es=("í" * LONGEST_GREETING))
    keep(longest)
    assert len(coding.parts_to_send(answer(Sms(), "es"), 0)[0]) == 2


@pytest.mark.parametrize("language", LIMITS)
def test_it_begins_with_the_lines_name_only_where_the_line_says_so(channel, language, police):
    keep(LineSettings(police_number=POLICE, name="Sol"))
    assert "Sol" not in answer(channel, language)
    keep(LineSettings(police_number=POLICE, name="Sol", name_in_answers=True))
    assert answer(channel, language).startswith("Sol: ")
    keep(LineSettings(police_number=POLICE, name_in_answers=True))
    assert not answer(channel, language).startswith(":")


@pytest.mark.parametrize(
    ("language", "notice"), [("es", "fuera de nuestro horario de aten"), ("en", "outside our open")]
)
def test_outside_the_hours_it_says_so_and_all_the_rest(channel, language, notice, police):
    with translation.override(language):
        closed, as_ever = channel.first_answer(is_open=False), channel.first_answer()
    assert notice in closed
    assert notice not in as_ever
    assert [words for words in (*LIMITS[language], POLICE, "BAJA") if words not in closed] == []


def test_by_text_message_a_long_name_makes_no_third_part():
    ours = LineSettings(police_number=POLICE, name="í" * LONGEST_LINE_NAME, name_in_answers=True)
    keep(replace(ours, greeting_es="a" * LONGEST_GREETING))
    text = answer(Sms(), "es")
    assert text.startswith("aaa")
    assert len(coding.parts_to_send(text, 0)[0]) == 2


def test_the_control_a_letter_outside_the_alphabet_of_telephones_makes_more_parts():
    text = "a" * 300
    assert [len(coding.parts_to_send(words, 0)[0]) for words in (text, f"{text}í")] == [2, 5]
