"""Render recordings that are missing, altered or stale, and write their digests into the manifests."""

import argparse
import hashlib
import re
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import mastering
import packages
import soundfile
import tones
from kokoro import RATE, Kokoro

from amparo.line.practice_phone.voices import callers
from amparo.line.switchboard.prompts.manifest import MANIFEST, Manifest
from amparo.line.switchboard.prompts.recording import Recording

TONES = {"beep": (tones.beep, mastering.SPEECH_LUFS), "hold": (tones.hold, mastering.MUSIC_LUFS)}
PRACTICE = callers.FOLDER.parents[2] / "programme/training/voices"
CACHE = Path(tempfile.gettempdir()) / "amparo-voices"


@dataclass(frozen=True)
class Entry:
    """A recording and its place in a manifest."""

    manifest: Path
    table: str
    recording: Recording


def entries() -> Iterator[Entry]:
    """Yield every recording of Amparo."""
    prompts = Manifest()
    for (id, language), prompt in prompts.prompts.items():
        yield Entry(prompts.folder / MANIFEST, f"{id}.{language}", prompt.recording)
    for folder in (callers.FOLDER, PRACTICE):
        for table, recording in callers.recordings_of_callers(folder).items():
            yield Entry(folder / callers.MANIFEST, table, recording)


def render(recording: Recording, kokoro: Kokoro) -> None:
    """Render a synthetic recording's file."""
    if recording.voice in TONES:
        make, lufs = TONES[recording.voice]
        return mastering.write(make(), tones.RATE, recording.path, lufs)
    spoken = kokoro.speak(recording.say, recording.phonemes, recording.voice, recording.speed)
    return mastering.write(spoken, RATE, recording.path)


def adopt(take: Path, recording: Recording) -> None:
    """Adopt a human's recording, at the loudness of the others."""
    sound, rate = soundfile.read(take, dtype="float32")
    if sound.ndim != 1 or rate < 16_000:
        sys.exit("Record one channel, at 16 kHz or more.")
    mastering.write(sound, rate, recording.path)


def stamp(entry: Entry) -> None:
    """Write the digests of a new file into its table."""
    sha256 = hashlib.sha256(entry.recording.path.read_bytes()).hexdigest()
    head, table, rest = entry.manifest.read_text(encoding="utf-8").partition(f"[{entry.table}]\n")
    for name, digest in (("made_from", entry.recording.source_digest), ("sha256", sha256)):
        rest = re.sub(rf'^{name} = ".*"$', f'{name} = "{digest}"', rest, count=1, flags=re.MULTILINE)
    entry.manifest.write_text(head + table + rest, encoding="utf-8")


def render_stale() -> None:
    """Render faulty synthetic recordings. A human's recording is not replaced."""
    at_fault = [entry for entry in entries() if entry.recording.synthetic and entry.recording.fault]
    packages.fetch(CACHE)
    kokoro = Kokoro(CACHE)
    for entry in at_fault:
        render(entry.recording, kokoro)
        stamp(entry)
        print(entry.recording.name)


def main() -> None:
    """Render faulty recordings, or adopt one take."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--adopt", nargs=2, metavar=("TAKE", "NAME"), help="a recording, and es-PE/welcome or the like")
    arguments = parser.parse_args()
    if not arguments.adopt:
        return render_stale()
    take, name = arguments.adopt
    (entry,) = [entry for entry in entries() if entry.recording.name == name]
    if entry.recording.synthetic:
        sys.exit(f"First write synthetic = false and recorded_by in the table [{entry.table}].")
    adopt(Path(take), entry.recording)
    return stamp(entry)


if __name__ == "__main__":
    main()
