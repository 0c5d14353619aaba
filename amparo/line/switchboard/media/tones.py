"""Makes tones and detects them in sound, to check that a connected call is not silent."""

import numpy as np
from numpy.typing import NDArray

from .g711 import SAMPLE_RATE, to_linear, to_ulaw

LOUDNESS = 9000  # amplitude of our tones, of 32,767
AUDIBLE = 800  # a tone counts as heard from this amplitude; noise of G.711 and Opus is far below


def tone(hz: float, seconds: float, *, loudness: int = LOUDNESS) -> bytes:
    """Return a sine tone as µ-law."""
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return to_ulaw(np.rint(loudness * np.sin(2 * np.pi * hz * time)).astype(np.int16))


def goertzel(samples: NDArray[np.integer], hz: float) -> float:
    """Return the amplitude of one frequency in linear samples (Goertzel 1958: one bin of the Fourier transform).

    For a tone of `tone`, that is its `loudness`.
    """
    if not len(samples):
        return 0.0
    turns = np.exp(-2j * np.pi * hz / SAMPLE_RATE * np.arange(len(samples)))
    return float(2 * abs(samples @ turns) / len(samples))


def contains_tone(sound: bytes, hz: float) -> bool:
    """Whether this µ-law sound contains a tone of this frequency.

    In less than 100 ms of sound, neighbouring tones cannot be told apart.
    """
    return goertzel(to_linear(sound), hz) > AUDIBLE
