"""Sends what was made up to a hotline, and judges what comes back."""

import re
import socket
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPResponse
from threading import Lock, Semaphore
from urllib.parse import unquote_to_bytes

from tests.hotline import Hotline

from .asking import CHUNKED, MadeUpRequest
from .people import TOKEN, Desk
from .values import PLANTED

AT_ONCE = 4  # requests; the web has eight threads
PATIENCE = 60  # seconds
LONGEST_READ = 1 << 20  # bytes
SENTENCE = re.compile(r"[A-ZÁÉÍÓÚ¿¡][^<>{}]{6,}[.?!]")
DEBUG = re.compile(r"Traceback \(most recent|DEBUG = True|Exception Type|psycopg\.|django\.[a-z]+\.")


@dataclass(frozen=True)
class Answer:
    status: int
    kind: str = ""
    text: str = ""


GONE = Answer(0)  # the connection ended without an answer


def send(port: int, request: MadeUpRequest, desk: Desk) -> Answer:
    """One request over a connection of its own, and the answer; a stream is left once it has begun."""
    chunk = b"%x\r\n%b\r\n0\r\n\r\n" % (len(request.body), request.body)
    content = chunk if CHUNKED in request.headers else request.body
    body = content[: request.cut]
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as link:
        with suppress(BrokenPipeError, ConnectionResetError):  # refused before all of it was sent
            link.sendall(_head(request, desk) + body)
            if request.cut is not None:
                return GONE
        answer = HTTPResponse(link, method=request.method)
        try:
            answer.begin()
            kind = answer.headers.get("Content-Type", "")
            read = b"" if kind == "text/event-stream" else answer.read(LONGEST_READ)
        except (HTTPException, ConnectionError):
            return GONE
        return Answer(answer.status, kind, read.decode(errors="replace"))


def _head(request: MadeUpRequest, desk: Desk) -> bytes:
    names = {header.partition(":")[0].lower() for header in request.headers}
    lines = [f"Cookie: sessionid={desk.session}; csrftoken={TOKEN}", "Connection: close", *request.headers]
    if "host" not in names:
        lines.append("Host: localhost")
    if not names & {"content-length", "transfer-encoding"} and (request.body or request.method == "POST"):
        lines.append(f"Content-Length: {len(request.body)}")
    if request.is_of_our_page:
        lines.append(f"X-CSRF-Token: {TOKEN}")
    first = request.method.encode() + b" " + request.target + b" HTTP/1.1\r\n"
    return first + "".join(f"{line}\r\n" for line in lines).encode("latin-1", "replace") + b"\r\n"


def fault(request: MadeUpRequest, answer: Answer) -> str | None:
    """What is wrong with this answer; None: nothing."""
    if answer is GONE:
        return "no answer" if request.cut is None else None
    if answer.status >= 500:
        return f"{answer.status}"
    if (shown := DEBUG.search(answer.text)) and shown[0].encode() not in _sent(request):
        return f"{answer.status} shows our inside"
    if answer.status >= 400 and not _is_for_nobody(request) and not SENTENCE.search(answer.text):
        return f"{answer.status} without a sentence"
    return None


def _sent(request: MadeUpRequest) -> bytes:
    """What was sent, as a page may give it back."""
    return unquote_to_bytes((request.target + request.body).replace(b"+", b" "))


def _is_for_nobody(request: MadeUpRequest) -> bool:
    """A stream or a file: no person reads what is answered."""
    return request.method == "HEAD" or request.page.route.startswith(("/live/", "/static/"))


def problems_in_logs(hotline: Hotline) -> list[str]:
    """Lines of what our processes and the database wrote that no log may have."""
    wrong: Counter[str] = Counter()
    for path in (hotline.log, hotline.home / "postgres.log"):
        lines = path.read_text(errors="replace").splitlines()
        wrong.update(f"{path.name}: {line[:200]}" for line in lines if PLANTED in line)
        wrong.update(_failures(path.name, lines))
    return [f"{times} x {line}" for line, times in wrong.most_common()]


def _failures(name: str, lines: list[str]) -> Iterable[str]:
    """The last line of every traceback: what was raised."""
    inside = False
    for line in lines:
        if line.startswith("Traceback (most recent"):
            inside = True
        elif inside and line[:1].strip() and not line.startswith("Traceback"):
            inside = False
            yield f"{name}: {line[:200]}"


@dataclass
class Trial:
    """Everything that was asked of one hotline, counted by who asked, and every kind of fault once."""

    hotline: Hotline
    counts: dict[str, Counter[str]] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)  # of which page and kind: the first such request
    lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self._threads, self._room = ThreadPoolExecutor(AT_ONCE), Semaphore(2 * AT_ONCE)
        self._sent: list[Future[None]] = []

    def ask(self, who: str, desk: Desk, request: MadeUpRequest) -> None:
        """Send it soon; waits only while many others wait."""
        self._room.acquire()
        self._sent.append(self._threads.submit(self._ask, who, desk, request))

    def finish(self) -> None:
        """Wait for the last answers; a fault of our own in sending or judging is raised."""
        for sent in self._sent:
            sent.result()
        self._threads.shutdown()

    @property
    def number_sent(self) -> int:
        return sum(counts.total() for counts in self.counts.values())

    @property
    def answers(self) -> Counter[str]:
        return sum(self.counts.values(), Counter())

    def _ask(self, who: str, desk: Desk, request: MadeUpRequest) -> None:
        try:
            answer = send(self.hotline.http_port, request, desk)
            wrong = fault(request, answer)
        except OSError as error:
            answer, wrong = GONE, f"{type(error).__name__}"
        finally:
            self._room.release()
        with self.lock:
            self.counts.setdefault(who, Counter())[f"{answer.status // 100}xx" if answer.status else "cut off"] += 1
            if wrong:
                self.faults.setdefault(f"{wrong}, {request.page.route}, {request.method}", f"{who}: {request}")
