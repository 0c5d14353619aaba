"""How an invented person hears: which recording plays, whether a person is there, and whose turn it is."""

import asyncio
from collections.abc import Callable, Iterable, Mapping

import numpy as np

from amparo.line.switchboard.media.g711 import SILENCE, split_into_frames, to_linear
from amparo.line.switchboard.prompts.library import Library
from amparo.line.switchboard.prompts.manifest import Manifest

from .voices.callers import Caller

AUDIBLE = 500  # amplitude, out of 32,767
ENDING = 10  # frames: the last 200 ms of a recording, so that one or two lost packets do not matter
A_PERSON = 60  # frames; no recording is silent for as long as 1.2 s
PAUSE = 1.5  # seconds; a shorter pause does not end a turn of speech
LEFT_ALONE = 6.0  # seconds without any sound in the queue: the call was taken by a microphone that is silent
QUEUE = (["connecting"], ["still-here"], ["hold"])  # played while nobody has taken the call


class Repertoire:
    """Recordings that an invented person recognises, by their frames (20 ms).

    G.711 from our own line arrives byte for byte, so one frame identifies its recording. Frames that are too quiet,
    or that several recordings share, identify none.
    """

    def __init__(self, sounds: Mapping[str, Iterable[bytes]]) -> None:
        self.of: dict[bytes, str] = {}
        self.endings: dict[bytes, str] = {}
        shared: set[bytes] = set()
        for id, versions in sounds.items():
            for sound in versions:
                loud = [_with_one_zero(frame) for frame in split_into_frames(sound) if is_loud(frame)]
                shared.update(frame for frame in loud if self.of.setdefault(frame, id) != id)
                self.endings.update(dict.fromkeys(loud[-ENDING:], id))
        for frame in shared:
            del self.of[frame]
            self.endings.pop(frame, None)


class Ear:
    """Hears the other side of a call, frame by frame, and calls `on_heard` with the id of each recording at its end."""

    def __init__(self, known: Repertoire, on_heard: Callable[[str], None] = lambda id: None) -> None:
        self.known, self.on_heard = known, on_heard
        self.recognised: list[str] = []  # recordings, in order of their start
        self.heard: list[str] = []  # recordings heard to their end
        self.was_attended = False
        self._strange = 0  # consecutive frames that belong to no recording
        self._voice = False  # whether one of these was loud
        self._ended = ""
        self._clock = asyncio.get_running_loop().time
        self._any_at = self._loud_at = self._began_at = self._clock()
        self.loud_frames = 0  # so far

    @property
    def is_attended(self) -> bool:
        """Whether a person is there, and not a recording."""
        alone = self.recognised[-1:] in QUEUE and self._clock() - self._any_at > LEFT_ALONE
        return self._strange >= A_PERSON or alone

    @property
    def quiet(self) -> float:
        """Seconds since the other side was last audible."""
        return self._clock() - self._loud_at

    @property
    def speaks(self) -> float:
        """Seconds since the other side began to speak; 0 if it has paused."""
        return self._loud_at - self._began_at if self.loud_frames and self.quiet < PAUSE else 0.0

    def hear(self, frame: bytes) -> None:
        if frame == SILENCE and not self._voice:
            return  # the line fills every pause with it, also those between two recordings
        self._any_at = self._clock()
        if is_loud(frame):
            self._note_voice()
        recognised = self.known.of.get(_with_one_zero(frame))
        if recognised is None:
            self._strange += 1
            self._voice |= is_loud(frame)
            self.was_attended |= self.is_attended
        else:
            self._strange, self._voice = 0, False
            if self.recognised[-1:] != [recognised]:
                self.recognised.append(recognised)
            self._note_end(self.known.endings.get(_with_one_zero(frame), ""))

    def _note_voice(self) -> None:
        if self.quiet >= PAUSE or not self.loud_frames:
            self._began_at = self._any_at
        self._loud_at = self._any_at
        self.loud_frames += 1

    def _note_end(self, ended: str) -> None:
        if ended and ended != self._ended:
            self.heard.append(ended)
            self.on_heard(ended)
        self._ended = ended


def is_loud(frame: bytes) -> bool:
    return bool(np.abs(to_linear(frame).astype(np.int32)).max() > AUDIBLE)


def prompt_repertoire(library: Library) -> Repertoire:
    """Return the hotline's prompts in every language, to recognise them."""
    languages = Manifest().languages
    return Repertoire({id: {library.sound(id, language) for language in languages} for id in Manifest().ids})


def caller_repertoire(callers: Iterable[Caller]) -> Repertoire:
    """Return what these callers say, to recognise it as "caller.step"."""
    return Repertoire({f"{who.id}.{step.id}": [step.sound] for who in callers for step in who.steps if step.recording})


def _with_one_zero(frame: bytes) -> bytes:
    """Return the frame with the two zeros of µ-law made equal, because a mixer produces only one of them."""
    return frame.replace(b"\x7f", b"\xff")
