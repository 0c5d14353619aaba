"""Convert audio to telephone quality, at one loudness."""

import warnings
from math import gcd
from pathlib import Path

import numpy as np
import pyloudnorm
import soundfile
from numpy.typing import NDArray
from scipy.ndimage import minimum_filter1d, uniform_filter1d
from scipy.signal import butter, resample_poly, sosfilt

Sound = NDArray[np.float32]

TELEPHONE = 8000  # samples a second
LOWEST_HZ = 120  # a telephone only hums below this
SPEECH_LUFS = -19.0
MUSIC_LUFS = -27.0  # eight below speech, so that a voice over it is understood
NEAR_ENOUGH = 0.1
CEILING = 10 ** (-1.5 / 20)
LOOK_AHEAD = 0.005  # seconds
TRIES = 12


def write(sound: Sound, rate: int, path: Path, lufs: float = SPEECH_LUFS) -> None:
    """Write audio as the telephone will play it: 8 kHz mono µ-law, at this loudness."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # Filtered before the limiter, because a filter after it would raise peaks above the ceiling again.
    soundfile.write(path, _mastered(_narrowed(sound, rate), lufs), TELEPHONE, format="WAV", subtype="ULAW")


def _narrowed(sound: Sound, rate: int) -> Sound:
    shared = gcd(rate, TELEPHONE)
    high = sosfilt(butter(2, LOWEST_HZ, "highpass", fs=rate, output="sos"), sound)
    return resample_poly(high, TELEPHONE // shared, rate // shared).astype(np.float32)


def _mastered(sound: Sound, lufs: float) -> Sound:
    for _ in range(TRIES):
        missing = lufs - _loudness(sound)
        if abs(missing) < NEAR_ENOUGH:
            break
        sound = _limited(sound * np.float32(10 ** (missing / 20)))
    return sound


def _loudness(sound: Sound) -> float:
    # LUFS by ITU-R BS.1770; a sound shorter than its window is measured repeated.
    repeats = -(-TELEPHONE // len(sound))
    with warnings.catch_warnings(action="ignore"):
        return float(pyloudnorm.Meter(TELEPHONE).integrated_loudness(np.tile(sound, repeats)))


def _limited(sound: Sound) -> Sound:
    window = 2 * int(LOOK_AHEAD * TELEPHONE) + 1
    gain = np.minimum(1, CEILING / np.maximum(np.abs(sound), 1e-9))
    lowest = minimum_filter1d(gain, window)
    return (sound * uniform_filter1d(lowest, window)).astype(np.float32)
