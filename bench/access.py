"""The cost of row security: each query of the pages, with row policies and without.

    python -m bench.access [--contacts 1000000] [--rounds 40]

The same query with the same filter runs alternately as the web's role and as the owner of the tables, to whom no policy
applies, each on one connection. Both share one processor: otherwise the scheduler's choice makes a look-up take 0.04 or
0.09 ms, more than any policy. A turn is the shortest of five executions; the ratio is the median over the turns, so a
machine that slows down affects both sides. Times are milliseconds. The blocks that PostgreSQL touched are printed too,
because they do not depend on the machine's load. The control is a policy as people would first write it
(`operator_id = me or supervisor`), and it must come out as bad.
"""

import argparse
import os
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from .home import home

A_TURN = 5  # executions
OPERATORS, SUPERVISORS = 200, 10  # the first operator is new and has few contacts
LOAD = """
insert into access_user (id, username, first_name, last_name, email, password, role, agency_id, is_invented, is_active,
    is_staff, is_superuser, date_joined)
    overriding system value
    select n, 'u' || n, 'U' || n, '', '', '', case when n > {operators} then 'supervisor' else 'operator' end, 1, true,
    true, false, false, now() from generate_series(1, {people}) n;
create temp table made on commit drop as select n, gen_random_uuid() contact, gen_random_uuid() key,
    case when n % 5000 = 0 then 1 else 2 + n::bigint * 7919 % {others} end::int operator,
    now() - n * interval '3 minutes' started from generate_series(1, {contacts}) n;
insert into vault_datakey (id, agency_id, kind, made_at) select key, 1, 'contact', started from made;
analyze vault_datakey; -- or each foreign key is checked by reading a table that PostgreSQL remembers as empty
insert into vault_grant (key_id, holder, agency_id, owner_id, purpose, made_at, expires_at, wrapped, wrapping_key)
    select key, holder, 1, 1, '', started, '9000-01-01Z', decode(repeat('00', 60), 'hex'), 'file:1:bench'
    from made, unnest(array['u' || operator, '1:supervisor']) holder;
insert into switchboard_call (id, direction, channel, line, language, state, danger, silent, arrived_at, answered_at,
    ended_at, ending, operators, invited, listeners,
    whisperers)
    select contact, 'in', 'phone', '', 'es', 'ended', false, false, started, started, started + interval '20 minutes',
    'caller', array[operator], array[]::int[], array[]::int[], array[]::int[] from made;
analyze switchboard_call;
insert into switchboard_callevent (call_id, at, kind, user_id) select contact, started, 'answered', operator from made;
insert into contacts_contact (id, call_id, number, channel, operator_id, started, ended, state, safe_to_talk, key_id,
    caller_role, ubigeo, language, urgency, privacy_choice, heard_of_us, heard_code, type, hard_call, version, edits)
    select contact, contact, n, 'call', operator, started, started + interval '20 minutes',
    case when n % 1000 = 0 then 'open' else 'wrapped' end, 'yes', key, 'self', '150101', 'es', 'soon', 'anonymous', '',
    '', (array['crisis', 'information', 'silent', 'hang_up', 'test'])[1 + n % 5], '', 1, '{{}}' from made;
analyze vault_grant; analyze contacts_contact; -- or a page plans its queries for empty tables
"""
LISTED = """from contacts_contact c
    join vault_grant h on h.key_id = c.key_id and h.holder = '{holder}' and h.expires_at > now()"""
FOUND = """from contacts_contact c where exists (select from vault_grant g where g.key_id = c.key_id
    and g.holder in ('u{user}', '1:{role}') and g.expires_at > now())"""
BAD = """drop policy reads on contacts_contact; create policy reads on contacts_contact for select using
    (operator_id = acting.user_id() or acting.role() = 'hotline/supervisor')"""


@dataclass(frozen=True)
class Question:
    name: str
    sql: str  # SQL with {listed}, the start of a list, and {found}, the start of a look-up
    limit: float  # largest accepted ratio to the query without a policy


LISTED_AT_MOST = 25
NEWEST = f"order by h.made_at desc, c.number desc limit {LISTED_AT_MOST}"
ONE_DAY = "c.started > now() - interval '3 days' and c.started < now() - interval '2 days'"
QUESTIONS = (
    Question("list, newest 25", f"select c.* {{listed}} {NEWEST}", 1.5),
    Question("list, newest of a type", f"select c.* {{listed}} and c.type = 'crisis' {NEWEST}", 1.5),
    Question("list, of one day", f"select c.* {{listed}} and {ONE_DAY} {NEWEST}", 1.5),
    Question("list, of a type and day", f"select c.* {{listed}} and c.type = 'crisis' and {ONE_DAY} {NEWEST}", 1.5),
    Question("one by its id", "select c.* {found} and c.id = {own}", 2.0),
    Question("one by its number", "select c.* {found} and c.number = {number}", 2.0),
    Question("one that is not mine", "select c.* {found} and c.id = {other}", 2.0),
)


