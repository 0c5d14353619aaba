"""`amparo doctor`, and the checks of the machine: certificates, clock, memory."""

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.db import OperationalError, connection
from django.utils import translation

from amparo.foundation.access import first_run
from amparo.foundation.access.models import FirstRun, Step
from amparo.foundation.core.production import Weakness
from amparo.line.switchboard.picklists import Trunk
from amparo.line.switchboard.rules import Status
from amparo.screens.administration import commands, machine, rules, version
from amparo.screens.administration.part import AMBER, GREEN, RED, Part

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


def certificate(ends_at: datetime) -> bytes:
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    made = x509.CertificateBuilder(name, name, key.public_key(), 7, NOW - timedelta(days=90), ends_at)
    return made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def part_of_calls(settings, file) -> Part:
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, public_host=None, staff_host=None, sip_tls=(file, file))
    with translation.override("en"):
        [part] = machine.certificates(settings.ENVIRONMENT, NOW)
    return part


@pytest.mark.parametrize(
    ("left", "light", "words"),
    [
        (timedelta(days=22), GREEN, "It lasts 22 days more."),
        (timedelta(days=1, hours=1), AMBER, "It lasts 1 day more."),
        (timedelta(hours=-1), RED, "It ended on"),
    ],
)
def test_a_certificate_is_told_of_before_it_ends(settings, tmp_path, left, light, words):
    file = tmp_path / "line.pem"
    file.write_bytes(certificate(NOW + left))
    part = part_of_calls(settings, file)
    assert part.light == light
    assert words in part.words
    assert bool(part.remedy) == (light != GREEN)


def test_a_certificate_that_cannot_be_read_is_said(settings, tmp_path):
    assert part_of_calls(settings, tmp_path / "none.pem").light == AMBER


def test_a_name_where_nothing_answers_is_said_and_nothing_is_asked_twice(settings, monkeypatch):
    connections: list[tuple[str, int]] = []

    def refuse(address: tuple[str, int], _timeout: float) -> None:
        connections.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(machine.socket, "create_connection", refuse)
    names = {"public_host": "linea.invalid", "staff_host": "mesa.invalid", "sip_tls": None}
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, **names)
    for _ in range(2):
        parts = list(machine.certificates(settings.ENVIRONMENT, NOW))
        assert [(part.key, part.light) for part in parts] == [("certificate", AMBER)] * 2
    assert connections == [("linea.invalid", 443), ("mesa.invalid", 443)]


@pytest.mark.parametrize(("state", "light"), [(0, GREEN), (machine.UNSYNCHRONISED, AMBER)])
def test_a_clock_that_no_time_server_sets_is_said(monkeypatch, state, light):
    assert machine._state_of_clock() in range(6)  # adjtimex(2)
    monkeypatch.setattr(machine, "_state_of_clock", lambda: state)
    assert machine.clock().light == light


@pytest.mark.parametrize(("free", "light"), [(101, GREEN), (99, AMBER)])
def test_little_memory_is_said(tmp_path, free, light):
    file = tmp_path / "meminfo"
    file.write_text(f"MemTotal:        1000 kB\nMemAvailable:     {free} kB\nHugePages_Total:       0\n")
    assert machine.memory(file).light == light


def test_the_doctor_says_each_part_and_what_to_do(monkeypatch, capsys):
    found = [Part("disk", "Disk", GREEN, ("Half.",)), Part("clock", "Clock", AMBER, ("Late.",), "Set it.")]
    monkeypatch.setattr(commands, "parts", lambda _now: found)
    assert commands.doctor("en", [Weakness("Keys.", "Hide them.")]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "well        Disk: Half.",
        "look at it  Clock: Late.",
        "            → Set it.",
        "weak        Keys.",
        "            → Hide them.",
        "The line answers. 1 thing to look at.",
    ]
    found.append(Part("trunk", "Trunk", RED, ("Refused.",)))
    assert commands.doctor("es", []) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "1 parte no funciona."


def test_a_command_loads_no_telephone_and_no_spreadsheet():
    """They were a quarter of the work of each command, and few need them."""
    loads = "import django, sys; django.setup(); import amparo.screens.administration.commands; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", loads], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert not loaded & {"aiortc", "av", "openpyxl"}
    assert "amparo.demo.tasks" in loaded  # the control: all jobs are known


def test_without_a_database_the_other_parts_are_still_told(db, monkeypatch):
    every_part = {part.key for part in rules.parts(NOW)}

    def away() -> None:
        raise OperationalError

    with monkeypatch.context() as patched:
        patched.setattr(connection, "cursor", away)
        lights = {part.key: part.light for part in rules.parts(NOW)}
    assert lights["database"] == RED
    assert every_part - set(lights) == {"worker", "ledger", "channels", "first_run"}


def first_run_in_words(now: datetime) -> str:
    with translation.override("en"):
        return " ".join(part.words for part in rules.first_run_part(now))


def test_a_first_run_that_is_not_finished_is_said(db):
    assert first_run_in_words(NOW) == "Nobody can sign in yet."
    first_run.make_link("adela", "", NOW)
    assert "Nobody has opened the link" in first_run_in_words(NOW)
    assert "is too old" in first_run_in_words(NOW + FirstRun.GOOD_FOR)
    FirstRun.objects.update(opened_at=NOW, step=Step.WAYS)
    assert first_run_in_words(NOW) == "Step 3 of 4 was not taken yet: Two ways in."
    FirstRun.objects.update(finished_at=NOW, step=Step.SHEET)
    assert first_run_in_words(NOW) == ""


@pytest.mark.parametrize(
    ("of_switchboard", "is_told"), [("0.0.9", True), (version.running_version(), False), ("", False)]
)
def test_after_an_update_it_says_while_the_version_before_answers_calls(of_switchboard, is_told):
    with translation.override("en"):
        words = " ".join(rules._calls(Status(1, 2, 100, Trunk.NONE, [], of_switchboard)))
    assert ("Amparo 0.0.9 still answers" in words) == ("still answers" in words) == is_told
