"""Searching a name among all names, exporting all cases to one file, and the disk space of one complete case."""

import statistics
import time
import tracemalloc
import uuid
from collections.abc import Callable
from typing import Any

import psycopg

from tests.hotline import Hotline

from . import caseload
from .access import on_one_processor

LIVES = 500  # a page of 8 kB more or less in each table and index is 1 kB of 100 lives
SEARCHES = 300
TURNS = 3  # runs of an export and of its COPY; the first run of a process also loads modules
RAW = """copy (select c.number, c.state, c.closing, (select json_agg(json_build_object('part', part, 'gender', gender,
    'citizenship', citizenship, 'languages', languages, 'age', age_at_events,
    'result', (select result from screening_assessment a where a.person_id = p.id order by signed_at desc limit 1),
    'answers', (select answers from screening_screening s where s.person_id = p.id),
    'events', (select json_agg(json_build_object('kind', kind, 'country', country, 'place', ubigeo, 'since', since))
    from cases_event e where e.person_id = p.id))) from people_person p
    where p.key_id = c.key_id and part <> 'caller'),
    exists (select from consent_consent a where a.key_id = c.key_id and withdrawn_at is null),
    (select json_agg(json_build_object('to', name, 'at', sent_at)) from police_reports_report r
    join access_agency g on g.id = to_agency_id where r.case_id = c.id)
    from cases_case c order by c.number) to stdout"""

# A search of a name without need-to-know, sealing and ledger: the newest of that name, each a whole record.
RAW_PAGE = """with found as (select case_id from floor_person where names = %s order by id desc limit 21)
    select c.* from floor_contact c join found using (case_id) order by c.started desc limit 20"""


def fresh_contacts(operators: list[int], count: int) -> list[str]:
    """Runs in the hotline's process: open this many contacts, of these operators in turn. Returns the contacts' ids."""
    from django.utils import timezone

    from amparo.foundation.access.models import User
    from amparo.line.contacts.rules import open_contact
    from amparo.line.switchboard.models import Call, State

    people, now = [User.objects.get(pk=pk) for pk in operators], timezone.now()
    turns = [people[n % len(people)] for n in range(count)]
    calls = Call.objects.bulk_create(
        Call(arrived_at=now, answered_at=now, state=State.TALKING, operators=[by.pk], language="es") for by in turns
    )
    return [str(open_contact(call, by=by, now=now).pk) for call, by in zip(calls, turns, strict=True)]


def name_searches(it: Hotline, floor: str, numbers: list[int]) -> str:
    found, read, page, row = (
        1000 * statistics.median(times) for times in zip(*it.do(_look_for, floor, numbers), strict=True)
    )
    return (
        f"a name found by its token, entries included: p50 {found:.2f} ms, with the people of that name {read:.2f} ms;"
        f" bare SQL, a page of records by a b-tree of names {page:.2f} ms, {found / page:.1f} and {read / page:.1f}"
        f" times; one column by it {row:.2f} ms, {found / row:.1f} times"
    )


def _look_for(floor: str, numbers: list[int]) -> list[tuple[float, ...]]:
    """Time searches of a name, as the operator of these cases, on one processor; and bare SQL on the floor's database.

    Returns for each turn the seconds of four steps: until the search has found the ids of data keys, and until the
    people of these keys are read too; SQL for the records of that name, and SQL for one column.
    """
    from django.db import connection

    from amparo.care.cases.models import Case
    from amparo.foundation.audit.labels import Purpose

    acting = Case.objects.select_related("opened_by").get(number=numbers[0]).opened_by.acting(Purpose.DANGER)
    with psycopg.connect(floor, autocommit=True) as link:
        on_one_processor(connection.connection, link)
        return [_one_search(link, numbers[turn % len(numbers)], acting) for turn in range(SEARCHES)]


def _one_search(link: psycopg.Connection, number: int, acting: Any) -> tuple[float, ...]:
    from amparo.care.people.models import people_by_identity_keys
    from amparo.care.people.picklists import Part
    from amparo.foundation.core.actor import acting_as
    from amparo.foundation.vault import tokens
    from amparo.foundation.vault.models import Token

    name = f"Inventada{number % 200} Imaginaria{number // 800}"
    begun = time.perf_counter()
    keys = tokens.search_records(Token.Kind.NAME, caseload.name_of(number), acting=acting)
    found = time.perf_counter()
    with acting_as(acting, asynchronous_commit=True):
        people = list(people_by_identity_keys(Part.AT_RISK, keys))
    read = time.perf_counter()
    rows = link.execute(RAW_PAGE, [name]).fetchall()
    page = time.perf_counter()
    assert 0 < len(keys) == len(people) <= len(rows)
    link.execute("select case_id from floor_person where names = %s limit 20", [name]).fetchall()
    return found - begun, read - begun, page - read, time.perf_counter() - page


