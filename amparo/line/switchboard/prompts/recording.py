"""A recorded prompt, what it was made from, and how to detect that they no longer match."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from amparo.line.switchboard.media import g711


@dataclass(frozen=True)
class Recording:
    """One recorded prompt, as the manifest lists it: the file, the words that it speaks, and how it was made.

    `made_from` and `sha256` are the digests of the source and of the file at the time of the recording.
    """

    path: Path
    text: str
    say: str  # text for the synthesiser, if spelling and sound differ; else the text itself
    voice: str
    phonemes: str  # the espeak-ng language that turns words into sounds
    speed: float
    synthetic: bool
    made_from: str
    sha256: str

    @classmethod
    def from_manifest(cls, path: Path, entry: dict[str, Any]) -> "Recording":
        """Make a recording from an entry of the manifest. The defaults must be merged into the entry already."""
        return cls(
            path=path,
            text=entry["text"],
            say=entry.get("say", entry["text"]),
            voice=entry.get("voice", ""),
            phonemes=entry.get("phonemes", ""),
            speed=entry.get("speed", 1.0),
            synthetic=entry["synthetic"],
            made_from=entry.get("made_from", ""),
            sha256=entry.get("sha256", ""),
        )

    @property
    def name(self) -> str:
        return _name(self.path)

    @property
    def source_digest(self) -> str:
        """A digest of everything that decides the sound. For a human speaker that is only the text."""
        parts = [self.text]
        if self.synthetic:
            parts += [self.say, self.voice, self.phonemes, str(self.speed)]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]

    @property
    def fault(self) -> str | None:
        """What is wrong with the file, in a sentence; None if nothing is."""
        if reason := why_unplayable(self.path):
            return reason
        if hashlib.sha256(self.path.read_bytes()).hexdigest() != self.sha256:
            return f"{self.name}: the sound was altered after it was recorded."
        if self.made_from != self.source_digest:
            return f"{self.name}: the text or the voice was changed after the recording; record it again."
        return None


def load_sound(path: Path) -> bytes:
    """Return a file as 8 kHz µ-law, padded with silence to whole frames; raise ValueError if it cannot be played."""
    samples = g711.load_wav(path)
    if not samples:
        raise ValueError("There is no sound in this file.")
    return in_frames(samples)


def in_frames(sound: bytes) -> bytes:
    """Return µ-law padded with silence to whole frames of 20 ms."""
    return sound + g711.SILENCE[: -len(sound) % g711.FRAME]


def why_unplayable(path: Path) -> str | None:
    """Why the telephone cannot play a file, in a sentence; None if it can."""
    try:
        load_sound(path)
    except FileNotFoundError:
        return f"{_name(path)}: the file is missing."
    except (ValueError, OSError) as reason:
        return f"{_name(path)}: {reason}"
    return None


def recording_faults(recordings: Iterable[Recording], folder: Path) -> Iterator[str]:
    """Yield a sentence for each missing, altered or stale recording, and for each file that is not listed."""
    listed = {recording.path: recording for recording in recordings}
    yield from filter(None, (recording.fault for recording in listed.values()))
    for path in sorted(folder.glob("*/*.wav")):
        if path not in listed:
            yield f"{_name(path)}: the manifest does not list this file."


def _name(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"
