"""G.711 is what the standard says, and sounds are read from the disk as it."""

import io
import struct
import wave

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from .. import g711
from ..g711 import ALAW_TO_ULAW, FRAME, SILENCE, ULAW_TO_ALAW, mix, parse_wav, split_into_frames, to_linear, to_ulaw
from ..tones import goertzel, tone


def wav(sound, *, encoding=1, channels=1, rate=8000, bits=16, extra=b""):
    fmt = struct.pack("<HHIIHH", encoding, channels, rate, rate * bits // 8, bits // 8, bits)
    body = b"WAVE" + b"fmt " + struct.pack("<I", len(fmt)) + fmt + extra
    body += b"data" + struct.pack("<I", len(sound)) + sound
    return b"RIFF" + struct.pack("<I", len(body)) + body


def test_known_codes_of_the_standard():
    # G.711 tables 2a and 2b: the loudest, the softest, and both zeros.
    assert list(to_linear(bytes([0x00, 0x80, 0x7F, 0xFF]))) == [-32124, 32124, 0, 0]
    assert to_ulaw(np.array([0, 32767, -32768])) == bytes([0xFF, 0x80, 0x00])
    assert set(to_linear(SILENCE)) == {0}


def test_every_code_but_the_second_zero_survives_the_way_through_linear():
    codes = bytes(code for code in range(256) if code != 0x7F)
    assert to_ulaw(to_linear(codes)) == codes


@given(st.integers(-32768, 32767))
def test_companding_errs_by_less_than_a_sixteenth(sample):
    error = abs(int(to_linear(to_ulaw(np.array([sample])))[0]) - sample)
    assert error <= max(8, abs(sample) / 16)


def test_the_other_law_keeps_a_tone_clean():
    there_and_back = tone(1000, 1).translate(ULAW_TO_ALAW).translate(ALAW_TO_ULAW)
    noise = to_linear(there_and_back).astype(int) - to_linear(tone(1000, 1))
    assert goertzel(to_linear(there_and_back), 1000) == pytest.approx(9000, rel=0.02)
    assert np.sqrt(np.mean(noise**2.0)) < 9000 / 30


def test_each_party_hears_the_others_and_not_itself():
    frames = [tone(hz, 0.02, loudness=3000) for hz in (300, 1000, 1500)]
    heard = mix(frames)
    for party in range(3):
        others = sum(to_linear(frames[other]).astype(int) for other in range(3) if other != party)
        assert heard[party] == to_ulaw(others)


def test_too_loud_together_is_clipped_and_does_not_wrap():
    loud = bytes([0x80]) * FRAME
    assert mix([loud, loud, SILENCE])[2] == loud


@given(st.binary(max_size=1000))
def test_frames_lose_nothing(sound):
    cut = list(split_into_frames(sound))
    assert all(len(frame) == FRAME for frame in cut)
    assert b"".join(cut).startswith(sound)
    assert len(cut) * FRAME < len(sound) + FRAME


@given(st.binary(min_size=1, max_size=700))
def test_a_looped_sound_has_no_seam(sound):
    looped = split_into_frames(sound, loop=True)
    heard = b"".join(next(looped) for _ in range(20))
    assert heard == (sound * (len(heard) // len(sound) + 1))[: len(heard)]


def test_a_wav_made_by_the_standard_library_is_read(tmp_path):
    with wave.open(str(tmp_path / "beep.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(to_linear(tone(440, 0.1)).tobytes())
    assert g711.load_wav(tmp_path / "beep.wav") == tone(440, 0.1)


def test_a_mulaw_wav_is_read_past_chunks_we_do_not_know():
    extra = b"LIST" + struct.pack("<I", 3) + b"abc\0"
    assert parse_wav(wav(b"\x12\x34", encoding=7, bits=8, extra=extra)) == b"\x12\x34"


@pytest.mark.parametrize(
    "file",
    [
        b"",
        b"RIFF",
        io.BytesIO(b"RIFF\x04\0\0\0WAVE").read(),
        wav(b"\0\0", channels=2),
        wav(b"\0\0", rate=44100),
        wav(b"\0\0", encoding=3, bits=32),
        b"RIFF\x20\0\0\0WAVEfmt \xff\xff\xff\xff\0",
    ],
)
def test_other_files_are_refused(file):
    with pytest.raises(ValueError, match=r"\w"):
        parse_wav(file)
