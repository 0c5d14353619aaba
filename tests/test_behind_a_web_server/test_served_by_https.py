"""Behind a web server with a certificate: cookies that no other host and no plain connection can carry."""

import json
import urllib.error
import urllib.parse
import urllib.request
from http.client import HTTPConnection, HTTPResponse

import pytest
from django.db import connection

from amparo.foundation.core.asgi_entrance import ONLY_HTTPS
from amparo.screens.site import offers
from tests.hotline import Hotline

ADDRESS = "https://linea.example"
# Two web processes count apart, and a network has a new pseudonym every minute: one side of that minute is enough.
MANY = 5 * offers.WITHOUT_WORK
AS_THE_WEB_SERVER_SENDS = {"Host": "linea.example", "X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.1"}


def ask(line: Hotline, path: str, body: bytes | None = None, **headers: str) -> HTTPResponse:
    url = f"http://127.0.0.1:{line.http_port}{path}"
    request = urllib.request.Request(url, body, {**AS_THE_WEB_SERVER_SENDS, **headers})
    try:
        return urllib.request.urlopen(request, timeout=30)
    except urllib.error.HTTPError as error:
        return error


def plainly(line: Hotline, path: str, source: str = "127.0.0.1", **headers: str) -> tuple[int, bytes]:
    """Ask past the web server, from an address of this machine."""
    asking = HTTPConnection("127.0.0.1", line.http_port, timeout=30, source_address=(source, 0))
    asking.request("GET", path, headers={"Host": "linea.example", **headers})
    answer = asking.getresponse()
    return answer.status, answer.read()


@pytest.mark.parametrize(
    ("host", "path"), [("linea.example", "/sign-in"), ("help.example", "/"), ("help.example", "/chat")]
)
def test_past_the_web_server_no_page_is_served(line, host, path):
    assert plainly(line, path, Host=host) == (403, ONLY_HTTPS.encode())
    https = {"Host": host, "X-Forwarded-Proto": "https"}
    assert plainly(line, path, "127.0.0.2", **https) == (403, ONLY_HTTPS.encode())  # nobody named this proxy
    assert plainly(line, path, **https)[0] in (200, 405)  # the control
    assert plainly(line, "/healthz", Host="127.0.0.1")[0] == 200


def test_the_staffs_name_alone_leads_to_the_sign_in(line):
    assert ask(line, "/").url.endswith("/sign-in?next=/home")


def cookies(answer: HTTPResponse) -> dict[str, set[str]]:
    """What is said of each cookie."""
    values = {}
    for line in answer.headers.get_all("Set-Cookie", []):
        (cookie, _, _), *more = (part.strip().partition("=") for part in line.split(";"))
        values[cookie] = {
            f"{name.lower()}={value}".rstrip("=") for name, _, value in more if name not in ("Max-Age", "expires")
        }
    return values


def test_a_named_proxy_is_believed(line):
    assert ask(line, "/sign-in").headers["Strict-Transport-Security"]


def test_visitors_behind_a_named_proxy_are_counted_by_their_own_network(line):
    """The last address that is no proxy of ours counts, whatever a visitor wrote before it."""
    spent = [offer(line, f"203.0.113.{n}, 198.51.100.7") for n in range(MANY)]
    assert (spent[0], set(spent)) == (400, {400, 429})
    assert offer(line, "192.0.2.9") == 400  # the control: another network


def offer(line: Hotline, forwarded: str) -> int:
    """The status of an offer without proof of work: 400, and once a network has sent too many, 429."""
    headers = {"Host": "help.example", "Origin": "https://help.example", "Sec-Fetch-Site": "same-origin"}
    more = {"Content-Type": "application/json", "X-Forwarded-For": forwarded}
    return ask(line, offers.PATH, b"{}", **headers, **more).status


def test_every_cookie_belongs_to_this_host_alone(line):
    values = cookies(ask(line, "/sign-in")) | cookies(ask(line, "/sign-in/passkey"))
    strict = {"httponly", "path=/", "samesite=Strict", "secure"}
    assert values == {"__Host-csrftoken": strict, "__Host-sessionid": strict}


def test_a_passkey_is_asked_for_the_name_of_the_staff(line):
    assert json.load(ask(line, "/sign-in/passkey"))["publicKey"]["rpId"] == "linea.example"
    assert ask(line, "/sign-in/passkey", Host="evil.example").status == 404


def test_passkeys_always_verify_the_person(line):
    assert json.load(ask(line, "/sign-in/passkey"))["publicKey"]["userVerification"] == "required"


def test_a_form_from_the_own_name_is_taken_and_from_elsewhere_refused(line):
    page = ask(line, "/sign-in")
    token = page.read().decode().split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    cookie = page.headers["Set-Cookie"].split(";")[0]
    body = urllib.parse.urlencode({"username": "x", "password": "x", "csrfmiddlewaretoken": token}).encode()
    assert ask(line, "/sign-in", body, Origin=ADDRESS, Cookie=cookie).status == 400  # read, and wrong
    assert ask(line, "/sign-in", body, Origin="https://evil.example", Cookie=cookie).status == 403


def test_browsers_are_told_to_come_by_https_only(line):
    assert "max-age=63072000" in ask(line, "/sign-in").headers["Strict-Transport-Security"]


def test_who_asks_with_a_code_is_another_role_of_the_database(line):
    """The public pages sign in by themselves: no statement on that connection becomes the colleagues' web."""
    assert "site" not in line.do(signed_in)
    body = urllib.parse.urlencode({"code": "123 456 789 012 345", "do": "tell"}).encode()
    request_data = {"Host": "help.example", "Origin": "https://help.example", "Sec-Fetch-Site": "same-origin"}
    assert "no es válido" in ask(line, "/again", body, **request_data).read().decode()
    assert "site" in line.do(signed_in)


def signed_in() -> set[str]:
    """The roles of all other connections to this database."""
    with connection.cursor() as cursor:
        here = "datname = current_database() and pid <> pg_backend_pid()"
        cursor.execute(f"select usename from pg_stat_activity where {here}")
        return {str(name).rpartition("_")[2] for (name,) in cursor.fetchall()}


def test_it_says_how_the_first_administrator_is_made(line):
    assert "amparo staff first-link" in line.log.read_text()


def test_a_name_that_is_taken_is_refused_with_a_sentence(line):
    assert line.run("staff", "add", "pilar").returncode == 0
    output = line.run("staff", "add", "Pilar")
    assert output.returncode == 2
    assert "Traceback" not in output.stderr
