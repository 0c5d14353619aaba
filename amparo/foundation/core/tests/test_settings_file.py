"""One file of settings for units, commands and cron: read as systemd reads it, or refused in one sentence."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from amparo.foundation.core import process_environment, settings_file
from amparo.foundation.core.refusal import Misconfigured
from amparo.foundation.core.settings_file import parse, read_settings_file

PATH = Path("/etc/amparo/amparo.conf")


@pytest.fixture
def file(monkeypatch, tmp_path):
    """The file of the machine, which is not there yet; no setting stands in the environment."""
    monkeypatch.setattr(settings_file, "FILE", tmp_path / "amparo.conf")
    for name in [name for name in os.environ if name.startswith("AMPARO_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AMPARO_TRUNK_USER", "-")  # so that the end of the test puts it back
    monkeypatch.delenv("AMPARO_TRUNK_USER")
    return tmp_path / "amparo.conf"


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("AMPARO_TRUNK_USER=linea", "linea"),
        ("  AMPARO_TRUNK_USER = linea \t", "linea"),
        ("AMPARO_TRUNK_USER=", ""),
        ("AMPARO_TRUNK_USER=two words", "two words"),
        ("AMPARO_TRUNK_USER=a=b#c", "a=b#c"),
        ("AMPARO_TRUNK_USER='a # \\ \"b'", 'a # \\ "b'),
        ('AMPARO_TRUNK_USER="a \\"b\\" \\$ \\\\ # c"', 'a "b" $ \\ # c'),
        ("# AMPARO_TRUNK_USER=x\n; x\n\nAMPARO_TRUNK_USER=first\r\nAMPARO_TRUNK_USER=last\r\n", "last"),
    ],
)
def test_a_line_is_read_as_systemd_reads_it(line, value):
    assert parse(line, PATH) == {"AMPARO_TRUNK_USER": value}


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("export AMPARO_DEMO=secret", "does not read `export`: write AMPARO_DEMO=value without it."),
        ("AMPARO_DEMO", "this is no setting: write NAME=value"),
        ("AMPARO DEMO=secret", "this is no setting: write NAME=value"),
        ("[secret]", "this is no setting: write NAME=value"),
        ("AMPARO_HOSTS=secret", "AMPARO_HOSTS is no setting of Amparo: do you mean AMPARO_HOST?"),
        ("AMPARO_CONF=secret", "AMPARO_CONF is no setting of Amparo"),
        ("AMPARO_DEMO=secret # real", "a comment stands on a line of its own"),
        ("AMPARO_TRUNK_SECRET='secret", "write the whole value in single quotes"),
        ("AMPARO_TRUNK_SECRET=\"secret\" more", "write the whole value in single quotes"),
        ("AMPARO_TRUNK_SECRET=sec\\ret", "write the whole value in single quotes"),
        ("AMPARO_TRUNK_SECRET=secret\\", "write the setting on one line"),
        ("# a comment \\", "write the setting on one line"),
    ],
)  # fmt: skip
def test_a_line_that_could_be_mistaken_is_refused_without_its_value(line, sentence):
    with pytest.raises(Misconfigured) as refused:
        parse(f"AMPARO_DEMO=0\n{line}\n", PATH)
    assert f"{PATH}, line 2: " in str(refused.value)
    assert sentence in str(refused.value)
    assert "secret" not in str(refused.value)


def test_the_environment_wins_over_the_file_which_is_read_once(file, monkeypatch):
    file.write_text("AMPARO_TRUNK_USER=of-the-file\nAMPARO_DEMO=0\n")
    monkeypatch.setenv("AMPARO_DEMO", "1")
    read_settings_file()
    assert (os.environ["AMPARO_TRUNK_USER"], os.environ["AMPARO_DEMO"]) == ("of-the-file", "1")
    file.write_text("nothing that is a setting")
    read_settings_file()  # as a process of ours does that was started with these settings


def test_a_secret_may_come_as_a_credential_of_systemd_and_wins_over_the_file(file, monkeypatch, tmp_path):
    file.write_text("AMPARO_TRUNK_SECRET=of-the-file\nAMPARO_TRUNK_USER=of-the-file\n")
    monkeypatch.setenv("AMPARO_TRUNK_SECRET", "of-the-file")  # systemd has read the file, too
    (tmp_path / "AMPARO_TRUNK_SECRET").write_text("sealed\n")
    (tmp_path / "AMPARO_TRUNK_USER").write_text("no secret, so no credential")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    read_settings_file()
    assert (os.environ["AMPARO_TRUNK_SECRET"], os.environ["AMPARO_TRUNK_USER"]) == ("sealed", "of-the-file")


def test_a_command_misses_no_secret_that_units_alone_are_given(monkeypatch, tmp_path):
    monkeypatch.delenv("AMPARO_PROCESS", raising=False)
    monkeypatch.setattr(process_environment, "SEALED", tmp_path)
    assert not process_environment.is_withheld("AMPARO_SMS_SECRET")
    (tmp_path / "AMPARO_SMS_SECRET").touch()
    assert process_environment.is_withheld("AMPARO_SMS_SECRET")


def test_without_the_file_nothing_happens_but_a_named_file_must_be_there(file, monkeypatch):
    before = {**os.environ, "AMPARO_CONF": ""}
    read_settings_file()
    assert os.environ == before
    monkeypatch.setenv("AMPARO_CONF", str(file))
    with pytest.raises(Misconfigured, match=f"AMPARO_CONF={file} is not a file"):
        read_settings_file()


def test_another_file_can_be_named(file, monkeypatch, tmp_path):
    file.write_text("not this one")
    (tmp_path / "other").write_text("AMPARO_TRUNK_USER=other")
    monkeypatch.setenv("AMPARO_CONF", str(tmp_path / "other"))
    read_settings_file()
    assert os.environ["AMPARO_TRUNK_USER"] == "other"


def test_a_file_that_cannot_be_read_never_means_the_defaults(file):
    file.write_bytes(b"AMPARO_TRUNK_USER=\xff")
    with pytest.raises(Misconfigured, match="cannot be read \\(it is not UTF-8\\)"):
        read_settings_file()
    file.unlink()
    file.mkdir()
    with pytest.raises(Misconfigured, match="cannot be read \\(Is a directory\\)"):
        read_settings_file()


def test_only_who_has_the_settings_needs_no_right_to_read_the_file(file, monkeypatch):
    """As a unit of systemd has them, which read the file as root."""
    file.write_text("AMPARO_DEMO=0")

    def refuse(*_args: object, **_named: object) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_text", refuse)  # root may read everything
    with pytest.raises(Misconfigured, match="cannot be read \\(Permission denied\\)"):
        read_settings_file()
    monkeypatch.setenv("AMPARO_DEMO", "0")
    read_settings_file()


def test_a_command_starts_with_the_settings_of_the_file(tmp_path):
    file = tmp_path / "amparo.conf"
    file.write_text(f"AMPARO_HOME={tmp_path / 'home'}\nAMPARO_TIME_ZONE=Lima\n")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AMPARO_")}
    started = subprocess.run(
        [sys.executable, "-m", "amparo", "run"], env={**inherited, "AMPARO_CONF": str(file)},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert (started.returncode, started.stdout) == (2, "")
    assert started.stderr == "amparo: AMPARO_TIME_ZONE=Lima is not a time zone: write it as America/Lima.\n"
    assert not (tmp_path / "home").exists()
