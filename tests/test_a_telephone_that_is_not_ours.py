"""Debian's baresip, which shares no code with us, as the caller's telephone and as the operator's desk phone."""

import re
import subprocess
import time
import wave
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from amparo.line.switchboard.media.tones import goertzel

from .hotline import hotline
from .ports import free_port
from .staff import Staff

RATE = 8000
MODULES = "/usr/lib/baresip/modules"
LOUD = 500  # of 32,767


def tone(path: Path, hz: float, seconds: float = 60) -> None:
    samples = 9000 * np.sin(2 * np.pi * hz * np.arange(round(seconds * RATE)) / RATE)
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes(samples.astype("<i2").tobytes())


class Baresip:
    """Speaks a tone from a file, writes what it hears to another, answers whatever rings."""

    def __init__(self, folder: Path, account: str, hz: float, *commands: str, trusts: Path | None = None) -> None:
        folder.mkdir()
        self.heard = folder / "heard.wav"
        tone(folder / "tone.wav", hz)
        (folder / "accounts").write_text(account + "\n")
        (folder / "contacts").touch()
        (folder / "config").write_text(
            f"sip_listen 127.0.0.1:{free_port()}\naudio_source aufile,{folder}/tone.wav\n"
            f"audio_player aufile,{self.heard}\naudio_alert aufile,none\nmodule_path {MODULES}\n"
            "module g711.so\nmodule aufile.so\nmodule srtp.so\nmodule dtls_srtp.so\n"
            "module_app account.so\nmodule_app menu.so\n" + (f"sip_cafile {trusts}\n" if trusts else "")
        )
        command = ["baresip", "-f", str(folder)]
        for each in commands:
            command += ["-e", each]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def sound(self) -> np.ndarray:
        """The sound that the telephone has heard; baresip writes the file's head only when the call is over."""
        return np.frombuffer(self.heard.read_bytes()[44:], "<i2") if self.heard.exists() else np.zeros(0, "<i2")

    def hang_up(self) -> None:
        self.process.terminate()
        self.process.wait(20)


@contextmanager
def baresip(*about):
    phone = Baresip(*about)
    try:
        yield phone
    finally:
        phone.hang_up()


def wait_for(fact, seconds: float = 60):
    end = time.monotonic() + seconds
    while not (found := fact()):
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.2)
    return found


def protection(operator: Staff) -> list[str]:
    """What the console says of the desk phone: its signalling, and the sound of its last call."""
    device = operator.get("/console/guide").partition('id="device"')[2]
    return [" ".join(words.split()) for words in re.findall(r"<dd>(.*?)</dd>", device, re.DOTALL)]


def strongest(sound: np.ndarray, *tones: float) -> float | None:
    """The tone that is loud somewhere in what was heard."""
    halves = [sound[start : start + RATE // 2] for start in range(0, len(sound) - RATE // 2, RATE // 2)]
    loudness = {hz: max((goertzel(half, hz) for half in halves), default=0) for hz in tones}
    best = max(loudness, key=lambda hz: loudness[hz])
    return best if loudness[best] > LOUD else None


@pytest.fixture(scope="module")
def it():
    with hotline() as it:
        yield it


def test_a_caller_hears_us_and_an_operator_by_desk_phone(it, tmp_path):
    ana = Staff(it)
    ana.sign_in()
    page = ana.post("/seat/phone")
    word = re.search(r"<dd[^>]*>([A-Za-z0-9_-]{16})</dd>", page)[1]
    ana.post("/seat/device", device="phone")
    ana.post("/seat/ready")
    assert protection(ana) == ["No está conectado en este momento.", "Todavía no ha habido llamadas."]
    at = f"127.0.0.1:{it.sip_port}"
    account = f"<sip:ana@{at}>;auth_pass={word};answermode=auto;audio_codecs=PCMU;regint=60"
    with baresip(tmp_path / "desk", account, 1000):
        stream = ana.open_stream()
        with baresip(
            tmp_path / "caller", "<sip:51900000077@127.0.0.1>;regint=0", 440, f"/dial sip:ayuda@{at}"
        ) as caller:
            wait_for(lambda: len(caller.sound()) > RATE)  # the opening words
            call = wait_for(lambda: re.search(r"/calls/([0-9a-f-]{36})/answer", ana.console()), 90)[1]
            ana.post(f"/calls/{call}/answer")
            wait_for(lambda: strongest(caller.sound()[-2 * RATE :], 1000) == 1000)
            assert all(words.startswith("Sin cifrar:") for words in protection(ana))  # neither TLS nor SRTP was set up
        stream.close()
    desk = np.frombuffer((tmp_path / "desk" / "heard.wav").read_bytes()[44:], "<i2")
    assert strongest(desk, 440) == 440
    assert strongest(desk, 1000) is None  # nobody hears themselves
