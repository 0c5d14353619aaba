"""With two names pages come by https alone; with one, a hotline is known by its own addresses."""

from dataclasses import replace

import pytest

from amparo.foundation.core.asgi_entrance import ONLY_HTTPS, OTHER_NAME, refusal_of
from amparo.foundation.core.environment import Environment, read_environment

PUBLIC, STAFF = "help.example", "desk.example"


@pytest.fixture
def real() -> Environment:
    return replace(read_environment(), demo=False, web_hosts=("192.0.2.10", "127.0.0.1", "::1"))


@pytest.fixture
def two(real) -> Environment:
    return replace(real, public_host=PUBLIC, staff_host=STAFF)


def request(*hosts: str, scheme: str = "http", path: str = "/sign-in") -> dict:
    return {"path": path, "scheme": scheme, "headers": [(b"host", host.encode()) for host in hosts]}


@pytest.mark.parametrize(
    "host", [PUBLIC, STAFF, f"{STAFF}:8000", "DESK.example", "192.0.2.10:8000", "", "evil.example"]
)
def test_with_two_names_nothing_comes_in_by_http(two, host):
    assert refusal_of(request(host), two) == ONLY_HTTPS
    assert refusal_of(request(host, scheme="https"), two) is None  # the control: a proxy of ours says so
    assert refusal_of(request(host, path="/healthz"), two) is None


@pytest.mark.parametrize("name", ["localhost", "line.onion", "127.0.0.1"])
def test_a_name_without_a_certificate_alone_is_excepted(two, name):
    onion = replace(two, public_host=name)
    assert refusal_of(request(name), onion) is None
    assert refusal_of(request(f"{name}:8000"), onion) is None
    assert refusal_of(request(STAFF), onion) == ONLY_HTTPS
    assert refusal_of(request(name, STAFF), onion) == ONLY_HTTPS


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "", "192.0.2.11", "127.0.0.1.evil.example"])
def test_no_hotline_is_served_under_a_strangers_name(real, host):
    for line in (real, replace(real, demo=True)):
        assert refusal_of(request(host, path="/news.atom"), line) == OTHER_NAME
        assert refusal_of(request(host, path="/healthz"), line) is None


@pytest.mark.parametrize("host", ["192.0.2.10", "192.0.2.10:8000", "127.0.0.1:8000", "localhost:8000", "[::1]:8000"])
def test_the_control_its_own_addresses_are_its_names(real, host):
    assert refusal_of(request(host), real) is None
    assert refusal_of(request(host), replace(real, demo=True)) is None
    assert refusal_of(request("localhost"), replace(real, web_hosts=("192.0.2.10",))) == OTHER_NAME
