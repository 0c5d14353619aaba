"""Sounds without words, made of sines only: no sample and no melody that belongs to anybody."""

import numpy as np
from numpy.typing import NDArray

Sound = NDArray[np.float32]

RATE = 24_000
CHORD_SECONDS, FADE_SECONDS = 8, 3
# C, Am, F and G, each with an added second, in Hz. Between 260 and 590 nearly everything survives a telephone.
CHORDS = [
    (261.63, 329.63, 392.00, 587.33),
    (261.63, 329.63, 440.00, 493.88),
    (261.63, 349.23, 392.00, 523.25),
    (293.66, 392.00, 440.00, 493.88),
]
HARMONICS = ((1, 1.0), (2, 0.18), (3, 0.06))
BEEP_HZ, BEEP_SECONDS, BEEP_FADE = 880, 0.4, 0.02


def beep() -> Sound:
    """Return the tone after which a caller speaks."""
    t = np.arange(int(BEEP_SECONDS * RATE)) / RATE
    edge = np.minimum(t, BEEP_SECONDS - t) / BEEP_FADE
    return (0.5 * np.sin(2 * np.pi * BEEP_HZ * t) * np.clip(edge, 0, 1)).astype(np.float32)


def hold() -> Sound:
    """Return 32 seconds of slow chords whose end leads into their start."""
    step, fade = CHORD_SECONDS * RATE, FADE_SECONDS * RATE
    rise = np.sin(np.linspace(0, np.pi / 2, fade))
    loop = np.zeros(step * len(CHORDS))
    rng = np.random.default_rng(seed=2006)
    for place, chord in enumerate(CHORDS):
        sound = _chord(chord, step + fade, rng)
        sound[:fade] *= rise
        sound[-fade:] *= rise[::-1]
        at = np.arange(place * step, place * step + len(sound)) % len(loop)
        loop[at] += sound
    return loop.astype(np.float32)


def _chord(notes: tuple[float, ...], length: int, rng: np.random.Generator) -> NDArray[np.float64]:
    t = np.arange(length) / RATE
    sound = np.zeros(length)
    for note in notes:
        for times, strength in HARMONICS:
            sound += strength * np.sin(2 * np.pi * (times * note * t + rng.random()))
    return sound / len(notes)
