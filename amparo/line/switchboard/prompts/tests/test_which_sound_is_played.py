import logging

import pytest

from amparo.line.switchboard.media import g711
from amparo.line.switchboard.prompts.recording import load_sound


def test_each_language_says_it_in_its_own_words(library, record):
    record("welcome", "quy")
    sounds = library()
    assert len({sounds.sound("welcome", language) for language in ("es-PE", "en", "quy")}) == 3


def test_words_that_no_speaker_has_read_are_said_in_spanish(library, caplog):
    """Whoever chose Quechua on the public page hears Spanish too, and the log does not call it a fault."""
    with caplog.at_level(logging.WARNING):
        sounds = library()
    assert sounds.sound("welcome", "quy") == sounds.sound("welcome", "es-PE")
    assert "quy" in sounds.languages_awaiting_review
    assert not caplog.messages


def test_the_hotlines_own_recording_wins(library, record):
    own = record("welcome", "en")
    assert library().sound("welcome", "en") == load_sound(own)


def test_a_broken_recording_of_the_hotline_gives_way_to_the_shipped_one(library, record):
    before = library().sound("welcome", "en")
    record("welcome", "en").write_bytes(b"")
    after = library()
    assert after.sound("welcome", "en") == before
    assert after.check() == ["prompts.local/en/welcome: This is not a WAV file."]


def test_what_one_language_lacks_is_said_in_spanish_and_logged_once(copy, library, caplog):
    (copy / "en" / "held.wav").unlink()
    with caplog.at_level(logging.WARNING):
        sounds = library()
        for _ in range(3):
            assert sounds.sound("held", "en") == sounds.sound("held", "es-PE")
    assert caplog.messages.count("prompt held is not recorded in en: played in es-PE") == 1


def test_the_hotlines_own_spanish_is_the_fallback_too(copy, library, record):
    (copy / "en" / "held.wav").unlink()
    own = record("held", "es-PE")
    assert library().sound("held", "en") == load_sound(own)


def test_a_language_nobody_recorded_hears_spanish(library):
    sounds = library()
    assert sounds.sound("welcome", "ay") == sounds.sound("welcome", "es-PE")


@pytest.mark.parametrize("id", ["language-2-quechua", "language-3-english", "beep", "hold"])
def test_what_exists_once_sounds_the_same_in_every_language(library, id):
    sounds = library()
    assert len({sounds.sound(id, language) for language in ("es-PE", "en", "quy")}) == 1


def test_a_prompt_lost_in_every_language_does_not_stop_the_line(copy, library, caplog):
    for file in copy.glob("*/held.wav"):
        file.unlink()
    assert library().sound("held") == g711.SILENCE
    assert "prompt held is not recorded in any language" in caplog.messages


def test_an_id_that_nobody_wrote_is_a_mistake_in_the_program(library):
    with pytest.raises(KeyError):
        library().sound("wellcome")


def test_a_recording_of_the_page_wins_over_a_file_until_it_is_taken_back(library, record):
    record("welcome", "en")
    sounds = library()
    before, own = sounds.sound("welcome", "en"), b"\x55" * 320
    sounds.adopt({("welcome", "en"): own, ("of-another-version", "en"): own})
    assert sounds.sound("welcome", "en") == own
    assert sounds.sound("welcome", "es-PE") != own
    sounds.adopt({})
    assert sounds.sound("welcome", "en") == before


def test_words_that_the_line_recorded_itself_count_as_read_by_a_speaker(library):
    sounds = library()
    own = {(id, language): b"\x55" * 160 for id, language in sounds._manifest.prompts if language == "quy"}
    sounds.adopt(own)
    assert "quy" not in sounds.languages_awaiting_review
    assert "quy" in sounds.announced_languages
    own.pop(("held", "quy"))
    sounds.adopt(own)
    assert "quy" in sounds.languages_awaiting_review, "the control: one sentence is still ours"
