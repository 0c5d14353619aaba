"""What need-to-know costs: each question of the pages under row-level security, beside the best hand-written filter.

    python -m bench.access [--contacts 1000000] [--rounds 40]

Both sides run on one connection each, in turns, and must give the same answer. Medians in milliseconds; the blocks that
PostgreSQL touched are printed too, for they do not depend on what else the machine does. The control is a policy that
people would write first (`operator_id = me or supervisor`), and must come out as bad.
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

OPERATORS, SUPERVISORS = 200, 10  # the first operator is new and has few contacts
LOAD = """
insert into access_user (id, username, first_name, last_name, email, password, role, agency_id, is_invented, is_active,
    is_staff, is_superuser, date_joined)
    overriding system value
    select n, 'u' || n, 'U' || n, '', '', '', case when n > {operators} then 'supervisor' else 'operator' end, 1, true,
    true, false, false, now() from generate_series(1, {people}) n;
create temp table made as select n, gen_random_uuid() contact, gen_random_uuid() key,
    case when n % 5000 = 0 then 1 else 2 + n * 7919 % {others} end::int operator,
    now() - n * interval '3 minutes' started from generate_series(1, {contacts}) n;
insert into vault_datakey (id, agency_id, kind, made_at) select key, 1, 'contact', started from made;
insert into vault_grant (key_id, holder, agency_id, owner_id, purpose, made_at, expires_at, wrapped, wrapping_key)
    select key, holder, 1, 1, '', started, '9000-01-01Z', decode(repeat('00', 60), 'hex'), 'file:1:bench'
    from made, unnest(array['u' || operator, '1:supervisor']) holder;
insert into contacts_contact (id, number, channel, operator_id, started, ended, state, safe_to_talk, key_id,
    caller_role, ubigeo, language, urgency, privacy_choice, heard_of_us, type, hard_call, version, edits)
    select contact, n, 'call', operator, started, started + interval '20 minutes',
    case when n % 1000 = 0 then 'open' else 'wrapped' end, 'yes', key, 'self', '150101', 'es', 'soon', 'anonymous', '',
    (array['crisis', 'information', 'silent', 'hang_up', 'test'])[1 + n % 5], '', 1, '{{}}' from made;
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
    sql: str  # with {listed}, how a list begins, {found}, how one is looked up, {counted}
    limit: float  # how many times the hand-written filter it may cost


NEWEST = "order by h.made_at desc, c.number desc limit 25"
THIS_MONTH = "c.started > now() - interval '30 days'"
QUESTIONS = (
    Question("list, newest 25", f"select c.* {{listed}} {NEWEST}", 1.5),
    Question("list, crisis of 30 days", f"select c.* {{listed}} and c.type = 'crisis' and {THIS_MONTH} {NEWEST}", 1.5),
    Question("count of a month", f"select c.type, count(*) {{counted}} and {THIS_MONTH} group by 1 order by 1", 1.5),
    Question("one by its id", "select c.* {found} and c.id = {own}", 2.0),
    Question("one by its number", "select c.* {found} and c.number = {number}", 2.0),
    Question("one that is not mine", "select c.* {found} and c.id = {other}", 2.0),
)


@contextmanager
def database(contacts: int) -> Iterator[None]:
    """A home of its own with so many contacts in it."""
    with home():
        from django.db import connection

        with connection.cursor() as cursor:
            people = OPERATORS + SUPERVISORS
            cursor.execute(LOAD.format(operators=OPERATORS, people=people, others=OPERATORS - 1, contacts=contacts))
            cursor.execute("vacuum analyze")
        yield


def timed(link: Any, sql: str) -> tuple[float, list[Any]]:
    """Milliseconds, and the first column of the answer."""
    start = time.perf_counter()
    rows = link.execute(sql).fetchall()
    return (time.perf_counter() - start) * 1000, [row[0] for row in rows]


def blocks(link: Any, sql: str) -> int:
    plan = link.execute(f"explain (analyze, buffers, format json) {sql}").fetchone()[0][0]["Plan"]
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


def measure(user: Any, rounds: int) -> list[tuple[Question, float, float, int, int]]:
    """Of each question: median by hand, median under the gate, blocks by hand, blocks under the gate."""
    import psycopg
    from django.db import connection

    from amparo.ground.core.acting import need_to_know

    at, found = connection.settings_dict, []
    hand = psycopg.connect(dbname=at["NAME"], user=at["USER"], host=at["HOST"], autocommit=True)
    mine = hand.execute(
        "select c.id, c.number from contacts_contact c join vault_grant g on g.key_id = c.key_id"
        " where g.holder = any (%s) limit 1",
        [list(user.acting().holders)],
    )
    own, number = mine.fetchone()
    other = hand.execute("select id from contacts_contact where operator_id <> %s limit 1", [user.pk]).fetchone()[0]
    own_name, role_name = user.acting().holders
    listed = LISTED.format(holder=role_name if user.role == "supervisor" else own_name)
    found_by = FOUND.format(user=user.pk, role=user.role)
    with need_to_know(user.acting()):
        gate = connection.cursor().connection
        for question in QUESTIONS:
            words = {"listed": listed, "found": found_by, "own": f"'{own}'", "other": f"'{other}'", "number": number}
            filtered = question.sql.format(counted=found_by, **words)
            plain = question.sql.format(counted="from contacts_contact c where true", **words)
            by_hand, gated = [], []
            for _ in range(rounds):
                took, rows = timed(hand, filtered)
                by_hand.append(took)
                took, same = timed(gate, plain)
                gated.append(took)
                assert rows == same, question.name
            found.append(
                (
                    question,
                    statistics.median(by_hand),
                    statistics.median(gated),
                    blocks(hand, filtered),
                    blocks(gate, plain),
                )
            )
    return found


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--contacts", type=int, default=1_000_000)
    arguments.add_argument("--rounds", type=int, default=40)
    chosen = arguments.parse_args()
    with database(chosen.contacts):
        from amparo.ground.access.models import User

        print(f"load average {os.getloadavg()[0]:.1f}, {chosen.contacts:,} contacts")
        print("| who | question | by hand | gated | ratio | blocks |\n|---|---|---|---|---|---|")
        for pk, who in ((1, "operator, few"), (7, "operator"), (OPERATORS + 1, "supervisor")):
            for question, hand, gated, few, many in measure(User.objects.get(pk=pk), chosen.rounds):
                held = "" if gated <= question.limit * hand else " **over**"
                print(
                    f"| {who} | {question.name} | {hand:.2f} | {gated:.2f} | {gated / hand:.2f}{held} | {few}/{many} |"
                )


if __name__ == "__main__":
    main()
