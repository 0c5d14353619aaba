"""How an invented person hears: which recording is played, whether a person is there, and whose turn it is to speak."""

import asyncio
from collections.abc import Callable, Iterable, Mapping

import numpy as np

from amparo.line.switchboard.media.g711 import frames, to_linear
from amparo.line.switchboard.prompts.library import Library
from amparo.line.switchboard.prompts.manifest import Manifest

from .voices.callers import Caller

AUDIBLE = 500  # amplitude, of 32,767
ENDING = 10  # frames: the last 200 ms of a recording, so that a lost packet or two do not matter
A_PERSON = 60  # frames: no recording is silent for as long as 1.2 s
LEFT_ALONE = 6.0  # seconds without any sound while waiting: a microphone that sends nothing took the call
QUEUE = (["connecting"], ["still-here"], ["hold"])  # what is played as long as nobody has taken the call


class Repertoire:
    """Recordings known by heart. G.711 of our own line arrives byte for byte, so a single frame says what it is from;
    frames that are too quiet, or in several recordings, say nothing."""

    def __init__(self, sounds: Mapping[str, Iterable[bytes]]) -> None:
        self.of: dict[bytes, str] = {}
        self.endings: dict[bytes, str] = {}
        shared: set[bytes] = set()
        for id, versions in sounds.items():
            for sound in versions:
                loud = [_zeroed(frame) for frame in frames(sound) if is_loud(frame)]
                shared.update(frame for frame in loud if self.of.setdefault(frame, id) != id)
                self.endings.update(dict.fromkeys(loud[-ENDING:], id))
        for frame in shared:
            del self.of[frame]
            self.endings.pop(frame, None)


class Ear:
    """Hears one side of a call, frame by frame."""

    def __init__(self, known: Repertoire, on_heard: Callable[[str], None] = lambda id: None) -> None:
        self.known, self.on_heard = known, on_heard
        self.recognised: list[str] = []  # recordings, in order
        self.heard: list[str] = []  # those heard to their end
        self.was_attended = False
        self._strange = 0  # frames in a row that are of no recording
        self._ended = ""
        self._clock = asyncio.get_running_loop().time
        self._any_at = self._loud_at = self._clock()

    @property
    def is_attended(self) -> bool:
        """A person is there, and not a recording."""
        alone = self.recognised[-1:] in QUEUE and self._clock() - self._any_at > LEFT_ALONE
        return self._strange >= A_PERSON or alone

    @property
    def quiet(self) -> float:
        """Seconds since the other side was last heard to speak."""
        return self._clock() - self._loud_at

    def hear(self, frame: bytes) -> None:
        self._any_at = self._clock()
        if is_loud(frame):
            self._loud_at = self._any_at
        recognised = self.known.of.get(_zeroed(frame))
        if recognised is None:
            self._strange += 1
            self.was_attended |= self.is_attended
        else:
            self._strange = 0
            if self.recognised[-1:] != [recognised]:
                self.recognised.append(recognised)
            self._note_end(self.known.endings.get(_zeroed(frame), ""))

    def _note_end(self, ended: str) -> None:
        if ended and ended != self._ended:
            self.heard.append(ended)
            self.on_heard(ended)
        self._ended = ended


def is_loud(frame: bytes) -> bool:
    return bool(np.abs(to_linear(frame).astype(np.int32)).max() > AUDIBLE)


def prompts(library: Library) -> Repertoire:
    """What the hotline says, in every language."""
    languages = Manifest().languages
    return Repertoire({id: {library.sound(id, language) for language in languages} for id in Manifest().ids})


def words(callers: Iterable[Caller]) -> Repertoire:
    """What the invented people say, by "caller.step"."""
    return Repertoire({f"{who.id}.{step.id}": [step.sound] for who in callers for step in who.steps if step.recording})


def _zeroed(frame: bytes) -> bytes:
    """µ-law has two zeros, and a mixer knows only one."""
    return frame.replace(b"\x7f", b"\xff")
