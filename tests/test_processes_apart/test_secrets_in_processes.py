"""Each process has only the secrets that it uses: read from /proc/<pid>/environ of a hotline that runs."""

from pathlib import Path

from tests.hotline import children_of

from .conftest import PLANTED

USED_BY = {
    "run": set(PLANTED),
    "web": {"AMPARO_SMS_SECRET", "AMPARO_WHATSAPP_SECRET", "AMPARO_WHATSAPP_VERIFY"},
    "worker": {"AMPARO_EMAIL_PASSWORD", "AMPARO_SMS_SECRET", "AMPARO_WHATSAPP_TOKEN"},
    "switchboard": {"AMPARO_TRUNK_SECRET"},
    "sealer": set(),
    "network": set(),
    "postgres": set(),
}


def planted_in(pid: int) -> set[str] | None:
    """Which of the planted values the kernel shows in the environment of a process, under any name. None if it ended,
    as servants of PostgreSQL do at any time.
    """
    try:
        shown = Path(f"/proc/{pid}/environ").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return {name for name, value in PLANTED.items() if value.encode() in shown}


def test_each_process_keeps_what_it_uses_and_nothing_else(line):
    processes = line.processes()
    processes["postgres"] |= {each for pid in processes["postgres"] for each in children_of(pid)}
    planted = {name: [planted_in(pid) for pid in pids] for name, pids in processes.items()}
    found = {name: {frozenset(each) for each in sets if each is not None} for name, sets in planted.items()}
    assert found == {name: {frozenset(used)} for name, used in USED_BY.items()}


def test_what_is_no_secret_stays(line):
    """The control: the rest of the environment is still there."""
    for name in ("web", "worker", "switchboard", "sealer", "network"):
        [pid, *_] = line.processes()[name]
        assert f"AMPARO_HTTP_PORT={line.http_port}\0".encode() in Path(f"/proc/{pid}/environ").read_bytes()


def test_each_channel_works_without_the_secrets_of_others(line):
    assert line.health()["status"] == "ok"
    assert "Misconfigured" not in line.log.read_text()
    assert "Traceback" not in line.log.read_text()