@contextmanager
def database(contacts: int) -> Iterator[None]:
    """Within the block, use a home of its own with this many contacts."""
    with home():
        from django.db import connection

        with connection.cursor() as cursor:
            load(cursor, contacts)
            cursor.execute("vacuum analyze")
        yield


def load(cursor: Any, contacts: int) -> None:
    people = OPERATORS + SUPERVISORS
    cursor.execute(LOAD.format(operators=OPERATORS, people=people, others=OPERATORS - 1, contacts=contacts))


def timed(link: Any, sql: str) -> tuple[float, list[Any]]:
    """Milliseconds of the shortest execution in a turn, and the first column of the answer."""
    took = []
    for _ in range(A_TURN):
        start = time.perf_counter()
        rows = link.execute(sql).fetchall()
        took.append((time.perf_counter() - start) * 1000)
    return min(took), [row[0] for row in rows]


def blocks(link: Any, sql: str) -> int:
    plan = link.execute(f"explain (analyze, buffers, format json) {sql}").fetchone()[0][0]["Plan"]
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


@dataclass(frozen=True)
class Answer:
    question: Question
    bare: float  # ms, without a policy
    gated: float  # ms
    ratio: float
    bare_blocks: int
    gated_blocks: int

    def __str__(self) -> str:
        over = " **over**" if self.ratio > self.question.limit else ""
        times = f"{self.bare:.2f} | {self.gated:.2f} | {self.ratio:.2f}{over}"
        return f"{self.question.name} | {times} | {self.bare_blocks}/{self.gated_blocks}"


def measure(user: Any, rounds: int) -> Iterator[Answer]:
    """Yield the times of each query of this user, with and without policies. Both sides must find the same rows."""
    from django.db import connection

    from amparo.foundation.core.actor import acting_as

    owner = as_owner(connection.settings_dict)
    words = words_of(user, owner)
    with acting_as(user.acting()):
        web = connection.cursor().connection
        on_one_processor(owner, web)
        for question in QUESTIONS:
            sql = question.sql.format(**words)
            pairs = [(timed(owner, sql), timed(web, sql)) for _ in range(rounds)]
            assert all(bare[1] == gated[1] for bare, gated in pairs), question.name
            turns = [(bare[0], gated[0], gated[0] / bare[0]) for bare, gated in pairs]
            bare, gated, ratio = (statistics.median(column) for column in zip(*turns, strict=True))
            yield Answer(question, bare, gated, ratio, blocks(owner, sql), blocks(web, sql))


def as_owner(at: dict[str, Any]) -> Any:
    """Connect as the owner of the tables, with the settings `at` of Django's connection, but no parallel workers."""
    import psycopg

    threshold = at["OPTIONS"]["prepare_threshold"]
    owner = psycopg.connect(
        dbname=at["NAME"], user=at["USER"], host=at["HOST"], autocommit=True, prepare_threshold=threshold
    )  # fmt: skip
    owner.execute("set max_parallel_workers_per_gather = 0")
    return owner


def on_one_processor(*links: Any) -> None:
    one = {min(os.sched_getaffinity(0))}
    for process in (0, *(link.info.backend_pid for link in links)):
        os.sched_setaffinity(process, one)


def words_of(user: Any, owner: Any) -> dict[str, str]:
    """Return what fills the braces in the SQL of the questions, for this user."""
    own_name, role_name = user.acting().holders
    mine = "select c.id, c.number from contacts_contact c join vault_grant g on g.key_id = c.key_id"
    own, number = owner.execute(f"{mine} where g.holder = any (%s) limit 1", [[own_name, role_name]]).fetchone()
    other = owner.execute("select id from contacts_contact where operator_id <> %s limit 1", [user.pk]).fetchone()[0]
    return {
        "listed": LISTED.format(holder=role_name if user.role == "supervisor" else own_name),
        "found": FOUND.format(user=user.pk, role=user.role),
        "own": f"'{own}'", "other": f"'{other}'", "number": number,
    }  # fmt: skip


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--contacts", type=int, default=1_000_000)
    arguments.add_argument("--rounds", type=int, default=40)
    chosen = arguments.parse_args()
    with database(chosen.contacts):
        from amparo.foundation.access.models import User

        print(f"load average {os.getloadavg()[0]:.1f}, {chosen.contacts:,} contacts")
        print("| who | question | bare | gated | ratio | blocks |\n|---|---|---|---|---|---|")
        for pk, who in ((1, "operator, few"), (7, "operator"), (OPERATORS + 1, "supervisor")):
            for answer in measure(User.objects.get(pk=pk), chosen.rounds):
                print(f"| {who} | {answer} |")


if __name__ == "__main__":
    main()
