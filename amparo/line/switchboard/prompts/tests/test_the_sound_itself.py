"""Each prompt contains sound that a telephone can carry. Only people can judge how it sounds."""

import tomllib

import numpy as np
import pytest

from amparo.line.switchboard.media import g711
from amparo.line.switchboard.prompts.library import Library
from amparo.line.switchboard.prompts.manifest import MANIFEST, SHIPPED, Manifest

FULL_SCALE = 32768
SPOKEN = Manifest().prompts
LIBRARY = Library()


def decibels(ratio):
    return 20 * np.log10(ratio)


def level(samples):
    """Return the level of the speech in dB relative to full scale, without pauses."""
    frames = samples.reshape(-1, g711.FRAME) / FULL_SCALE
    energy = np.sqrt((frames**2).mean(axis=1))
    return decibels(np.sqrt((energy[energy > 0.01] ** 2).mean()))


@pytest.fixture(params=SPOKEN, ids="-".join)
def samples(request):
    return g711.to_linear(LIBRARY.sound(*request.param)).astype(float)


def test_it_is_whole_frames(samples):
    assert len(samples) % g711.FRAME == 0


def test_it_is_neither_silent_nor_clipped(samples):
    assert 0.15 < np.abs(samples).max() / FULL_SCALE < 0.98


def test_it_starts_and_ends_without_a_click(samples):
    assert max(abs(samples[0]), abs(samples[-1])) / FULL_SCALE < 0.2


def test_nobody_waits_long_to_hear_what_to_do(samples):
    assert 0.2 < len(samples) / g711.SAMPLE_RATE < 35


def test_all_speech_is_equally_loud():
    speech = [prompt for prompt in SPOKEN if prompt != ("hold", "any")]
    levels = [level(g711.to_linear(LIBRARY.sound(*prompt)).astype(float)) for prompt in speech]
    assert max(levels) - min(levels) < 6
    assert -24 < np.mean(levels) < -14


def test_the_music_is_softer_than_the_voice():
    music, voice = (g711.to_linear(LIBRARY.sound(id)).astype(float) for id in ("hold", "still-here"))
    assert level(voice) - level(music) > 5


def test_the_music_returns_to_its_start_without_a_seam():
    music = g711.to_linear(LIBRARY.sound("hold")).astype(float)
    assert len(music) == 32 * g711.SAMPLE_RATE
    assert abs(music[0] - music[-1]) <= np.abs(np.diff(music)).max()


def test_each_says_who_spoke_under_which_licence_and_whether_it_was_a_person():
    listed = tomllib.loads((SHIPPED / MANIFEST).read_text(encoding="utf-8"))
    languages = listed.pop("languages")
    for entries in listed.values():
        for language, entry in entries.items():
            words = languages[language] | entry
            assert words["licence"]
            assert words["recorded_by"]
            assert words["synthetic"] is ("Kokoro" in words["recorded_by"] or language == "any")
