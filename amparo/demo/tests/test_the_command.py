"""`amparo demo call`, as it is typed."""

import os
import signal
import subprocess
import sys

from tests.hotline import RTP_PORTS

from . import minute


def amparo(*words, **environment):
    return subprocess.Popen(
        [sys.executable, "-m", "amparo", "demo", *words], env=os.environ | environment,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def of(line):
    return {
        "AMPARO_HOME": line.do(minute.home),
        "AMPARO_SIP_PORT": str(line.sip_port),
        "AMPARO_RTP_PORTS": RTP_PORTS,
    }


def test_a_call_is_told_a_line_a_step(line, played):
    output, _ = (call := amparo("call", "--caller", "colibrí", **of(line))).communicate(timeout=60)
    assert call.returncode == 0
    assert "is invented" in output
    assert output.splitlines()[1:] == ["Colibrí calls", "Colibrí hears the opening words", "Colibrí hangs up"]


def test_ctrl_c_hangs_up(line, played):
    call = amparo("call", "--caller", "tucan", **of(line))
    assert "is invented" in call.stdout.readline()
    assert "calls" in call.stdout.readline()
    call.send_signal(signal.SIGINT)
    assert call.wait(30) == 130
    assert "Traceback" not in call.stderr.read()


def test_without_a_hotline_one_sentence_says_what_to_do(tmp_path):
    _, sentence = (call := amparo("call", AMPARO_HOME=str(tmp_path))).communicate(timeout=60)
    assert call.returncode == 2
    assert sentence.splitlines()[-1] == (
        "amparo: The hotline is not running here: start it with `make run`, then type this again."
    )
