"""`amparo demo call`, as it is typed."""

import signal
import subprocess
import sys

from tests.hotline import CHECKOUT, Hotline

from . import minute


def test_a_call_is_told_a_line_a_step(line, played):
    done = line.run("demo", "call", "--caller", "colibrí")
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert "is invented" in lines[0]
    assert lines[1:] == ["Colibrí calls", "Colibrí hears the opening words", "Colibrí hangs up"]


def test_ctrl_c_hangs_up(line, played):
    command = [sys.executable, "-m", "amparo", "demo", "call", "--caller", "tucan"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=CHECKOUT, env=line.environment, stdout=pipe, stderr=pipe, text=True) as call:
        assert "is invented" in call.stdout.readline()
        assert "calls" in call.stdout.readline()
        for _ in range(2):  # an impatient person presses twice
            call.send_signal(signal.SIGINT)
        assert call.wait(30) == 130
        assert "Traceback" not in call.stderr.read()
    assert line.do(minute.all_have_ended)


def test_without_a_hotline_one_sentence_says_what_to_do(tmp_path):
    done = Hotline(tmp_path).run("demo", "call")
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == (
        f"amparo: The home {tmp_path} does not say yet what it is: start it once, such as with `make run`."
    )
