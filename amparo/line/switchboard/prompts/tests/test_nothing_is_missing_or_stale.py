import shutil

from amparo.line.switchboard.prompts.__main__ import main
from amparo.line.switchboard.prompts.library import Library
from amparo.line.switchboard.prompts.manifest import MANIFEST


def rewrite(folder, old, new):
    manifest = folder / MANIFEST
    text = manifest.read_text(encoding="utf-8")
    assert old in text
    manifest.write_text(text.replace(old, new), encoding="utf-8")


def test_the_shipped_prompts_are_whole():
    assert Library().check() == []


def test_the_copy_is_whole_before_it_is_damaged(library):
    assert library().check() == []


def test_a_changed_text_is_found(copy, library):
    rewrite(copy, "No cuelgue. Primero le preguntará", "Primero le preguntará")
    (fault,) = library().check()
    assert fault.startswith("es-PE/connecting: the text or the voice was changed")


def test_a_changed_voice_is_found_in_all_it_speaks(copy, library):
    rewrite(copy, 'voice = "af_heart"', 'voice = "af_sky"')
    faults = library().check()
    assert faults
    assert all(fault.startswith("en/") and "the voice was changed" in fault for fault in faults)


def test_a_missing_file_is_found(copy, library):
    (copy / "en" / "goodbye.wav").unlink()
    assert library().check() == ["en/goodbye: the file is missing."]


def test_an_altered_byte_is_found(copy, library):
    path = copy / "es-PE" / "welcome.wav"
    sound = bytearray(path.read_bytes())
    sound[-500] ^= 1
    path.write_bytes(sound)
    assert library().check() == ["es-PE/welcome: the sound was altered after it was recorded."]


def test_an_unlisted_file_is_found(copy, library):
    shutil.copy(copy / "en" / "held.wav", copy / "en" / "advert.wav")
    assert library().check() == ["en/advert: the manifest does not list this file."]


def test_a_file_the_telephone_cannot_play_is_found(copy, library):
    (copy / "quy" / "held.wav").write_bytes(b"ID3 an mp3 under a wrong name")
    assert library().check() == ["quy/held: This is not a WAV file."]


def test_a_prompt_left_untranslated_is_found(copy, library):
    rewrite(copy, "[held.quy]", "[held-them.quy]")
    assert "held: it is written in es-PE, en only." in library().check()


def test_a_recording_of_the_hotline_that_would_never_be_played_is_found(library, record):
    record("wellcome", "es-PE")
    record("welcome", "qu")
    own = record("held", "en")
    own.rename(own.with_suffix(".mp3"))
    assert library().check() == [
        "prompts.local/en/held.mp3: only .wav files are played.",
        "prompts.local/es-PE/wellcome.wav: no prompt has this id in this language.",
        "prompts.local/qu/welcome.wav: no prompt has this id in this language.",
    ]


def test_the_command_fails_when_a_sound_is_at_fault(monkeypatch, capsys, tmp_path, record):
    monkeypatch.setenv("AMPARO_HOME", str(tmp_path))
    assert main() == 0
    record("wellcome", "es-PE")
    assert main() == 2
    assert "es-PE/wellcome" in capsys.readouterr().out
