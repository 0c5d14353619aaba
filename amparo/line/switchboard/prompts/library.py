"""All prompts, loaded once and ready to be sent."""

import logging
from collections.abc import Iterator, Mapping
from pathlib import Path

from amparo.line.switchboard.media import g711
from amparo.line.switchboard.prompts.manifest import SPANISH, Manifest, Prompt, Review
from amparo.line.switchboard.prompts.recording import load_sound, why_unplayable

log = logging.getLogger(__name__)


FIRST = "welcome"  # the first prompt of every call
LOCAL = "prompts.local"  # in the home folder: the hotline's own recordings


class Library:
    """The prompts as a caller hears them: the hotline's own recording first, then the shipped one, then Spanish.

    `own`: recordings of the page, by id and language, as 8 kHz µ-law in whole frames. They win over files.
    """

    def __init__(
        self,
        home: Path | None = None,
        manifest: Manifest | None = None,
        own: Mapping[tuple[str, str], bytes] | None = None,
    ) -> None:
        self._manifest = manifest or Manifest()
        self._local = home and home / LOCAL
        self._files = {
            prompt: file for prompt in self._manifest.prompts.values() if (file := self._playable_file(prompt))
        }
        self.adopt(own or {})

    def adopt(self, own: Mapping[tuple[str, str], bytes]) -> None:
        """Play these own recordings from now on, and no others of the page."""
        self._own = {self._manifest.prompts[key]: sound for key, sound in own.items() if key in self._manifest.prompts}
        self._sounds = {
            (id, language): self._find_sound(id, language)
            for id in self._manifest.ids
            for language in self._manifest.languages
        }
        # languages that the menu announces
        self.announced_languages = tuple(filter(self._is_complete, self._manifest.languages))
        # languages with words that no speaker has read: no key leads to them
        self.languages_awaiting_review = frozenset(
            prompt.language for prompt in self._recorded() if not self._is_reviewed(prompt)
        )

    def opening_prompts(self) -> list[dict[str, str | bool]]:
        """Return the first words of a call in each language: `language`, `text` as shipped, `is_own` (the hotline's own
        recording is played) and `is_announced` (the menu announces the language).
        """
        prompts = [self._manifest.prompts[FIRST, language] for language in self._manifest.languages_of(FIRST)]
        return [
            {
                "language": it.language, "text": it.recording.text,
                "is_own": it in self._own or self._files.get(it) not in (None, it.recording.path),
                "is_announced": it.language in self.announced_languages,
            }
            for it in prompts
        ]  # fmt: skip

    def sound(self, id: str, language: str = SPANISH) -> bytes:
        """Return a prompt as 8 kHz µ-law in whole 20 ms frames; raise KeyError if no prompt has this id.

        A language without recordings, or whose words no speaker has read, falls back to Spanish. A prompt that exists
        in one language only (a language's own key, the tone, the music) is used for all.
        """
        return self._sounds.get((id, language)) or self._sounds[id, SPANISH]

    def check(self) -> list[str]:
        """Return a sentence for each missing, stale, altered or unlisted file; none means all is well."""
        return [*self._manifest.faults, *self._local_faults()]

    def _playable_file(self, prompt: Prompt) -> Path | None:
        own = [self._local / prompt.language / f"{prompt.id}.wav"] if self._local else []
        for path in (*(path for path in own if path.exists()), prompt.recording.path):
            fault = why_unplayable(path)
            if fault is None:
                return path
            log.warning("prompt %s", fault)
        return None

    def _find_sound(self, id: str, language: str) -> bytes:
        written = self._manifest.languages_of(id)
        for other in dict.fromkeys([language, SPANISH, *written]):
            prompt = self._manifest.prompts.get((id, other))
            if prompt is None or prompt not in self._recorded():
                continue
            if other != SPANISH and len(written) > 1 and not self._is_reviewed(prompt):
                continue
            if other != language and len(written) > 1 and not self._awaits_review(id, language):
                log.warning("prompt %s is not recorded in %s: played in %s", id, language, other)
            return self._own.get(prompt) or load_sound(self._files[prompt])
        log.error("prompt %s is not recorded in any language", id)
        return g711.SILENCE

    def _is_complete(self, language: str) -> bool:
        """Whether every prompt of this language is recorded, and none awaits a required review."""
        prompts = [prompt for prompt in self._manifest.prompts.values() if prompt.language == language]
        return all(prompt in self._recorded() and self._is_reviewed(prompt) for prompt in prompts)

    def _is_reviewed(self, prompt: Prompt) -> bool:
        # A hotline that recorded a prompt itself has reviewed it.
        return (
            prompt.review is not Review.REQUIRED or prompt in self._own or self._files[prompt] != prompt.recording.path
        )

    def _awaits_review(self, id: str, language: str) -> bool:
        prompt = self._manifest.prompts.get((id, language))
        return prompt is not None and prompt in self._recorded() and not self._is_reviewed(prompt)

    def _recorded(self) -> set[Prompt]:
        return {*self._files, *self._own}

    def _local_faults(self) -> Iterator[str]:
        if self._local is None:
            return
        for path in sorted(self._local.glob("*/*")):
            if (path.stem, path.parent.name) not in self._manifest.prompts:
                yield f"{LOCAL}/{path.parent.name}/{path.name}: no prompt has this id in this language."
            elif path.suffix != ".wav":
                yield f"{LOCAL}/{path.parent.name}/{path.name}: only .wav files are played."
            elif fault := why_unplayable(path):
                yield f"{LOCAL}/{fault}"