def export(it: Hotline) -> str:
    records, ours, raw, peak, half = it.do(_export)
    return (
        f"all {records:,} cases as a file: {ours:.1f} s of CPU, COPY of the same columns {raw:.1f} s, {ours / raw:.1f}"
        f" times; at most {peak:.1f} MB of it in memory, {half:.1f} MB for the first tenth"
    )


def _export() -> tuple[int, float, float, float, float]:
    """Return the number of cases; the CPU seconds of our export and of a bare COPY, each with the database's; and the
    peak of memory in MB, of exporting all cases and of exporting a tenth.
    """
    from django.db import connection
    from django.utils import timezone

    from amparo.care.cases.models import Case
    from amparo.care.exchange.htcds_export import json_file
    from amparo.care.exchange.rules import export_all
    from amparo.foundation.access.models import User
    from amparo.foundation.audit.labels import Purpose

    by = User.objects.filter(role="supervisor").first()
    assert by
    every = Case.objects.count()

    def written(most: int) -> int:
        records = export_all(purpose=Purpose.REVIEW, by=by, now=timezone.now())
        return sum(1 for number, _line in zip(range(most), json_file(records), strict=False))

    def copied() -> None:
        with connection.cursor() as cursor, cursor.copy(RAW) as rows:
            for _row in rows:
                pass

    ours, raw = (min(_cpu_of(work) for _turn in range(TURNS)) for work in (lambda: written(every + 2), copied))
    return every, ours, raw, _peak(lambda: written(every + 2)), _peak(lambda: written(every // 10))


def _cpu_of(work: Callable[[], object]) -> float:
    """Run `work`; return the CPU seconds of this process and of its database connection."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        [backend] = cursor.fetchone()
    from .casework import cpu

    before = time.process_time(), cpu({backend})
    work()
    return time.process_time() - before[0] + (cpu({backend}) - before[1]) / 1000


def _peak(work: Callable[[], object]) -> float:
    tracemalloc.start()
    work()
    fullest = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return fullest / 1e6


def bytes_a_life(it: Hotline) -> str:
    kilobytes, by_table = it.do(_live)
    most = ", ".join(f"{name} {size:.1f}" for name, size in by_table)
    return f"a whole life of a contact with its case: {kilobytes:.1f} kB ({most});"


def _live() -> tuple[float, list[tuple[str, float]]]:
    before = _sizes()
    operator = _an_operator()
    for number, pk in enumerate(fresh_contacts([operator.pk], LIVES)):
        _one_life(pk, number, operator)
    grown = {name: (size - before.get(name, 0)) / LIVES / 1000 for name, size in _sizes().items()}
    return sum(grown.values()), sorted(grown.items(), key=lambda each: -each[1])[:6]


def _an_operator() -> Any:
    from amparo.foundation.access.models import User

    return User.objects.filter(role="operator").latest("pk")


def _one_life(pk: str, number: int, by: Any) -> None:
    """One contact with three saves, wrapped up; its case with a situation, a name, three notes and a task, closed."""
    from django.utils import timezone

    from amparo.care.cases.picklists import Closing
    from amparo.care.cases.rules import change_case, close_case, open_case, write_note
    from amparo.care.people.rules import identify
    from amparo.foundation.audit.labels import Purpose
    from amparo.line.contacts.models import Contact
    from amparo.line.contacts.rules import save_draft, wrap_up

    contact, now, page = Contact.objects.get(pk=pk), timezone.now(), uuid.uuid4()
    for turn in range(1, 4):
        changes = {"limits": "yes", "notes": caseload.NOTE[: turn * 100], "safe_number": f"+5190{number:07}"}
        save_draft(contact, key=page, revision=turn, based_on=0, changes=changes, by=by, now=now)
    wrap_up(contact, type="crisis", key=page, by=by, now=now)
    case = open_case(contact, by=by, now=now)
    change_case(case, based_on=0, situation=caseload.SITUATION, by=by, now=now)
    [at_risk] = case.persons.filter(part="at_risk")
    identify(at_risk, purpose=Purpose.CARE, names=caseload.name_of(number), phone=f"+5190{number:07}", by=by, now=now)
    for _ in range(3):
        write_note(case, caseload.NOTE, by=by, now=now)
    close_case(case, Closing.SAFE, by=by, now=now)


def _sizes() -> dict[str, int]:
    """Bytes of each table with its indexes, without space that the next vacuum frees."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("vacuum full")
        cursor.execute("select relname, pg_total_relation_size(oid) from pg_class where relkind = 'r'")
        rows = dict(cursor.fetchall())
    return {name: size for name, size in rows.items() if not name.startswith("pg_")}
