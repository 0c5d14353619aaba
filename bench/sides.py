"""Both applications as a browser sees them: the same operations, each with its own ids."""

import http.client
import json
import re
import uuid
from urllib.parse import urlencode

from . import caseload

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class Side:
    """One of the two applications on this machine, on `port`.

    `sessions`: one signed-in person each. `mine`: the numbers of the cases of each person. `fresh`: ids of
    new contacts. The argument `n` of a function numbers the requests: people and cases take turns by it.
    """

    def __init__(self, port: int, sessions: list[str], mine: dict[int, list[int]], fresh: list[str]) -> None:
        self.mine, self.fresh, self.revision = mine, fresh, 0
        self._link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._host, self._sessions = f"127.0.0.1:{port}", sessions
        self.signed = [self._sign(session) for session in sessions]
        self._pages = str(uuid.uuid4())[:-12]  # of which each has a draft key of its own

    def case(self, n: int) -> object:
        return self.number(n)

    def contact(self, n: int) -> object:
        return self.number(n) * caseload.A_CASE

    def number(self, n: int) -> int:
        """Return the number of a case of the person whose turn is `n`."""
        own = self.mine[n % len(self._sessions)]
        return own[n // len(self._sessions) % len(own)]

    def alike(self, n: int) -> str:
        return f"/cases/{self.case(n)}/alike"

    @property
    def long_case(self) -> object:
        return 1

    def page_key(self, n: int) -> str:
        return f"{self._pages}{n:012x}"

    def get(self, n: int, path: str) -> int:
        return self._ask("GET", path, self.signed[n % len(self.signed)])

    def post(self, n: int, path: str, **form: str) -> int:
        kind = "application/x-www-form-urlencoded"
        return self._ask("POST", path, self.signed[n % len(self.signed)], urlencode(form), kind)

    def save(self, n: int, page: int) -> int:
        """Save the text of one page of a contact, as its script does whenever somebody stops typing."""
        self.revision += 1
        changes = {"notes": f"{self.revision} {caseload.NOTE}"}
        batch = {"key": self.page_key(page), "revision": self.revision, "based_on": 10**6, "changes": changes}
        headers, path = self.signed[n % len(self.signed)], f"/contacts/{self.contact(n)}/draft"
        return self._ask("POST", path, headers, json.dumps(batch), "application/json")

    def _sign(self, session: str) -> dict[str, str]:
        """Return the headers of requests in this session, with the CSRF token of one of its pages."""
        headers = {"Host": self._host, "Cookie": f"sessionid={session}", "Sec-Fetch-Mode": "navigate"}
        self._link.request("GET", "/cases", headers=headers)
        answer = self._link.getresponse()
        cookie = re.search("csrftoken=[^;]+", answer.headers.get("Set-Cookie", ""))
        token = TOKEN.search(answer.read().decode())
        assert cookie
        assert token
        cookies = f"sessionid={session}; {cookie[0]}"
        return {**headers, "Cookie": cookies, "X-CSRF-Token": token[1], "X-CSRFToken": token[1]}

    def _ask(self, method: str, path: str, headers: dict[str, str], body: str = "", kind: str = "text/plain") -> int:
        """Return the length of the response. Raises `AssertionError` for any status but 200 and 302."""
        sent = {**headers, "Content-Type": kind}
        try:
            self._link.request(method, path, body or None, sent)
            answer = self._link.getresponse()
        except ConnectionError:  # it was idle for long, and the server closed it
            self._link.close()
            self._link.request(method, path, body or None, sent)
            answer = self._link.getresponse()
        text = answer.read()
        assert answer.status in (200, 302), f"{method} {path}: {answer.status} {text[-300:]!r}"
        return len(text)


class Amparo(Side):
    def case(self, n: int) -> object:
        return caseload.id_of("case", self.number(n))

    def contact(self, n: int) -> object:
        return caseload.id_of("contact", self.number(n) * caseload.A_CASE)

    def alike(self, n: int) -> str:
        return f"/cases/{self.case(n)}/people/{caseload.id_of('person', self.number(n))}/duplicates/look"

    @property
    def long_case(self) -> object:
        return caseload.id_of("case", 1)
