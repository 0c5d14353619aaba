"""What listens to the network and should not: the pages past their web server, and a database."""

from dataclasses import replace

import pytest

from amparo.screens.administration.part import AMBER, GREEN
from amparo.screens.administration.ports import open_ports

HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
# As proc_net(5) says it on a machine whose lowest byte comes first: 127.0.0.1, 192.0.2.10, and every address.
LOOPBACK, OWN, EVERY = "0100007F", "0A0200C0", "00000000"
LOOPBACK_6, EVERY_6, MAPPED = "0" * 24 + "01000000", "0" * 32, "0" * 16 + "FFFF00000100007F"
WEB, POSTGRESQL = f"{8000:04X}", f"{5432:04X}"


@pytest.fixture
def here(settings):
    return replace(settings.ENVIRONMENT, demo=False, http_port=8000, proxies=("127.0.0.1",), database_url=None)


def part_of(here, folder, *rows: str, file: str = "tcp"):
    lines = "".join(f"   0: {row.replace(' ', ' 00000000:0000 ')} 00000000:00000000 00:00000000 0\n" for row in rows)
    (folder / file).write_text(HEAD + lines)
    return open_ports(here, folder)


@pytest.mark.parametrize(
    ("row", "file", "light"),
    [
        (f"{LOOPBACK}:{WEB} 0A", "tcp", GREEN),
        (f"{OWN}:{WEB} 0A", "tcp", AMBER),
        (f"{EVERY}:{POSTGRESQL} 0A", "tcp", AMBER),
        (f"{OWN}:{WEB} 01", "tcp", GREEN),  # a connection, which does not listen
        (f"{OWN}:{5060:04X} 0A", "tcp", GREEN),
        (f"{LOOPBACK_6}:{WEB} 0A", "tcp6", GREEN),
        (f"{MAPPED}:{WEB} 0A", "tcp6", GREEN),
        (f"{EVERY_6}:{WEB} 0A", "tcp6", AMBER),
    ],
)
def test_what_other_machines_may_reach_is_said(here, tmp_path, row, file, light):
    assert part_of(here, tmp_path, row, file=file).light == light


def test_the_pages_may_listen_for_a_web_server_elsewhere(here, tmp_path):
    elsewhere = replace(here, proxies=("192.0.2.20",))
    assert part_of(elsewhere, tmp_path, f"{OWN}:{WEB} 0A").light == GREEN
    assert part_of(elsewhere, tmp_path, f"{OWN}:{WEB} 0A", f"{OWN}:{POSTGRESQL} 0A").light == AMBER
    assert "8000" in part_of(here, tmp_path, f"{OWN}:{WEB} 0A").words


def test_the_files_of_this_machine_can_be_read(here):
    assert open_ports(here).key == "ports"
