"""The manifest of prompts: each id in each of its languages, with its text."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from amparo.line.switchboard.prompts.recording import Recording, recording_faults

SHIPPED = Path(__file__).parent
MANIFEST = "prompts.toml"
SPANISH = "es-PE"
ANY = "any"  # tones and music speak no language


class Review(StrEnum):
    """Whether a native speaker has approved the words and the sound."""

    REQUIRED = "required"  # no; the language is not announced to callers until then
    ADVISED = "advised"  # no; the hotline should listen before it opens
    DONE = "done"


@dataclass(frozen=True)
class Prompt:
    """One prompt in one language."""

    id: str
    language: str
    review: Review
    recording: Recording


class Manifest:
    """The shipped prompts of one folder, read from its prompts.toml."""

    def __init__(self, folder: Path = SHIPPED) -> None:
        self.folder = folder
        listed = tomllib.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        defaults: dict[str, dict[str, Any]] = listed.pop("languages")
        self.languages = tuple(language for language in defaults if language != ANY)
        self.prompts = {
            (id, language): self._prompt(id, language, defaults[language] | entry)
            for id, entries in listed.items()
            for language, entry in entries.items()
        }

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(id for id, _ in self.prompts))

    def languages_of(self, id: str) -> tuple[str, ...]:
        """Return the languages in which a prompt exists, in the order of the manifest: Spanish first."""
        return tuple(language for language in (*self.languages, ANY) if (id, language) in self.prompts)

    @property
    def faults(self) -> Iterator[str]:
        """Yield a sentence for each thing that is missing or wrong."""
        yield from recording_faults((prompt.recording for prompt in self.prompts.values()), self.folder)
        for id in self.ids:
            # The language keys, the tone and the music exist once; every other prompt exists in every language.
            if len(self.languages_of(id)) not in (1, len(self.languages)):
                yield f"{id}: it is written in {', '.join(self.languages_of(id))} only."

    def _prompt(self, id: str, language: str, entry: dict[str, Any]) -> Prompt:
        recording = Recording.from_manifest(self.folder / language / f"{id}.wav", entry)
        return Prompt(id, language, Review(entry["review"]), recording)
