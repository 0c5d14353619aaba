"""G.711: telephone sound, one byte per sample, 8,000 samples a second (ITU-T G.711).

Inside the switchboard every sound is µ-law, cut into frames of 160 bytes (20 ms).
"""

import io
import struct
import wave
from collections.abc import Iterator, Sequence
from itertools import cycle
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 8000
FRAME_SECONDS = 0.02
FRAME = 160  # bytes, and samples, of one frame
SILENCE = b"\xff" * FRAME

Samples = NDArray[np.int16]


def _expand_ulaw(code: int) -> int:
    code = ~code & 0xFF
    magnitude = (((code & 0x0F) << 3) + 0x84) << (code >> 4 & 7)
    return 0x84 - magnitude if code & 0x80 else magnitude - 0x84


def _expand_alaw(code: int) -> int:
    code ^= 0x55
    exponent, magnitude = code >> 4 & 7, (code & 0x0F) << 4
    magnitude = magnitude + 8 if exponent == 0 else magnitude + 0x108 << exponent - 1
    return magnitude if code & 0x80 else -magnitude


def _nearest_codes(expanded: Samples) -> NDArray[np.uint8]:
    """Return the nearest code for each of the 65,536 linear samples (index: sample + 32768)."""
    order = np.argsort(expanded, kind="stable")
    values = expanded[order].astype(np.int32)
    samples = np.arange(-32768, 32768)
    above = np.clip(np.searchsorted(values, samples, side="right"), 1, 255)
    nearer_below = samples - values[above - 1] < values[above] - samples
    return order[above - nearer_below].astype(np.uint8)


_FROM_ULAW = np.array([_expand_ulaw(code) for code in range(256)], np.int16)
_FROM_ALAW = np.array([_expand_alaw(code) for code in range(256)], np.int16)
_TO_ULAW = _nearest_codes(_FROM_ULAW)
_TO_ALAW = _nearest_codes(_FROM_ALAW)

# For bytes.translate, which converts a frame in one C call.
ULAW_TO_ALAW = bytes(_TO_ALAW[_FROM_ULAW.astype(np.int32) + 32768])
ALAW_TO_ULAW = bytes(_TO_ULAW[_FROM_ALAW.astype(np.int32) + 32768])


def to_linear(ulaw: bytes) -> Samples:
    """Convert µ-law to 16-bit samples."""
    return _FROM_ULAW[np.frombuffer(ulaw, np.uint8)]


def to_ulaw(samples: NDArray[np.integer]) -> bytes:
    """Convert linear samples to µ-law. Values beyond 16 bits are clipped."""
    return bytes(_TO_ULAW[np.clip(samples, -32768, 32767).astype(np.int32) + 32768])


def mix(frames: list[bytes], whispers: Sequence[int] = (), outside: Sequence[int] = ()) -> list[bytes]:
    """Return the frame that each party hears: the sum of all frames but its own.

    The parties of `outside` do not hear those of `whispers`. Both list indexes of `frames`; no index is in both.
    """
    spoken = to_linear(b"".join(frames)).reshape(len(frames), FRAME).astype(np.int32)
    sums = spoken.sum(axis=0) - spoken
    if whispers:
        sums[list(outside)] -= spoken[list(whispers)].sum(axis=0)
    heard = to_ulaw(sums)
    return [heard[start : start + FRAME] for start in range(0, len(heard), FRAME)]


def split_into_frames(sound: bytes, *, loop: bool = False) -> Iterator[bytes]:
    """Split a sound into frames. The last one is padded with silence; with `loop`, the sound repeats without end."""
    if loop and sound:
        return _endless_frames(sound)
    padded = sound + SILENCE[: -len(sound) % FRAME]
    return (padded[start : start + FRAME] for start in range(0, len(padded), FRAME))


def _endless_frames(sound: bytes) -> Iterator[bytes]:
    # As many repetitions as give whole frames (at most 160), so that the seam is not heard.
    rounds = FRAME // np.gcd(FRAME, len(sound))
    return cycle(split_into_frames(sound * int(rounds)))


def load_wav(path: Path) -> bytes:
    """Load a WAV file as µ-law. Raises ValueError unless it is mono, 8 kHz, µ-law or 16-bit linear."""
    return parse_wav(path.read_bytes())


# RFC 2361 numbers of the two encodings we accept. The standard library's `wave` reads only the first.
_LINEAR, _MULAW = 1, 7


def parse_wav(wav: bytes) -> bytes:
    """Return the µ-law sound in the bytes of a WAV file. Raises ValueError as `load_wav` does."""
    chunks = dict(_riff_chunks(wav))
    if len(chunks.get(b"fmt ", b"")) < 16 or b"data" not in chunks:
        raise ValueError("This is not a WAV file.")
    encoding, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", chunks[b"fmt "])
    if (channels, rate) != (1, SAMPLE_RATE):
        raise ValueError("The sound must be mono, 8,000 samples a second.")
    if (encoding, bits) == (_MULAW, 8):
        return chunks[b"data"]
    if (encoding, bits) == (_LINEAR, 16):
        samples = chunks[b"data"][: len(chunks[b"data"]) & ~1]  # without half a sample at the end
        return to_ulaw(np.frombuffer(samples, "<i2"))
    raise ValueError("The sound must be µ-law or 16-bit linear.")


def as_wav(ulaw: bytes) -> bytes:
    """Return µ-law sound as a WAV file that every browser plays: 16 bits, 8 kHz."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(SAMPLE_RATE)
        sound.writeframes(to_linear(ulaw).astype("<i2").tobytes())
    return file.getvalue()


def _riff_chunks(wav: bytes) -> Iterator[tuple[bytes, bytes]]:
    file = io.BytesIO(wav)
    form, _, kind = struct.unpack("<4sI4s", file.read(12).ljust(12, b"\0"))
    if (form, kind) != (b"RIFF", b"WAVE"):
        return
    while len(header := file.read(8)) == 8:
        name, size = struct.unpack("<4sI", header)
        yield name, file.read(size)
        file.seek(size & 1, io.SEEK_CUR)  # chunks start on even bytes
