"""What the first page of each role costs, whose every person opens it several times a day.

    python -m bench.homes [--contacts 10000]

Milliseconds of CPU of the web and of the database, for the first look and for the median of the next nine. The contacts
and their cases are of the last weeks, one every minute: a supervisor's charts count all of them.
"""

import argparse
import os
from statistics import median

from tests.hotline import hotline

from . import caseload
from .casework import OPERATORS, SUPERVISORS, Meter
from .pages import Person, analyze, hire

LOOKS = 9
KEPT = 2  # web processes, each of which counts for itself


def sit_down() -> list[tuple[str, str]]:
    """Runs in the hotline's process: create a signed-in person of each role; their roles and session keys."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    from amparo.foundation.access.models import Role, User
    from amparo.foundation.access.models.sessions import SessionStore
    from tests.full_session import full_session

    seated = []
    for role in Role:
        user, session = User.objects.create(username=f"home_{role}", role=role, is_invented=True), SessionStore()
        session.update(full_session())
        session[SESSION_KEY], session[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
        session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
        session.create()
        seated.append((role.value, session.session_key))
    return seated


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, default=10_000)
    contacts = parser.parse_args().contacts
    with hotline(AMPARO_DEMO="0") as it:
        operators = [pk for pk, role, _session in it.do(hire, OPERATORS, SUPERVISORS) if role == "operator"]
        it.do(caseload.fill, contacts // caseload.A_CASE, operators)
        seated = it.do(sit_down)
        it.do(analyze)
        it.leave_inside()
        here = it.processes()
        [database] = here["postgres"]
        meter = Meter(here["web"], database)
        print(f"{contacts:,} contacts, load average {os.getloadavg()[0]:.1f}; ms of CPU: web + database", flush=True)
        for role, session in seated:
            person = Person(it.http_port, session, cookies=f"sessionid={session}")

            def look(person: Person = person) -> None:
                status, page = person.ask("GET", "/home")
                assert status == 200, f"{status} {page[-200:]}"

            costs = [meter.of(look) for _look in range(KEPT + LOOKS)]
            first, later = costs[0], [median(each) for each in zip(*costs[KEPT:], strict=True)]
            print(
                f"{role:18} first {first[0]:5.0f} + {first[1]:5.0f}   then {later[0]:5.0f} + {later[1]:5.0f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
