"""Record what callers hear, go back to what Amparo ships, and give both to every process that plays or knows it."""

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import User
from amparo.foundation.core.live import notify
from amparo.foundation.core.refusal import Refused

from .media import g711
from .models import OwnRecording
from .prompts.library import LOCAL, Library
from .prompts.manifest import Manifest, Prompt
from .prompts.recording import in_frames, load_sound, why_unplayable

TOPIC = "recordings"
LONGEST = 60  # seconds of one recording; the longest of ours has 17
QUIETEST = 500  # of 32,767: the loudest sample of a microphone that was off


def own_sounds() -> dict[tuple[str, str], bytes]:
    """Return the line's own recordings in force, by id and language."""
    rows = OwnRecording.objects.newest_of_each()
    return {(row.prompt, row.language): bytes(row.sound) for row in rows if row.sound is not None}


def load_library(home: Path) -> Library:
    """Return the prompts as a caller hears them now."""
    return Library(home, own=own_sounds())


def load_into(library: Library) -> None:
    """Read the own recordings into a library. What is being played ends as it began."""
    library.adopt(own_sounds())


@action(permissions.keep_installation, label=gettext_lazy("recorded what callers hear"))
def record_prompt(prompt: Prompt, wav: bytes, *, by: User) -> OwnRecording:
    """Play this recording from now on. Raises `Refused` with a sentence if a telephone cannot play it."""
    try:
        sound = g711.parse_wav(wav)
    except ValueError:
        raise Refused(
            _("This sound cannot be played on a telephone. Choose a WAV file: one channel, 8,000 samples a second.")
        ) from None
    if len(sound) > LONGEST * g711.SAMPLE_RATE:
        raise Refused(_("This recording is longer than %(longest)s seconds. Record it shorter.") % {"longest": LONGEST})
    if not len(sound) or abs(g711.to_linear(sound)).max() < QUIETEST:
        raise Refused(_("Nothing is heard in this recording. Look at the microphone, and record it again."))
    return _decide(prompt, in_frames(sound), by)


@action(permissions.keep_installation, label=gettext_lazy("went back to the recording that Amparo ships"))
def play_shipped(prompt: Prompt, *, by: User) -> OwnRecording:
    """Play what Amparo ships from now on. Raises `Refused` if it is played already."""
    newest = _rows_of(prompt).first()
    if newest is None or newest.sound is None:
        raise Refused(_("Amparo's own recording is played already: nothing was changed."))
    return _decide(prompt, None, by)


@action(permissions.keep_installation, label=gettext_lazy("went back to the line's own recording"))
def play_own_again(prompt: Prompt, *, by: User) -> OwnRecording:
    """Play the line's last own recording again. Raises `Refused` if it is played, or if there is none."""
    newest, last = _rows_of(prompt).first(), _rows_of(prompt).exclude(sound=None).first()
    if last is None or last.sound is None or newest == last:
        raise Refused(_("There is no earlier recording of yours to go back to: nothing was changed."))
    return _decide(prompt, bytes(last.sound), by)


def _rows_of(prompt: Prompt) -> QuerySet[OwnRecording]:
    return OwnRecording.objects.filter(prompt=prompt.id, language=prompt.language).order_by("-pk")


def _decide(prompt: Prompt, sound: bytes | None, by: User) -> OwnRecording:
    notify(TOPIC)
    return OwnRecording.objects.create(prompt=prompt.id, language=prompt.language, sound=sound, by=by)


class Source(Enum):
    """Where what callers hear comes from."""

    PAGE = "page"  # recorded or uploaded on the page
    FILE = "file"  # a file that somebody put into the home folder
    SHIPPED = "shipped"


@dataclass(frozen=True)
class Heard:
    """One prompt in one language as callers hear it now."""

    prompt: Prompt
    source: Source
    newest: OwnRecording | None  # the last decision; without its sound
    has_earlier: bool  # a recording of the page that can be played again


def heard_in(language: str, home: Path) -> list[Heard]:
    """Return the prompts of a language in the order in which a caller meets them."""
    every = OwnRecording.objects.filter(language=language).order_by("-pk")
    with_sound = set(every.exclude(sound=None).values_list("pk", flat=True))
    rows: dict[str, list[OwnRecording]] = {}
    for row in every.select_related("by").defer("sound"):
        rows.setdefault(row.prompt, []).append(row)
    found = []
    for prompt in (it for it in Manifest().prompts.values() if it.language == language):
        decided = rows.get(prompt.id, [])
        newest = decided[0] if decided else None
        is_own = newest is not None and newest.pk in with_sound
        source = Source.PAGE if is_own else Source.FILE if _own_file(prompt, home) else Source.SHIPPED
        has_earlier = not is_own and any(row.pk in with_sound for row in decided)
        found.append(Heard(prompt, source, newest, has_earlier))
    return found


def sound_of(prompt: Prompt, home: Path) -> bytes:
    """Return what callers hear of this prompt, as 8 kHz µ-law."""
    newest = _rows_of(prompt).first()
    if newest is not None and newest.sound is not None:
        return bytes(newest.sound)
    return load_sound(_own_file(prompt, home) or prompt.recording.path)


def _own_file(prompt: Prompt, home: Path) -> Path | None:
    path = home / LOCAL / prompt.language / f"{prompt.id}.wav"
    return path if path.exists() and why_unplayable(path) is None else None
