"""How many SQL statements each page of the demonstration takes, for each role, and how much CPU of the web.

    python -m bench.statements [--months 0] [--above 20]

One person of each role follows the links of their pages, each address pattern at most twice, in one process and without
a server. The second look at a page counts. CPU is that of Python, without the database.
"""

import argparse
import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.hotline import Hotline, furnish

LINK = re.compile(r'href="(/[^"#]*)')
TWICE, MOST = 2, 60  # looks at one pattern of addresses; pages of a person
NEVER = ("/static/", "/sign-out", "/lock", "/live", "/help")


@dataclass(frozen=True)
class Page:
    role: str
    path: str
    statements: int
    repeated: int  # how often the most frequent statement was sent
    cpu: float  # ms
    size: int  # bytes


def look_around() -> list[Page]:
    """Runs in the hotline's process: look at the pages of one person of each role."""
    from amparo.foundation.access.models import Role, User

    people = [User.objects.filter(is_invented=True, role=role).order_by("pk").first() for role in Role]
    return [page for user in people if user for page in _pages_of(user)]


def _pages_of(user: Any) -> list[Page]:
    from django.conf import settings
    from django.test import Client
    from django.urls import Resolver404, resolve

    from amparo.urls import StaffUrls
    from tests.full_session import full_session

    client = Client(headers={"Sec-Fetch-Mode": "navigate", "Host": f"localhost:{settings.ENVIRONMENT.http_port}"})
    client.force_login(user)
    session = client.session
    session.update(full_session())
    session.save()
    waiting, seen, found = ["/home"], Counter[str](), []
    while waiting and len(found) < MOST:
        path = waiting.pop(0)
        try:
            pattern = resolve(path.split("?")[0], StaffUrls).route
        except Resolver404:
            continue
        if seen[pattern] >= TWICE or path in (page.path for page in found) or path.startswith(NEVER):
            continue
        seen[pattern] += 1
        client.get(path)
        sent, cpu, answer = _count(lambda path=path: client.get(path))
        if answer.status_code != 200:
            print(f"{user.role} {path}: {answer.status_code} {answer.headers.get('Location', '')}")
        elif "text/html" in answer.headers["Content-Type"]:
            repeated = max(Counter(sent).values(), default=0)
            found.append(Page(user.role, path, len(sent), repeated, cpu, len(answer.content)))
            waiting += [link.replace("&amp;", "&") for link in LINK.findall(answer.content.decode())]
    return found


def _count(work: Callable[[], Any]) -> tuple[list[str], float, Any]:
    from django.db import connection

    sent: list[str] = []

    def note(execute: Any, sql: Any, *rest: Any) -> Any:
        sent.append(str(sql))
        return execute(sql, *rest)

    begun = time.thread_time()
    with connection.execute_wrapper(note):
        answer = work()
    return sent, 1000 * (time.thread_time() - begun), answer


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--months", type=int, default=0)
    arguments.add_argument("--above", type=int, default=20)
    wish = arguments.parse_args()
    it = Hotline()
    furnish(it.home, "1", wish.months)
    try:
        with it.database_alone():
            pages = it.do(look_around)
    finally:
        it.clear_away()
    for page in sorted(pages, key=lambda page: -page.statements):
        if page.statements > wish.above:
            print(
                f"{page.statements:3} statements, {page.repeated:2} alike {page.cpu:5.0f} ms "
                f"{page.size / 1000:6.0f} kB  {page.role:18} {page.path}"
            )
    print(f"{sum(page.statements > wish.above for page in pages)} of {len(pages)} pages take more than {wish.above}")


if __name__ == "__main__":
    main()
