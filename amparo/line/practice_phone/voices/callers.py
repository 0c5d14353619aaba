"""Read the callers' scripts: what each says, presses and waits for."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from amparo.line.switchboard.media import g711
from amparo.line.switchboard.prompts.recording import Recording, load_sound, recording_faults

FOLDER = Path(__file__).parent
MANIFEST = "callers.toml"
ATTENDED = "attended"


@dataclass(frozen=True)
class Step:
    """One thing that a caller does: speak, press keys, or hang up."""

    id: str
    cue: str  # the id of the prompt just heard; ATTENDED: a person speaks; "": right after the previous step
    pause: float  # seconds of silence first, for the person who answers to speak
    keys: str
    hangs_up: bool
    recording: Recording | None

    @property
    def sound(self) -> bytes:
        """The words as 8 kHz µ-law in whole frames; empty if the caller says nothing here."""
        return load_sound(self.recording.path) if self.recording else b""


@dataclass(frozen=True)
class Caller:
    """An invented person who calls. A caller who does not hang up waits until the other side does."""

    id: str
    name: str
    who: str
    language: str  # in which somebody should talk with them
    steps: tuple[Step, ...]
    lines: dict[str, Recording]  # said in practice calls alone, by id

    def speak(self, text: str) -> bytes | None:
        """Return these words as sound, 8 kHz µ-law in whole frames. None: there is no recording of them."""
        spoken = (*(step.recording for step in self.steps if step.recording), *self.lines.values())
        return next((load_sound(each.path) for each in spoken if each.text == text), None)


def callers(folder: Path = FOLDER) -> dict[str, Caller]:
    """Return all callers by id."""
    listed = tomllib.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    every: dict[str, Any] = listed.pop("every")
    return {id: _caller(folder / id, every | entry) for id, entry in listed.items()}


def sound_of_wav(wav: bytes) -> bytes:
    """Convert a WAV file to 8 kHz µ-law in whole frames. Raises ValueError if a telephone cannot play it."""
    samples = g711.parse_wav(wav)
    return samples + g711.SILENCE[: -len(samples) % g711.FRAME]


def recordings_of_callers(folder: Path = FOLDER) -> dict[str, Recording]:
    """Return the recordings of all callers, by the name of their table in the manifest, such as `tucan.steps.hello`."""
    known = callers(folder).values()
    steps = {f"{who.id}.steps.{each.id}": each.recording for who in known for each in who.steps if each.recording}
    return steps | {f"{who.id}.lines.{id}": each for who in known for id, each in who.lines.items()}


def check_recordings(folder: Path = FOLDER) -> list[str]:
    """Return a sentence for each missing, stale, altered or unlisted file."""
    return list(recording_faults(recordings_of_callers(folder).values(), folder))


def _caller(folder: Path, entry: dict[str, Any]) -> Caller:
    steps = tuple(_step(folder / f"{id}.wav", entry | step) for id, step in entry.get("steps", {}).items())
    lines = {id: Recording.from_manifest(folder / f"{id}.wav", entry | it) for id, it in entry.get("lines", {}).items()}
    return Caller(folder.name, entry["name"], entry["who"], entry["language"], steps, lines)


def _step(path: Path, entry: dict[str, Any]) -> Step:
    return Step(
        id=path.stem,
        cue=entry.get("cue", ""),
        pause=entry["pause"],
        keys=entry.get("keys", ""),
        hangs_up=entry.get("hangs_up", False),
        recording=Recording.from_manifest(path, entry) if "text" in entry else None,
    )
