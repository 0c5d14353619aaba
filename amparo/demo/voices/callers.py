"""Read the callers' scripts: what each says, presses and waits for."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from amparo.line.switchboard.prompts.recording import Recording, faults, sound

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
        return sound(self.recording.path) if self.recording else b""


@dataclass(frozen=True)
class Caller:
    """An invented person who calls. A caller who does not hang up waits until the other side does."""

    id: str
    name: str
    who: str
    language: str  # chosen by key; the line should answer in it
    steps: tuple[Step, ...]


def callers(folder: Path = FOLDER) -> dict[str, Caller]:
    """Return all callers by id."""
    listed = tomllib.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    every: dict[str, Any] = listed.pop("every")
    return {id: _caller(folder / id, every | entry) for id, entry in listed.items()}


def recordings(folder: Path = FOLDER) -> dict[str, Recording]:
    """Return what all callers say, by the name of its table in the manifest."""
    return {
        f"{caller.id}.steps.{step.id}": step.recording
        for caller in callers(folder).values()
        for step in caller.steps
        if step.recording
    }


def check(folder: Path = FOLDER) -> list[str]:
    """Return a sentence for each missing, stale, altered or unlisted file."""
    return list(faults(recordings(folder).values(), folder))


def _caller(folder: Path, entry: dict[str, Any]) -> Caller:
    steps = tuple(_step(folder / f"{id}.wav", entry | step) for id, step in entry["steps"].items())
    return Caller(folder.name, entry["name"], entry["who"], entry["language"], steps)


def _step(path: Path, entry: dict[str, Any]) -> Step:
    return Step(
        id=path.stem,
        cue=entry.get("cue", ""),
        pause=entry["pause"],
        keys=entry.get("keys", ""),
        hangs_up=entry.get("hangs_up", False),
        recording=Recording.listed(path, entry) if "text" in entry else None,
    )
