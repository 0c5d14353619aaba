"""Inside the Debian of `try`, in a network of its own: start the units, and use the line as people do.

`trial.py line TOKEN`: the first administrator enters by the link, a call is answered, the doctor and a backup.
`trial.py again`: the same administrator is still there.
`trial.py update NEWER.deb`: a newer version comes while the line runs, and goes again; what was told stays.
"""

import http.cookiejar
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path

OWN, CARRIER = "10.9.9.1", "10.9.9.2"
STAFF, PUBLIC = "mesa.test.example", "ayuda.test.example"
PASSWORD = "cuatro palabras que nadie junta"
PATIENCE = 240  # seconds, on a machine that many share
SERVICES = ("amparo-web@1.service", "amparo-worker.service", "amparo-switchboard.service", "amparo-sealer.service")


def run(*command: str, status: int = 0) -> str:
    done = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode != status:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}")
    return done.stdout


def start_unit(unit: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "/try/as_unit.py", unit], stdin=subprocess.DEVNULL)


def run_unit(unit: str) -> None:
    if status := start_unit(unit).wait():
        sys.exit(f"{unit} ended with {status}")


def wait_until(what: str, is_so: Callable[[], bool], started: list[subprocess.Popen[bytes]]) -> None:
    end = time.monotonic() + PATIENCE
    while not is_so():
        if time.monotonic() > end or any(process.poll() is not None for process in started):
            sys.exit(f"{what} was not there; the units ended with {[process.poll() for process in started]}")
        time.sleep(0.5)


def health() -> dict[str, str]:
    try:
        with urllib.request.urlopen("http://127.0.0.1:8000/healthz", timeout=5) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        return json.load(error)
    except OSError:
        return {"status": "away"}


class Browser:
    """Somebody who opens pages through nginx, and keeps cookies."""

    def __init__(self, host: str) -> None:
        self.host = host
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # until certbot brings certificates
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=context), jar)

    def open(self, path: str, **fields: str) -> tuple[int, str, str]:
        """Status, final address and text. With fields: send them as a form."""
        data = urllib.parse.urlencode(fields).encode() if fields else None
        address = f"https://{self.host}{path}"
        request = urllib.request.Request(address, data, {"Referer": address})
        try:
            with self.opener.open(request, timeout=60) as answer:
                return answer.status, answer.url, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.url or "", error.read().decode()


