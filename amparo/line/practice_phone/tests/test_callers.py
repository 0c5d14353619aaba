import shutil
import tomllib

import numpy as np
import pytest

from amparo.line.practice_phone.voices.callers import ATTENDED, FOLDER, MANIFEST, callers, check_recordings
from amparo.line.switchboard.media import g711
from amparo.line.switchboard.prompts.manifest import SHIPPED, Manifest

CALLERS = callers()
STEPS = {f"{caller.id}-{step.id}": step for caller in CALLERS.values() for step in caller.steps}
SPOKEN = {name: step for name, step in STEPS.items() if step.recording}
BYTES_ALLOWED = 6 * 1024 * 1024


def test_all_recordings_are_complete():
    assert check_recordings() == []


def test_stale_missing_and_unlisted_files_are_reported(tmp_path):
    copy = shutil.copytree(FOLDER, tmp_path / "voices", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    text = (copy / MANIFEST).read_text(encoding="utf-8")
    (copy / MANIFEST).write_text(text.replace("Tengo diecisiete años.", "Tengo dieciocho años."), encoding="utf-8")
    (copy / "ceibo" / "offer.wav").unlink()
    shutil.copy(copy / "ceibo" / "doubt.wav", copy / "ceibo" / "more.wav")
    assert check_recordings(copy) == [
        "tucan/age: the text or the voice was changed after the recording; record it again.",
        "ceibo/offer: the file is missing.",
        "ceibo/more: the manifest does not list this file.",
    ]


def test_all_are_marked_as_invented_and_synthetic():
    every = tomllib.loads((FOLDER / MANIFEST).read_text(encoding="utf-8"))["every"]
    assert every["invented"] is True
    assert every["synthetic"] is True


def test_no_caller_speaks_with_the_voice_of_the_line():
    voices = {recording.voice for recording in (step.recording for step in SPOKEN.values())}
    assert voices.isdisjoint(prompt.recording.voice for prompt in Manifest().prompts.values())


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_a_step_does_one_thing_and_waits_for_what_exists(step):
    assert [bool(step.recording), bool(step.keys), step.hangs_up].count(True) == 1
    assert step.cue in {"", ATTENDED, *Manifest().ids}
    assert set(step.keys) <= set("0123456789*#")


@pytest.mark.parametrize("step", SPOKEN.values(), ids=SPOKEN)
def test_each_recording_is_audible(step):
    samples = np.abs(g711.to_linear(step.sound).astype(int))
    assert len(samples) % g711.FRAME == 0
    assert 0.15 < samples.max() / 32768 < 0.98


def test_the_silent_caller_says_nothing_and_answers_by_keys():
    assert [step.keys for step in CALLERS["lechuza"].steps] == ["5", "1", "2", "1"]


def test_the_number_left_by_keys_belongs_to_nobody():
    (number,) = [step.keys for step in CALLERS["quenual"].steps if step.cue == "callback-number"]
    assert number.startswith("00000000")


def test_all_sound_of_the_project_stays_small():
    files = [*SHIPPED.glob("*/*.wav"), *FOLDER.glob("*/*.wav")]
    assert sum(file.stat().st_size for file in files) <= BYTES_ALLOWED
