"""The parts of the Debian package agree. Whether it works, deploy/debian/try says, in a Debian of its own."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from amparo import __main__ as commands
from amparo.foundation.core import accounts, database
from amparo.foundation.core.process_environment import DATABASE, OPEN, SECRETS
from amparo.foundation.core.refusal import Misconfigured
from amparo.foundation.core.settings_file import parse

ROOT = Path(__file__).parent.parent
RECIPES = ROOT / "deploy" / "debian"
SCRIPTS = (
    "build", "try", "amparo", "config", "preinst", "postinst", "prerm", "postrm", "restart", "estimation.postinst",
    "estimation.prerm",
)  # fmt: skip
UNITS = sorted((RECIPES / "units").glob("*.service"))


def test_every_script_can_be_read_by_the_shell():
    for name in SCRIPTS:
        assert "\nset -e" in (RECIPES / name).read_text(), name
        subprocess.run(["sh", "-n", RECIPES / name], check=True)


def test_the_versions_and_fields_of_both_packages_agree():
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    assert needed == ">=3.12"  # Debian's python3 is newer
    for name in ("amparo", "amparo-estimation"):
        fields = dict(re.findall(r"^([A-Z][\w-]+): (.*)$", (RECIPES / f"control.{name}").read_text(), re.M))
        assert fields["Package"] == name
        assert (fields["Version"], fields["Architecture"]) == ("@VERSION@", "@ARCHITECTURE@")
    assert "amparo (= @VERSION@)" in (RECIPES / "control.amparo-estimation").read_text()
    assert f"postgresql-client-{database.OLDEST}" in (RECIPES / "control.amparo").read_text()


def test_every_unit_runs_a_command_that_exists_as_an_account_that_exists():
    assert len(UNITS) == 6
    for unit in UNITS:
        text = unit.read_text()
        (verb,) = re.findall(r"^ExecStart=/usr/bin/amparo (\w+)", text, re.M)
        assert callable(getattr(commands, verb)), unit.name
        assert set(re.findall(r"^User=(.*)$", text, re.M)) <= set(accounts.GROUPS), unit.name
        assert "\n@HARDENING@\n" in text, unit.name


def test_each_process_is_given_its_own_secrets_as_credentials():
    for unit in UNITS:
        process = unit.name.removeprefix("amparo-").split(".")[0].removesuffix("@")
        own = {name for name, processes in SECRETS.items() if process in processes}
        assert set(re.findall(r"^ImportCredential=(.*)$", unit.read_text(), re.M)) == own, unit.name


def test_every_question_is_asked_in_english_and_spanish():
    templates = (RECIPES / "templates").read_text()
    found = re.split(r"^Template: ", templates, flags=re.M)[1:]
    questions = set(re.findall(r"^for question in (.*); do$", (RECIPES / "config").read_text(), re.M)[0].split())
    assert {each.split()[0] for each in found} == {f"amparo/{name}" for name in questions | {"delete-data"}}
    for each in found:
        assert "\nDescription: " in each
        assert "\nDescription-es: " in each


def test_the_first_settings_are_settings_of_amparo():
    settings = parse((RECIPES / "amparo.conf").read_text(), RECIPES / "amparo.conf")
    assert "AMPARO_STAFF_HOST" in settings
    assert settings.keys() <= OPEN | {DATABASE}


def test_the_programs_of_the_system_are_those_of_its_newest_postgresql(tmp_path):
    for version in ("9.6", "17", "18"):
        (tmp_path / version / "bin").mkdir(parents=True)
    assert database.system_programs(tmp_path) == tmp_path / "18" / "bin"


def test_without_programs_of_postgresql_a_sentence_says_what_to_install(tmp_path):
    (tmp_path / "15" / "bin").mkdir(parents=True)
    with pytest.raises(Misconfigured, match="install postgresql-client-17"):
        database.system_programs(tmp_path)
