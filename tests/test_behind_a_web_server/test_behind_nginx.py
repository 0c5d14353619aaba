"""The web server of the manual (docs/en/administrator.md), as printed there, in front of a real hotline."""

import shutil
import ssl
import subprocess
import textwrap
import time
from collections.abc import Iterator
from http.client import HTTPMessage, HTTPSConnection

import pytest

from amparo.screens.site import offers
from tests.hotline import CHECKOUT, Hotline
from tests.ports import free_port

from .conftest import PUBLIC_HOST as HOST

VISITOR = "X-Visitor"  # says to nginx from which address a request comes: a machine may have loopback alone


@pytest.fixture(scope="module")
def port(line: Hotline, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """nginx with the manual's block and a certificate of its own."""
    home, port = tmp_path_factory.mktemp("nginx"), free_port()
    key, certificate = home / "key.pem", home / "certificate.pem"
    subject = ["-subj", f"/CN={HOST}", "-days", "2", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *subject], check=True, capture_output=True
    )
    block = sample().replace("/etc/ssl/help.pem", str(certificate)).replace("/etc/ssl/help.key", str(key))
    block = block.replace("listen 443", f"listen {port}").replace("127.0.0.1:8000", f"127.0.0.1:{line.http_port}")
    (home / "nginx.conf").write_text(
        f"daemon off; user root; pid {home}/pid; error_log {home}/error.log; events {{}}\n"
        f"http {{\nset_real_ip_from 127.0.0.1; real_ip_header {VISITOR};\n{block}\n}}\n"
    )
    nginx = shutil.which("nginx", path="/usr/sbin:/usr/bin")
    assert nginx, "nginx is missing: deploy/test-tools installs it"
    server = subprocess.Popen([nginx, "-p", str(home), "-c", str(home / "nginx.conf")])
    try:
        while not (home / "pid").exists() or not (home / "pid").read_text():
            assert server.poll() is None, (home / "error.log").read_text()
            time.sleep(0.05)
        yield port
    finally:
        server.terminate()
        server.wait(10)


def sample() -> str:
    """The indented block of the manual that configures nginx."""
    text = (CHECKOUT / "docs/en/administrator.md").read_text()
    start = text.index("    limit_conn_zone")
    return textwrap.dedent(text[start:].partition("\n\n")[0])


def ask(port: int, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, HTTPMessage]:
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    asking = HTTPSConnection("127.0.0.1", port, timeout=30, context=trusting)
    asking.request(method, path, body or None, {"Host": HOST, **headers})
    answer = asking.getresponse()
    answer.read()
    asking.close()
    return answer.status, answer.headers


def offers_from(port: int, visitors: list[str]) -> set[int]:
    """The answers to one offer of each of these addresses. Each names another one in X-Forwarded-For."""
    headers = {"Sec-Fetch-Site": "same-origin", "Content-Type": "application/json"}
    return {
        ask(port, "POST", offers.PATH, b"{}", **headers, **{"X-Forwarded-For": f"203.0.{number}.7", VISITOR: visitor})[
            0
        ]
        for number, visitor in enumerate(visitors)
    }


def test_the_public_page_comes_by_https_without_a_cookie(port):
    status, headers = ask(port, "GET", "/")
    assert status == 200
    assert "Strict-Transport-Security" in headers
    assert "Set-Cookie" not in headers


def test_the_staffs_side_is_not_on_this_name(port):
    assert ask(port, "GET", "/sign-in")[0] == 404


def test_a_visitor_is_counted_by_the_address_that_nginx_saw(port):
    """The web server replaces the forwarded address. Two web processes count apart, and a network has a new pseudonym
    every minute: one side of that minute is enough.
    """
    many = range(5 * offers.WITHOUT_WORK)
    assert offers_from(port, [f"198.18.{number}.7" for number in many]) == {400}  # the control: each is another network
    assert offers_from(port, ["198.19.0.7" for _ in many]) == {400, 429}


def test_a_document_passes_and_more_is_refused(port):
    """6 MB pass the web server: Amparo then answers by itself. More does not reach it."""
    assert ask(port, "POST", "/sign-in", b"x" * 5_500_000)[0] == 404
    assert ask(port, "POST", "/sign-in", b"x" * 6_500_000)[0] == 413
