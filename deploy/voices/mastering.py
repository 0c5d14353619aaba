"""Bring a sound to one loudness, and to the telephone."""

import subprocess
import tempfile
import warnings
from pathlib import Path

import numpy as np
import pyloudnorm
import soundfile
from numpy.typing import NDArray
from scipy.ndimage import minimum_filter1d, uniform_filter1d

Sound = NDArray[np.float32]

SPEECH_LUFS = -19.0
MUSIC_LUFS = -27.0  # eight below speech, so that a voice over it is heard
NEAR_ENOUGH = 0.1
CEILING = 10 ** (-1.5 / 20)
LOOK_AHEAD = 0.005  # seconds
TRIES = 12


def mastered(sound: Sound, rate: int, lufs: float = SPEECH_LUFS) -> Sound:
    """Return the sound at a loudness, no sample above the ceiling."""
    for _ in range(TRIES):
        missing = lufs - loudness(sound, rate)
        if abs(missing) < NEAR_ENOUGH:
            break
        sound = _limited(sound * np.float32(10 ** (missing / 20)), rate)
    return sound


def loudness(sound: Sound, rate: int) -> float:
    """Return LUFS by ITU-R BS.1770; a sound shorter than its window is measured repeated."""
    repeats = -(-rate // len(sound))
    with warnings.catch_warnings(action="ignore"):
        return float(pyloudnorm.Meter(rate).integrated_loudness(np.tile(sound, repeats)))


def _limited(sound: Sound, rate: int) -> Sound:
    window = 2 * int(LOOK_AHEAD * rate) + 1
    gain = np.minimum(1, CEILING / np.maximum(np.abs(sound), 1e-9))
    lowest = minimum_filter1d(gain, window)
    return (sound * uniform_filter1d(lowest, window)).astype(np.float32)


def to_telephone(sound: Sound, rate: int, path: Path) -> None:
    """Write 8 kHz mono µ-law; below 120 Hz a telephone only hums."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(suffix=".flac") as master:
        soundfile.write(master.name, sound, rate, subtype="PCM_24")
        telephone = ["-r", "8000", "-c", "1", "-e", "mu-law", "-b", "8", str(path), "highpass", "120"]
        subprocess.run(["sox", "-R", master.name, *telephone], check=True)
