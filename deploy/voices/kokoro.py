"""Speak a text with Kokoro-82M, on one core."""

import re
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import packages
import phonemes
from numpy.typing import NDArray

Sound = NDArray[np.float32]

RATE = 24_000
LOUD_ENOUGH = 0.01
BEFORE, AFTER = int(0.03 * RATE), int(0.05 * RATE)  # kept around the words, because a first vowel starts softly
# A single word with a stressed vowel at its start ("uno") begins with a burst that sounds like a consonant ("duno").
BURST, SOFTENING = int(0.07 * RATE), int(0.06 * RATE)
LONE_VOWEL = re.compile(r"ˈ[aeiouɑæɛɪɔʊʌAIOQWY]\S*")
BREATH = np.zeros(int(0.4 * RATE), np.float32)


class Kokoro:
    """The model with its voices and symbols."""

    def __init__(self, folder: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._model = onnxruntime.InferenceSession(packages.model(folder), options, providers=["CPUExecutionProvider"])
        self._symbols = packages.symbols(folder)
        self._styles = packages.styles(folder)

    def speak(self, text: str, language: str, voice: str, speed: float) -> Sound:
        """Return the text as 24 kHz sound: sentence by sentence, with a breath between."""
        style = self._style(voice)
        spoken = [self._sentence(phonemes.symbols(s, language), style, speed) for s in phonemes.sentences(text)]
        breathed = [part for sentence in spoken for part in (BREATH, sentence)][1:]
        return np.concatenate(breathed)

    def _style(self, voice: str) -> Sound:
        """Mix voices: `.6*ef_dora+.4*af_heart`."""
        mixed = np.zeros(packages.STYLE_SHAPE, np.float32)
        for part in voice.split("+"):
            share, _, name = part.rpartition("*")
            vector = np.frombuffer(self._styles[name], np.float32).reshape(packages.STYLE_SHAPE)
            mixed += np.float32(share or 1) * vector
        return mixed

    def _sentence(self, symbols: str, style: Sound, speed: float) -> Sound:
        # A symbol outside the table would silently be left out of the word.
        if unknown := set(symbols) - set(self._symbols):
            sys.exit(f"Kokoro has no symbol for {' '.join(sorted(unknown))} in: {symbols}")
        ids = [self._symbols[symbol] for symbol in symbols]
        feed = {
            "tokens": np.array([[0, *ids, 0]], np.int64),
            "style": style[len(ids)][None],
            "speed": np.array([speed], np.float32),
        }
        sound = _trimmed(self._model.run(None, feed)[0].ravel())
        return _softened(sound) if LONE_VOWEL.fullmatch(symbols) else sound


def _trimmed(sound: Sound) -> Sound:
    heard = np.flatnonzero(np.abs(sound) > LOUD_ENOUGH)
    return sound[max(0, heard[0] - BEFORE) : heard[-1] + AFTER]


def _softened(sound: Sound) -> Sound:
    sound = sound[BURST:].copy()
    sound[:SOFTENING] *= np.linspace(0, 1, SOFTENING, dtype=np.float32) ** 2
    return sound