def sip(method: str, body: str = "") -> str:
    """Send one request as the carrier, and return the first final answer."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        phone.bind((CARRIER, 5060))
        phone.settimeout(60)
        phone.sendto(
            f"{method} sip:ayuda@{OWN}:5060 SIP/2.0\r\nVia: SIP/2.0/UDP {CARRIER}:5060;branch=z9hG4bK{method}\r\n"
            f"From: <sip:anonymous@{CARRIER}>;tag=a\r\nTo: <sip:ayuda@{OWN}>\r\nCall-ID: {method}@{CARRIER}\r\n"
            f"CSeq: 1 {method}\r\nContact: <sip:{CARRIER}:5060>\r\nMax-Forwards: 70\r\n"
            f"Content-Type: application/sdp\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode(),
            (OWN, 5060),
        )
        while (line := phone.recv(65_535).decode().split("\r\n")[0]).startswith("SIP/2.0 1"):
            pass
        return line


OFFER = f"v=0\r\no=- 1 1 IN IP4 {CARRIER}\r\ns=-\r\nc=IN IP4 {CARRIER}\r\nt=0 0\r\nm=audio 30000 RTP/AVP 0\r\n"


def check(what: str, is_so: bool) -> None:
    if not is_so:
        sys.exit(f"NOT SO: {what}")
    print(f"   {what}", flush=True)


def line(token: str) -> None:
    people, link = Browser(STAFF), f"/first-link/{token}"
    status, _where, page = people.open(link)
    check("the staff page is served by https", status == 200)
    (csrf,) = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[:1]
    who = {"username": "pilar", "name": "Pilar", "new_password1": PASSWORD, "new_password2": PASSWORD}
    status, where, _page = people.open(link, **who, csrfmiddlewaretoken=csrf)
    check(f"the first administrator is in: {where}", status == 200 and where.endswith("/first-run/line"))
    check("the link leads nobody else", Browser(STAFF).open(link)[0] == 404)
    check("the public page is served", Browser(PUBLIC).open("/")[0] == 200)
    check("the manual is served", Browser(STAFF).open("/help/")[0] in (200, 403))
    check("plain http beside nginx is refused", plain_status("/sign-in") in (403, 0))
    check("OPTIONS is answered", sip("OPTIONS").startswith("SIP/2.0 200"))
    check("a call is answered", sip("INVITE", OFFER).startswith("SIP/2.0 200"))
    answer = run("amparo", "doctor", "--language", "en", status=1)
    broken = [line for line in answer.splitlines() if line.startswith("does not work")]
    check("the doctor misses real certificates alone", len(broken) == answer.count("Certificate of ") == 2)
    backup()


def plain_status(path: str) -> int:
    """The status at this machine's own address without nginx; 0: nobody listens."""
    try:
        request = urllib.request.Request(f"http://{OWN}:8000{path}", headers={"Host": STAFF})
        return int(urllib.request.urlopen(request, timeout=10).status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def backup() -> None:
    run("age-keygen", "-o", "/try/identity")
    recipient = run("age-keygen", "-y", "/try/identity").strip()
    run("sed", "-i", f"s/^AMPARO_BACKUP_RECIPIENTS=.*/AMPARO_BACKUP_RECIPIENTS={recipient}/", str(CONF))
    before = count_backups()
    run_unit("amparo-backup.service")
    check("the backup is there", count_backups() == before + 2)


def count_backups() -> int:
    """How many files of backups there are: an earlier trial in this Debian left some."""
    return len([*Path("/var/backups/amparo").rglob("amparo-*.age")])


def again() -> None:
    check("the administrator is still there", query("select count(*) from access_user where username = 'pilar'") == "1")


VERSIONS = Path("/usr/lib/amparo-versions")
CONF = Path("/etc/amparo/amparo.conf")
WORDS = "words of a trial"
COLUMN = "select count(*) from information_schema.columns where column_name = 'trial'"


def query(statement: str) -> str:
    (where,) = [line for line in CONF.read_text().splitlines() if line.startswith("DATABASE_URL=")]
    return run("psql", "-Atc", statement, where.partition("=")[2]).strip()


def contact(verb: str, *words: str) -> str:
    return run(f"{VERSIONS}/current/bin/python", "-P", "/try/trial_contact.py", verb, *words).strip()


def install(package: str) -> tuple[int, str, set[str]]:
    """Install while the line runs. Returns the status, what was printed, and the states of the line meanwhile."""
    command = ["apt-get", "install", "-y", "-q", "--no-install-recommends", package]
    states = set()
    with open("/try/update.log", "w+") as log:
        apt = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        while apt.poll() is None:
            states.add(health()["status"])
            time.sleep(0.5)
        log.seek(0)
        return apt.returncode, log.read(), states


def says_how_it_is(version: str, columns: str, before: str) -> None:
    check(f"{version} runs", (VERSIONS / "current").resolve().name.startswith(f"{version}-"))
    check("the contact is there, and its words open", contact("read") == WORDS)
    check("the database has what this version knows", query(COLUMN) == columns)
    run("amparo", "audit", "verify")  # ends with 0 if the ledger is whole
    answer = run("amparo", "doctor", "--language", "en", status=1)
    broken = [line for line in answer.splitlines() if line.startswith("does not work")]
    check("the doctor misses real certificates alone", len(broken) == answer.count("Certificate of ") == 2)
    check("it says which version it can return to", ("--back" in (printed := run("amparo", "update"))) == bool(before))
    check(f"   {printed.strip()}", before in printed)


def update(newer: str) -> None:
    contact("write", WORDS)
    entries = int(query("select count(*) from audit_entry"))
    says_how_it_is("0.3.0", "0", "")
    settings = CONF.read_text()
    CONF.write_text(settings.replace("AMPARO_BACKUP_RECIPIENTS=", "AMPARO_BACKUP_RECIPIENTS=\n#"))
    status, printed, states = install(newer)
    check("without a backup the update is refused", status != 0 and "nothing was updated" in printed)
    check(f"and the line goes on: {states}", states == {"ok"})
    says_how_it_is("0.3.0", "0", "")
    CONF.write_text(settings)
    backups = count_backups()
    status, printed, states = install(newer)
    check("the update is installed", status == 0 or bool(print(printed)))
    check(f"the line went on meanwhile: {states}", states == {"ok"})
    check("a backup was made", count_backups() == backups + 2)
    start_anew()
    says_how_it_is("0.3.1", "1", "0.3.0")
    stop(PROCESSES)
    print(run("amparo", "update", "--back"))
    start(PROCESSES)
    says_how_it_is("0.3.0", "0", "")
    check("the ledger has all its entries", int(query("select count(*) from audit_entry")) >= entries)


PROCESSES: list[subprocess.Popen[bytes]] = []


def start(started: list[subprocess.Popen[bytes]]) -> None:
    started += [start_unit(unit) for unit in SERVICES]
    wait_until("the line", lambda: health()["status"] == "ok", started)


def stop(started: list[subprocess.Popen[bytes]]) -> None:
    for process in started:
        process.terminate()
    for process in started:
        process.wait(30)
    started.clear()


def start_anew() -> None:
    """As `restart` does it by systemd: the switchboard ends by itself at its signal, since no call is running."""
    switchboard = PROCESSES.pop(SERVICES.index("amparo-switchboard.service"))
    switchboard.send_signal(signal.SIGUSR1)
    check("the switchboard ends by itself", switchboard.wait(30) == 0)
    stop(PROCESSES)
    start(PROCESSES)


def main(what: str, *rest: str) -> None:
    for words in ("link set lo up", f"addr add {OWN}/24 dev lo", f"addr add {CARRIER}/24 dev lo"):
        run("ip", *words.split())
    with open("/etc/hosts", "w") as file:
        file.write(f"127.0.0.1 localhost {STAFF} {PUBLIC}\n")
    subprocess.run(["pg_ctlcluster", "17", "amparo", "start"], check=False, stderr=subprocess.DEVNULL)
    try:
        run("nginx")
        run_unit("amparo-prepare.service")
        start(PROCESSES)
        check(f"the line is there: {health()}", True)
        {"line": line, "again": again, "update": update}[what](*rest)
    finally:
        stop(PROCESSES)
        run("nginx", "-s", "stop")


if __name__ == "__main__":
    os.chdir("/")
    main(*sys.argv[1:])
